"""Trains the recurrent network on the bundled stocks: `make train-lstm` (the training environment, with torch).

One network for each cut-off day, from closes up to that day alone: nothing that a later day will be judged on is seen.
The last tenth of the days is held out to show the loss, and decides nothing. One thread and fixed seeds: the same data,
code, torch and machine give the same weights. After each epoch the state is kept in `.cache/lstm`; a training that was
stopped goes on there and ends with the same weights.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from desk.forecast import features, sequences
from desk.forecast.features import DELAY, Matrix, Vector, build_targets
from desk.forecast.recurrent import WEIGHTS, Cell, Network, pack
from desk.forecast.registry import hash_arrays, hash_code, write_model
from desk.forecast.sequences import FIRST, NAMES, STEPS, build_rows, build_windows

if TYPE_CHECKING:
    import torch

HISTORY = Path(features.__file__).parents[1] / "market" / "data" / "history.npz"
STOCKS, LISTED = ("XNAS.", "XNYS."), 8_313
CUTOFFS = tuple(date(year, 12, 31) for year in (1999, 2003, 2007, 2011, 2015, 2019))
EPOCHS, HIDDEN, RATE, DECAY, BATCH, SEED, CUT = 6, 12, 3e-3, 1e-4, 1024, 17, 5.0
EMBARGO_DAYS = 5
STATES = Path(".cache/lstm")


class Lesson(NamedTuple):
    """Windows (n, STEPS, k), targets (n,), and the day on which each target was known (n,) as an ordinal."""

    windows: Matrix
    targets: Vector
    known: Vector


def read_lesson() -> Lesson:
    """Every window of every bundled stock, in units that have no scale (integers of any decimals do)."""
    windows, targets, known = [], [], []
    with np.load(HISTORY, allow_pickle=False) as file:
        names = [name[:-6] for name in file.files if name.endswith(".close") and name.startswith(STOCKS)]
        for name in names:
            closes, days = file[f"{name}.close"].astype(np.float64), file[f"{name}.day"]
            if closes.size != LISTED:
                continue
            rows, scale = build_rows(closes)
            last = closes.size - DELAY - 1
            windows.append(build_windows(rows, FIRST)[: last - FIRST].astype(np.float32))
            targets.append(np.clip(build_targets(closes)[FIRST:last] / scale[FIRST:last], -CUT, CUT))
            known.append(days[FIRST + DELAY + 1 : last + DELAY + 1] + date(1970, 1, 1).toordinal())
    return Lesson(np.concatenate(windows), np.concatenate(targets), np.concatenate(known))


def until(lesson: Lesson, cutoff: date) -> tuple[Lesson, Lesson]:
    """What was known by the cut-off less the embargo: nine tenths of the days to learn from, then the held-out rest."""
    end = (cutoff - timedelta(EMBARGO_DAYS)).toordinal()
    first = int(lesson.known.min())
    middle = first + 9 * (end - first) // 10
    learned = lesson.known <= middle
    # a target that ends just after the middle shares days with windows before it
    held = (lesson.known > middle + EMBARGO_DAYS + STEPS) & (lesson.known <= end)
    return _rows(lesson, learned), _rows(lesson, held)


def _rows(lesson: Lesson, which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Lesson:
    return Lesson(lesson.windows[which], lesson.targets[which], lesson.known[which])


class Curve(NamedTuple):
    """Mean loss of each epoch on the learned and on the held-out days."""

    learned: list[float]
    held_out: list[float]


def fit(
    lesson: Lesson, held: Lesson, seed: int = SEED, epochs: int = EPOCHS, state: Path | None = None
) -> tuple[Cell, Curve]:
    """Learns; goes on from `state` when that file is there."""
    import torch

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)
    module = torch.nn.ModuleList([torch.nn.LSTM(len(NAMES), HIDDEN, batch_first=True), torch.nn.Linear(HIDDEN, 2)])
    adam = torch.optim.AdamW(module.parameters(), lr=RATE, weight_decay=DECAY)
    curve, begun = Curve([], []), 0
    if state is not None and state.exists():
        kept = torch.load(state, weights_only=True)
        module.load_state_dict(kept["module"])
        adam.load_state_dict(kept["adam"])
        curve, begun = Curve(kept["learned"], kept["held_out"]), len(kept["learned"])
    windows, targets = torch.from_numpy(lesson.windows), torch.from_numpy(lesson.targets.astype(np.float32))
    for epoch in range(begun, epochs):
        curve.learned.append(_epoch(module, adam, windows, targets, np.random.default_rng((seed, epoch))))
        curve.held_out.append(_held_out(module, held))
        sys.stderr.write(f"epoch {epoch + 1} of {epochs}: {curve.learned[-1]:.5f}, held out {curve.held_out[-1]:.5f}\n")
        if state is not None:
            state.parent.mkdir(parents=True, exist_ok=True)
            draft = state.with_suffix(".tmp")
            torch.save({"module": module.state_dict(), "adam": adam.state_dict(), **curve._asdict()}, draft)
            draft.replace(state)
    return _cell(module), curve


def _epoch(
    module: torch.nn.ModuleList,
    adam: torch.optim.Optimizer,
    windows: torch.Tensor,
    targets: torch.Tensor,
    dice: np.random.Generator,
) -> float:
    losses = []
    for rows in np.array_split(dice.permutation(len(targets)), max(1, len(targets) // BATCH)):
        adam.zero_grad()
        loss = _loss(module, windows[rows], targets[rows])
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return round(float(np.mean(losses)), 5)


def _loss(module: torch.nn.ModuleList, windows: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The normal negative log likelihood without its constant."""
    states, _ = module[0](windows)
    said = module[1](states[:, -1])
    found: torch.Tensor = (said[:, 1] + 0.5 * ((targets - said[:, 0]) / said[:, 1].exp()) ** 2).mean()
    return found


