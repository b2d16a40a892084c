"""Trains the graph neural network on seeded worlds: `make train-fraud` (an environment of its own, with torch).

Training and calibration have seeds of their own; those that figures are reported on (140 to 149) are none of them.
Every seed comes plain and under each stealth. Full batches, one world a step, Adam; one thread and fixed seeds, so the
same machine and torch give the same weights. Labels: an account is in a plant.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from desk.fraud import conduct as conducting
from desk.fraud import drift
from desk.fraud.boosting import Labels, calibrate
from desk.fraud.conduct import NAMES, Neighbours, conduct, neighbours
from desk.fraud.gnn import DEPTH, WEIGHTS, Layer, Network, pack, standard
from desk.fraud.graph import Floats
from desk.fraud.local import LocalGraph
from desk.fraud.scene import Scene
from desk.fraud.thresholds import STANDARD
from evals.fraud.build import build_world
from evals.fraud.worlds import VARIANTS, Plan, World

if TYPE_CHECKING:
    import torch

TRAINED, CALIBRATED = (0, 1, 3, 200, 201), (207, 208)
EPOCHS, HIDDEN, RATE, DROPPED, DECAY, SEED = 40, 32, 5e-3, 0.1, 1e-5, 9


class Lesson(NamedTuple):
    """One world: features (n, k), neighbours, and who is in a plant (n,)."""

    features: Floats
    near: Neighbours
    labels: Labels


def build_lesson(world: World) -> Lesson:
    """What the network sees of a world, and the truth."""
    scene = Scene(LocalGraph(world.columns), STANDARD)
    return Lesson(conduct(scene), neighbours(scene), world.planted)


def build_lessons(seeds: Sequence[int]) -> Iterator[Lesson]:
    """Every variant of every seed."""
    for seed in seeds:
        for variant in VARIANTS:
            yield build_lesson(build_world(Plan(seed, variant)))


class Fitted(NamedTuple):
    """A network that is not calibrated yet (slope 1, shift 0), and the mean loss of each epoch."""

    network: Network
    curve: list[float]


def fit(lessons: Sequence[Lesson], epochs: int = EPOCHS, hidden: int = HIDDEN, seed: int = SEED) -> Fitted:
    """Learns from worlds; the same ones give the same weights."""
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    rows = np.concatenate([lesson.features for lesson in lessons])
    centre, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    batches = [_batch(lesson, centre, spread) for lesson in lessons]
    sizes = [len(NAMES), *[hidden] * DEPTH]
    layers = [torch.nn.Linear(3 * a, b) for a, b in itertools.pairwise(sizes)]
    module = torch.nn.ModuleList([*layers, torch.nn.Linear(hidden, 1)])
    curve = _descend(module, batches, epochs, seed)
    parts = [Layer(_array(m.weight), _array(m.bias)) for m in module]
    record = drift.record(NAMES, rows)
    return Fitted(Network(centre, spread, tuple(parts[:DEPTH]), parts[DEPTH], 1.0, 0.0, record, {}), curve)


def _descend(module: torch.nn.ModuleList, batches: list[_Batch], epochs: int, seed: int) -> list[float]:
    import torch

    adam = torch.optim.Adam(module.parameters(), lr=RATE, weight_decay=DECAY)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(adam, epochs)
    dice, curve = np.random.default_rng(seed), []
    for epoch in range(epochs):
        losses = []
        for place in dice.permutation(len(batches)).tolist():
            adam.zero_grad()
            said = _forward(module, batches[place], DROPPED)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(said, batches[place].wanted)
            loss.backward()
            adam.step()
            losses.append(loss.item())
        slower.step()
        curve.append(round(float(np.mean(losses)), 5))
        sys.stderr.write(f"epoch {epoch + 1} of {epochs}: {curve[-1]}\n")
    return curve


class _Batch(NamedTuple):
    """A lesson for torch. `seen` is the input of the first layer, which never changes."""

    seen: torch.Tensor
    near: tuple[_Links, _Links]
    wanted: torch.Tensor


class _Links(NamedTuple):
    """Per link the account that looks, the one it sees, and the weight (links, 1) of that in the mean."""

    own: torch.Tensor
    other: torch.Tensor
    weight: torch.Tensor


def _batch(lesson: Lesson, centre: Floats, spread: Floats) -> _Batch:
    import torch

    h = standard(lesson.features, centre, spread)
    seen = np.concatenate([h, lesson.near.payers @ h, lesson.near.payees @ h], axis=1).astype(np.float32)
    wanted = torch.from_numpy(lesson.labels.astype(np.float32))
    return _Batch(torch.from_numpy(seen), (_links(lesson.near.payers), _links(lesson.near.payees)), wanted)


def _links(matrix: csr_array) -> _Links:
    import torch

    found = matrix.tocoo()
    own, other = (torch.from_numpy(end.astype(np.int64)) for end in found.coords)
    return _Links(own, other, torch.from_numpy(found.data.astype(np.float32))[:, None])


def _forward(module: torch.nn.ModuleList, batch: _Batch, dropped: float) -> torch.Tensor:
    """What the network says of each account (n,): the formula of `desk.fraud.gnn`, in torch."""
    import torch

    h = batch.seen
    for place in range(DEPTH):
        if place:
            means = [torch.zeros_like(h).index_add(0, one.own, h[one.other] * one.weight) for one in batch.near]
            h = torch.cat([h, *means], dim=1)
        h = torch.nn.functional.dropout(torch.relu(module[place](h)), dropped, training=dropped > 0)
    said: torch.Tensor = module[DEPTH](h)[:, 0]
    return said


def _array(tensor: torch.Tensor) -> Floats:
    found: Floats = tensor.detach().numpy().astype(np.float64)
    return found


def calibrated(network: Network, lessons: Sequence[Lesson]) -> Network:
    """The network with Platt's slope and shift, from worlds that it did not learn from."""
    said = np.concatenate([network.logits(lesson.features, lesson.near) for lesson in lessons])
    slope, shift = calibrate(said, np.concatenate([lesson.labels for lesson in lessons]))
    return replace(network, slope=slope, shift=shift)


def code_hash() -> str:
    """SHA-256 of what makes the features; the weights belong to it."""
    return hashlib.sha256(Path(conducting.__file__).read_bytes()).hexdigest()


def write(path: Path, fitted: Fitted, unseen: Sequence[Lesson]) -> dict[str, object]:
    """Calibrates, writes the weights and their record; returns the record."""
    import torch

    content = pack(calibrated(fitted.network, unseen))
    settings = {"epochs": EPOCHS, "hidden": HIDDEN, "rate": RATE, "dropped": DROPPED, "decay": DECAY, "seed": SEED}
    about: dict[str, object] = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "code": code_hash(),
        "features": list(NAMES),
        "worlds": {"trained": TRAINED, "calibrated": CALIBRATED, "variants": VARIANTS},
        "settings": settings,
        "curve": fitted.curve,
        "torch": torch.__version__,
    }
    path.write_bytes(content)
    path.with_suffix(".json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return about


def main() -> int:
    """Trains and writes the weights into the package."""
    about = write(WEIGHTS, fit(list(build_lessons(TRAINED))), list(build_lessons(CALIBRATED)))
    sys.stdout.write(json.dumps(about) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
