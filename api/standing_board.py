"""The leaderboard of arms on an instrument, and the states of its market: the same for the door and the command.

What was computed once is kept in the data folder and read again while prices, arms and earlier trials are the same.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from api.apart import Heard, run_apart
from desk.errors import DataError
from desk.experiments.arms import ARMS, BASELINE, Arm, find_arm, follow_regimes
from desk.experiments.closes import Closes
from desk.experiments.forecasters import Study, compare
from desk.experiments.records import count_trials, look_ahead, name_run, read_run, remember, write_run
from desk.factory import Desk
from desk.forecast.registry import Registry
from desk.forecast.states import NAMES, NONE, market_states, name_state
from desk.settings import VERSION
from tools.experiments import measures_body, open_models, read_surroundings

POINTS = 400
OPPOSITES = ("calm", "falling", "liquid")
_ONE = threading.Lock()
"""One comparison at a time; whoever waited finds it kept."""


class Wanted(NamedTuple):
    """What is compared: arms by name, the baseline among them, after so many trials."""

    closes: Closes
    models: Registry
    arms: tuple[str, ...]
    trials: int


def find_closes(desk: Desk, instrument: str, years: int) -> Closes:
    """By id, symbol or name; see `read_surroundings`."""
    known = desk.feed.instruments.find(instrument) or desk.feed.instruments.get(instrument)
    return read_surroundings(desk, known.id, years)


def lead_board(desk: Desk, instrument: str, years: int, names: Sequence[str] = (), heard: Heard | None = None) -> dict[
    str, object
]:  # fmt: skip
    """All arms, or those named, against the baseline; the object of `tenor experiments run --json`.

    In a process of its own, unless the same was kept. InputError for an unknown arm, DataError for too little history.
    """
    closes = find_closes(desk, instrument, years)
    arms = list(dict.fromkeys([BASELINE, *(find_arm(name).name for name in names)])) if names else list(ARMS)
    home = desk.folder / "experiments"
    tried = len(arms) - 1 + count_trials(home / "sweeps", closes.instrument.id)
    known = remember(home / "features", closes, desk.feed.now())
    id = name_run(closes, known, arms)
    with _ONE:
        kept = read_run(home / "runs", id)
        if kept is not None and (kept.get("tried"), kept.get("version")) == (tried, VERSION):
            return kept
        wanted = Wanted(closes, open_models(desk), tuple(arms), tried)
        body = run_apart(compare_arms, wanted, heard or (lambda _: None))
        whole = {**body, "id": id, "known": known, "tried": tried, "version": VERSION}
        write_run(home / "runs", id, closes, known, whole)
    return whole


def compare_arms(wanted: Wanted, heard: Heard) -> dict[str, object]:
    """The comparison itself; runs anywhere."""
    arms: list[Arm] = [ARMS[name] for name in wanted.arms]
    study = compare(wanted.closes, wanted.models, arms, trials=wanted.trials, progress=heard)
    return {**_told(study), "outlook": look_ahead(wanted.closes)}


def _told(study: Study) -> dict[str, object]:
    verdict = study.selection
    return {
        "instrument": study.closes.instrument.id,
        "start": study.closes.days[study.closes.first].isoformat(),
        "end": study.closes.days[-1].isoformat(),
        "winner": verdict.winner,
        "verdict": f"{verdict.winner} beats the baseline" if verdict.winner else "none beats the baseline",
        "trials": verdict.trials,
        "overfitting": round(verdict.overfitting, 4),
        "arms": [{"arm": name, **measures_body(run.measures)} for name, run in study.runs.items()],
        "differences": [
            {k: v if k == "arm" else round(v, 4) for k, v in d._asdict().items()} for d in verdict.differences
        ],
        "failed": [each._asdict() for each in study.failures],
    }


def tell_regimes(desk: Desk, instrument: str, years: int) -> dict[str, object]:
    """The states of an instrument's market over the last years, and what the regime arm held in them.

    Each band is a list of stretches of days, ends included: `wild` (else calm), `rising` (else falling), `thin` (else
    liquid), and `followed`, the arm that is followed where it is not the baseline.
    """
    closes = find_closes(desk, instrument, years)
    home = desk.folder / "experiments" / "regimes"
    data = hashlib.sha256(closes.values.tobytes() + VERSION.encode()).hexdigest()
    id = name_run(closes, {"closes": data}, ["regime"])
    with _ONE:
        kept = read_run(home, id)
        if kept is None:
            kept = run_apart(follow_market, Wanted(closes, open_models(desk), ("regime",), 0))
            write_run(home, id, closes, {"closes": data}, kept)
    return kept


def follow_market(wanted: Wanted, _: Heard) -> dict[str, object]:
    """See `tell_regimes`; runs anywhere."""
    closes = wanted.closes
    rows = slice(closes.first, closes.values.size)
    states, followed = market_states(closes.values)[rows], follow_regimes(closes, wanted.models)
    days, arms = [day.isoformat() for day in closes.days[rows]], list(followed.names)
    if not (states != NONE).any():
        raise DataError(f"{closes.instrument.id} has too few closes for a state of its market; ask for more years")
    bits = [(states != NONE) & (states >> (2 - n) & 1 == 1) for n in range(len(NAMES))]
    chosen, held = followed.arms[rows], followed.decisions[rows]
    bands = {name: _stretches(bit, days) for name, bit in zip(NAMES, bits, strict=True)}
    picks = np.unique(np.linspace(0, len(days) - 1, POINTS).astype(int)).tolist()
    return {
        "instrument": closes.instrument.id,
        "label": closes.instrument.label,
        "start": days[0],
        "end": days[-1],
        "now": name_state(int(states[-1])),
        "now_holds": arms[int(chosen[-1])] if chosen[-1] >= 0 else BASELINE,
        "now_share": round(float(held[-1]), 4),
        "followed_pct": round(100 * float((chosen >= 0).mean()), 2),
        "bands": [
            {
                "name": name,
                "opposite": other,
                "percent": round(100 * float(bit.mean()), 1),
                "stretches": bands[name],
            }
            for name, other, bit in zip(NAMES, OPPOSITES, bits, strict=True)
        ],
        "followed": [
            {"arm": arms[n], **stretch} for n in range(len(arms)) for stretch in _stretches(chosen == n, days)
        ],
        "states": _counted(states, closes.counted),
        "days": [days[pick] for pick in picks],
        "closes": [round(float(closes.counted[pick]), 6) for pick in picks],
    }


def _stretches(inside: NDArray[np.bool_], days: Sequence[str]) -> list[dict[str, str]]:
    """First and last day of each run of true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8)))
    return [
        {"start": days[a], "end": days[b - 1]} for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]


def _counted(states: NDArray[np.int64], closes: NDArray[np.float64]) -> list[dict[str, object]]:
    """Each state that was there, with its days and the mean and deviation of the day after it, yearly, in percent."""
    after = np.diff(np.log(closes), append=np.nan)
    found = list[dict[str, object]]()
    measures: list[tuple[str, Callable[[NDArray[np.float64]], float]]] = [
        ("return_pct", lambda each: float(np.expm1(each.mean() * 252)) * 100),
        ("volatility_pct", lambda each: float(each.std(ddof=1)) * np.sqrt(252) * 100),
    ]
    for state in np.unique(states[states != NONE]).tolist():
        each = after[(states == state) & np.isfinite(after)]
        row: dict[str, object] = {"name": name_state(state), "days": int((states == state).sum())}
        for name, measure in measures:
            row[name] = round(measure(each), 1) if each.size > 21 else None
        found.append(row)
    return found
