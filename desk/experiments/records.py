"""What is kept of a comparison: its verdict, the hash of what was known, and every trial that was made before it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import numpy as np

from desk.experiments.closes import Closes, close_instants
from desk.experiments.sweep import open_plan
from desk.forecast.intervals import LEVEL, coverage
from desk.forecast.outlook import return_outlook, volatility_outlook
from desk.forecast.states import market_states, name_state
from desk.forecast.store import FeatureStore
from desk.risk.measures import Vector


def count_trials(sweeps: Path, instrument: str) -> int:
    """Backtests of every sweep on the instrument: whoever compares after them has tried them too."""
    plans = [open_plan(path.parent) for path in sweeps.glob("*/plan.json")]
    return sum(job.instrument == instrument for plan in plans for job in plan.jobs)


def look_ahead(closes: Closes) -> dict[str, object]:
    """The outlook after the last close, and how often such intervals held over the counted days.

    Log returns of the next tradable day around zero, and the deviation a day of the next month; shares, not percent.
    """
    values, rows = closes.values, slice(closes.first, None)
    said, up = return_outlook(values, np.zeros(values.size))
    wild = volatility_outlook(values)
    told: dict[str, object] = {
        "level": LEVEL,
        "state": name_state(int(market_states(values)[-1])),
        "up": _shown(up),
    }
    for name, each in (("return", said), ("volatility", wild)):
        share, days = coverage(each.outcome, each.intervals, rows)
        told[name] = {
            "forecast": _shown(each.forecast),
            "low": _shown(each.intervals.low),
            "high": _shown(each.intervals.high),
            "covered": round(share, 4) if math.isfinite(share) else None,
            "days": days,
        }
    return told


def remember(folder: Path, closes: Closes, now: datetime) -> dict[str, str]:
    """Keeps closes and moods with when they were known; the hashes of what is known at `now`, by series."""
    store = FeatureStore(folder / f"{closes.instrument.id.replace(':', '.')}.npz")
    days = np.array([day.toordinal() for day in closes.days])
    known, told = np.array([end.timestamp() for end in close_instants(closes)]), {}
    for name, values in (("close", closes.values), ("mood", closes.moods)):
        if values is not None:
            store.learn(name, days, values, known, now.timestamp())
            told[name] = store.as_of(name, now.timestamp()).sha256
    return told


def name_run(closes: Closes, known: Mapping[str, str], arms: Iterable[str]) -> str:
    """The id of a comparison of these arms on what was `known`: the same for the same."""
    digest = hashlib.sha256(json.dumps([known, closes.window, sorted(arms)]).encode()).hexdigest()
    return f"{closes.instrument.id.replace(':', '.').lower()}-{closes.days[-1]}-{digest[:10]}"


def write_run(folder: Path, name: str, closes: Closes, known: Mapping[str, str], body: Mapping[str, object]) -> None:
    """Writes a comparison with the hashes of what was `known`."""
    folder.mkdir(parents=True, exist_ok=True)
    record = {"known": dict(known), "window": closes.window, **body}
    (folder / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read_run(folder: Path, name: str) -> dict[str, object] | None:
    """What `write_run` wrote; None when there is none or the file is damaged."""
    try:
        found = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _shown(values: Vector) -> float | None:
    last = float(values[-1])
    return round(last, 6) if math.isfinite(last) else None
