"""Many backtests as one plan in a folder: what is to be run, on which closes, and what came out of each part.

The plan holds the closes themselves with their hash, so that every worker sees the same ones and nothing later. A part
is written whole or not at all and never twice: a sweep that was stopped goes on with the parts that are missing.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from desk.backtest.costs import Costs
from desk.backtest.engine import Run, run_backtest
from desk.errors import DataError, InputError, NotFound
from desk.experiments.arms import ARMS, BASELINE, find_arm
from desk.experiments.closes import DAYS_OF_YEAR, Closes
from desk.experiments.selection import select
from desk.forecast.registry import Registry
from desk.instruments import Instruments

PART = 5
MOST = 20_000


class Job(NamedTuple):
    """One backtest: an arm on an instrument over the last `days` closes, at so many times the usual costs."""

    instrument: str
    arm: str
    days: int
    costs: float


@dataclass(frozen=True)
class Plan:
    """A sweep: its folder, its jobs in parts, and the hash of the closes it runs on."""

    folder: Path
    jobs: tuple[Job, ...]
    data: str

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return -(-len(self.jobs) // PART)

    def missing(self) -> list[int]:
        """The parts without a result."""
        return [part for part in range(self.parts) if not _result(self.folder, part).exists()]

    def rows(self) -> list[dict[str, object]]:
        """What came out so far, in the plan's order."""
        files = [_result(self.folder, part) for part in range(self.parts)]
        return [row for file in files if file.exists() for row in json.loads(file.read_text(encoding="utf-8"))]


def make_plan(
    folder: Path, closes: Sequence[Closes], arms: Sequence[str], windows: Sequence[int], costs: Sequence[float]
) -> Plan:
    """Every arm on every instrument, window (closes) and cost; the plan is in the folder when this returns.

    InputError for an unknown arm, a window that does not fit, costs below zero, no job or more than `MOST`.
    """
    names = [find_arm(arm).name for arm in arms]
    for each, days in itertools.product(closes, windows):
        if not 252 <= days <= each.window:
            raise InputError(f"{days} days of {each.instrument.id} is not between 252 and {each.window}")
    if min(costs, default=0.0) < 0:
        raise InputError(f"costs of {min(costs)} times the usual are below zero")
    grid = itertools.product((each.instrument.id for each in closes), names, windows, costs)
    jobs = tuple(Job(*one) for one in grid)
    if not 1 <= len(jobs) <= MOST:
        raise InputError(f"a sweep of {len(jobs)} backtests is not between 1 and {MOST}")
    (folder / "parts").mkdir(parents=True)
    for each in closes:
        np.savez(_closes(folder, each.instrument.id), allow_pickle=False, **_arrays(each))
    data = _hash(folder)
    body = json.dumps({"version": 1, "data": data, "jobs": jobs}, indent=0)
    _write(folder / "plan.json", body)
    return Plan(folder, jobs, data)


def open_plan(folder: Path) -> Plan:
    """The plan in a folder. NotFound when there is none, DataError when its closes are not those it was made on."""
    try:
        body = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        plan = Plan(folder, tuple(Job(*job) for job in body["jobs"]), str(body["data"]))
    except FileNotFoundError:
        raise NotFound(f"there is no sweep {folder.name}; `tenor experiments list` names those there are") from None
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"the plan of sweep {folder.name} is damaged ({error}); begin a new one") from None
    if _hash(folder) != plan.data:
        raise DataError(f"the closes of sweep {folder.name} are not those its plan was made on; begin a new one")
    return plan


def run_part(plan: Plan, part: int, instruments: Instruments, models: Registry) -> None:
    """Runs the backtests of a part and writes what came out; a job that breaks is told in its row."""
    target = _result(plan.folder, part)
    if target.exists():
        return
    rows = [_run(plan, job, instruments, models) for job in plan.jobs[part * PART : (part + 1) * PART]]
    _write(target, json.dumps(rows))


def _run(plan: Plan, job: Job, instruments: Instruments, models: Registry) -> dict[str, object]:
    told: dict[str, object] = dict(job._asdict())
    try:
        closes = replace(_read(plan.folder, job.instrument, instruments), window=job.days)
        peers = closes.peers[-job.days :] if closes.peers is not None else None
        closes = replace(closes, peers=peers)
        own, base = (_trade(closes, name, job.costs, models) for name in (job.arm, BASELINE))
        told |= {"sharpe": own.measures.sharpe, "yearly": own.measures.yearly, "drawdown": own.measures.drawdown}
        told |= {"trades": own.measures.trades, "baseline": base.measures.sharpe}
        if job.arm != BASELINE:
            pair = {BASELINE: base.returns, job.arm: own.returns}
            found = select(BASELINE, pair, trials=len(plan.jobs), periods=closes.periods).differences[0]
            told |= {**found._asdict(), "beats": found.beats}
    except Exception as error:  # noqa: BLE001 - one job's fault is told, the others go on
        told["failed"] = f"{type(error).__name__}: {error}"
    return told


def _trade(closes: Closes, name: str, costs: float, models: Registry) -> Run:
    arm, usual = ARMS[name], closes.costs
    dear = Costs(usual.commission_bps * costs, usual.least * costs, usual.half_spread_bps * costs)
    lot = float(closes.instrument.lot) if arm.trades_itself else 1e-6
    decisions = arm.decide(closes, models)[-closes.window :]
    return run_backtest(arm.prices(closes), decisions, dear, lot=lot, cash=closes.cash, periods=closes.periods)


def _arrays(closes: Closes) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64 | np.int64]]]:
    found = {
        "days": np.array([day.toordinal() for day in closes.days]),
        "values": closes.values,
        "window": np.array([closes.window]),
    }
    extra = {"moods": closes.moods, "peers": closes.peers}
    return {**found, **{name: each for name, each in extra.items() if each is not None}}


def _read(folder: Path, instrument: str, instruments: Instruments) -> Closes:
    with np.load(_closes(folder, instrument), allow_pickle=False) as file:
        parts = {name: file[name] for name in file.files}
    days = [date.fromordinal(day) for day in parts["days"].tolist()]
    known, window = instruments.get(instrument), int(parts["window"][0])
    return Closes(known, days, parts["values"], window, parts.get("moods"), parts.get("peers"))


def closes_of_years(closes: Closes, years: float) -> int:
    """How many closes the last `years` hold."""
    return round(closes.periods * min(years, (closes.days[-1] - closes.days[0]).days / DAYS_OF_YEAR))


def _closes(folder: Path, instrument: str) -> Path:
    return folder / f"{instrument.replace(':', '.')}.npz"


def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.npz")):
        with np.load(path, allow_pickle=False) as file:  # not the bytes: a zip holds the time it was written
            for name in sorted(file.files):
                digest.update(f"{path.name} {name} {file[name].shape}".encode() + file[name].tobytes())
    return digest.hexdigest()


def _result(folder: Path, part: int) -> Path:
    return folder / "parts" / f"{part:05}.json"


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
