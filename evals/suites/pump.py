"""Pump and dump: planted pumps in the bundled real bars, beside news that stays; labels are read for scoring only.

A case names an instrument, a seed, and what is known beside prices. `--data` takes other such lines; `file` names a
CSV of bars (`desk.fraud.abuse.intake`), relative to the lines. A pump is found by an alert that overlaps it; any other
alert is false, and so is a second one. `delay` is how many bars after the peak the rule could tell, median over those
found. `false_per_asset_year` counts the time that the bars span.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
from pydantic import Field

from desk.errors import InputError
from desk.fraud.abuse.intake import read_market
from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.pump import find_pumps
from desk.fraud.abuse.records import Bars
from desk.market.history import History
from evals.abuse.pumps import Known, PumpWorld, plant_pumps
from evals.dataset import CASES, CaseResult, Identified, SuiteResult, read_cases, share, summarise
from graphs.runtime import Runtime

DESCRIPTION = "Pump and dump planted in real bars: found, false alerts an asset-year, bars from the peak to the alert."
KNOWN: tuple[Known, ...] = ("all", "volume", "price")
METRICS = (
    "recall",
    "precision",
    "false_per_asset_year",
    "delay",
    *(f"{what}_{known}" for known in KNOWN for what in ("recall", "false_per_asset_year")),
    "pumps",
    "asset_years",
)
FILE = CASES / "pump.jsonl"
LEAST_RECALL, MOST_FALSE = 0.9, 1.0


class PumpCase(Identified):
    """A world to build. `hours`: `HH:MM` at which pumps may begin, for bars shorter than a day."""

    seed: int = Field(ge=0)
    instrument: str
    known: Known = "all"
    pumps: int = Field(default=10, ge=0, le=500)
    file: str = ""
    hours: tuple[str, ...] = ()


@dataclass
class Tally:
    """Counts over worlds."""

    pumps: int = 0
    found: int = 0
    alerts: int = 0
    years: float = 0.0
    delays: list[int] = field(default_factory=list)

    @property
    def false(self) -> int:
        """Alerts that are no pump, or a second one of a pump."""
        return self.alerts - self.found

    def add(self, other: Tally) -> None:
        """The counts of another one too."""
        self.pumps, self.found, self.alerts = (
            self.pumps + other.pumps,
            self.found + other.found,
            self.alerts + other.alerts,
        )
        self.years += other.years
        self.delays += other.delays


async def run(_: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Plants and looks in every case. InputError for a line that is no case, an unknown instrument, a bad file."""
    path = data or FILE
    cases, history = read_cases(path, PumpCase, _check), History()
    tallies: dict[Known, Tally] = defaultdict(Tally)
    results = []
    for done, case in enumerate(cases, 1):
        results.append(await asyncio.to_thread(_judge, case, path.parent, history, tallies[case.known]))
        progress(done)
    return summarise("pump", results, _measure(tallies))


def count(world: PumpWorld) -> Tally:
    """How the rule does in one world."""
    alerts, bars = find_pumps(world.bars, world.around), world.bars
    tally = Tally(pumps=len(world.pumps), alerts=len(alerts), years=world.years)
    used: set[str] = set()
    for pump in world.pumps:
        start, end = bars.at[pump.base], bars.at[min(pump.end, len(bars) - 1)]
        hit = next((one for one in alerts if one.id not in used and one.start <= end and one.known_at > start), None)
        if hit is not None:
            used.add(hit.id)
            tally.found += 1
            tally.delays.append(int(np.searchsorted(bars.at, hit.known_at)) - pump.peak)
    return tally


def _check(case: PumpCase) -> None:
    for hour in case.hours:
        _minutes(hour)


def _minutes(text: str) -> tuple[int, int]:
    hour, _, minute = text.partition(":")
    if not (hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
        raise InputError(f"hours: {text!r} is not like 17:00")
    return int(hour), int(minute)


def _judge(case: PumpCase, folder: Path, history: History, total: Tally) -> CaseResult:
    began = time.perf_counter()
    bars = _bars_of(case, folder, history)
    tally = count(plant_pumps(bars, case.seed, case.pumps, case.known, [_minutes(hour) for hour in case.hours]))
    total.add(tally)
    recall, false = share(tally.found, tally.pumps), tally.false / tally.years
    passed = (recall is None or recall >= LEAST_RECALL) and false <= MOST_FALSE
    return CaseResult(
        id=case.id,
        passed=passed,
        score=1.0 if recall is None else recall,
        reason="" if passed else f"{tally.found} of {tally.pumps} pumps found, {tally.false} false alerts",
        ms=round((time.perf_counter() - began) * 1000, 1),
        cost_usd=0.0,
        notes={"pumps": tally.pumps, "found": tally.found, "false": tally.false, "years": round(tally.years, 3)},
    )


def _bars_of(case: PumpCase, folder: Path, history: History) -> Bars:
    if case.file:
        made = read_market(folder / case.file).bars
        if len(made) != 1:
            raise InputError(f"{case.file} does not hold the bars of one instrument")
        return made[0]
    series = history.series(case.instrument)
    scale = 10.0**series.places
    close = np.asarray(series.close / scale, dtype=np.float64)
    high = close if series.high is None else np.asarray(series.high / scale, dtype=np.float64)
    low = close if series.low is None else np.asarray(series.low / scale, dtype=np.float64)
    at = np.asarray(series.days * DAY, dtype=np.float64)
    return Bars(case.instrument, at, high, low, close, np.full(len(close), np.nan))


def _measure(tallies: dict[Known, Tally]) -> dict[str, float | None]:
    whole = Tally()
    for tally in tallies.values():
        whole.add(tally)
    metrics: dict[str, float | None] = dict.fromkeys(METRICS)
    metrics |= {
        "recall": share(whole.found, whole.pumps),
        "precision": share(whole.found, whole.alerts),
        "false_per_asset_year": round(whole.false / whole.years, 4) if whole.years else None,
        "delay": float(median(whole.delays)) if whole.delays else None,
        "pumps": float(whole.pumps),
        "asset_years": round(whole.years, 2),
    }
    for known, tally in tallies.items():
        metrics[f"recall_{known}"] = share(tally.found, tally.pumps)
        metrics[f"false_per_asset_year_{known}"] = round(tally.false / tally.years, 4) if tally.years else None
    return metrics