def _held_out(module: torch.nn.ModuleList, held: Lesson) -> float:
    import torch

    with torch.no_grad():
        loss = _loss(module, torch.from_numpy(held.windows), torch.from_numpy(held.targets.astype(np.float32)))
    return round(float(loss), 5)


def _cell(module: torch.nn.ModuleList) -> Cell:
    lstm, head = module[0], module[1]
    bias = lstm.bias_ih_l0 + lstm.bias_hh_l0
    parts = (lstm.weight_ih_l0, lstm.weight_hh_l0, bias, head.weight, head.bias)
    return Cell(*(part.detach().numpy().astype(np.float64) for part in parts))


def code_hash() -> str:
    """SHA-256 of what makes the windows; the weights belong to it."""
    return hash_code([features.__file__, sequences.__file__])


def train(cutoffs: Sequence[date], states: Path) -> tuple[bytes, dict[str, object]]:
    """The packed weights of all cut-off days, and their record."""
    import torch

    lesson, cells, curves, begun = read_lesson(), [], {}, time.process_time()
    for number, cutoff in enumerate(cutoffs, 1):
        learned, held = until(lesson, cutoff)
        sys.stderr.write(f"cut-off {number} of {len(cutoffs)}, {cutoff}: {len(learned.targets)} windows\n")
        cell, curve = fit(learned, held, SEED + number, state=states / f"{cutoff}.pt")
        cells.append(cell)
        curves[cutoff.isoformat()] = curve._asdict()
    network = Network(tuple(cutoffs), tuple(cells), {})
    settings = {"epochs": EPOCHS, "hidden": HIDDEN, "rate": RATE, "decay": DECAY, "batch": BATCH, "cut": CUT}
    return pack(network), {
        "features": list(NAMES),
        "steps": STEPS,
        "data": hash_arrays([lesson.windows, lesson.targets, lesson.known]),
        "code": code_hash(),
        "seed": SEED,
        "settings": settings,
        "curves": curves,
        "torch": torch.__version__,
        "cpu_seconds": round(time.process_time() - begun, 1),
    }


def main() -> int:
    """Trains and writes the weights into the package."""
    content, about = train(CUTOFFS, STATES)
    write_model(WEIGHTS, content, about)
    sys.stdout.write(json.dumps({name: about[name] for name in ("data", "code", "seed", "cpu_seconds")}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
