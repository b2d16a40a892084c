"""Market abuse in seeded worlds: found and false by kind, beside benign twins; labels are read for scoring only.

A case is a seed and a world: `session` (a week of orders and trades) or `companies` (three years of prices, insiders
and forms). `precision_KIND`: alerts of the kind that show a plant of it; `recall_KIND`: plants that an alert of their
kind shows. `twins_flagged`: the share of benign twins that any alert names. `--data` takes other such lines.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import Field

from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.records import MarketAlert
from desk.fraud.abuse.words import Kind
from desk.fraud.surveillance import Scene, surveil
from evals.abuse.companies import Companies, build_companies
from evals.abuse.sessions import PLANTED, build_session
from evals.dataset import CASES, CaseResult, Identified, SuiteResult, read_cases, share, summarise
from graphs.runtime import Runtime

DESCRIPTION = "Market abuse in seeded worlds with benign twins: precision and recall by kind, twins flagged."
KINDS: tuple[Kind, ...] = (*PLANTED, "insider_trading", "late_report", "abnormal_move")
METRICS = (
    "precision",
    "recall",
    "twins_flagged",
    *(f"{what}_{kind}" for kind in KINDS for what in ("precision", "recall")),
)
FILE = CASES / "surveillance.jsonl"
LEAST = 0.85


class AbuseCase(Identified):
    """A world to build."""

    seed: int = Field(ge=0)
    world: Literal["session", "companies"]


@dataclass
class Tally:
    """Counts by kind."""

    plants: Counter[Kind] = field(default_factory=Counter)
    found: Counter[Kind] = field(default_factory=Counter)
    alerts: Counter[Kind] = field(default_factory=Counter)
    right: Counter[Kind] = field(default_factory=Counter)
    twins: int = 0
    flagged: int = 0

    def add(self, other: Tally) -> None:
        """The counts of another one too."""
        for mine, theirs in (
            (self.plants, other.plants),
            (self.found, other.found),
            (self.alerts, other.alerts),
            (self.right, other.right),
        ):
            mine.update(theirs)
        self.twins, self.flagged = self.twins + other.twins, self.flagged + other.flagged


async def run(_: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Builds and looks over every world. InputError for a line that is no case."""
    total, results = Tally(), []
    for done, case in enumerate(read_cases(data or FILE, AbuseCase, lambda _: None), 1):
        results.append(await asyncio.to_thread(_judge, case, total))
        progress(done)
    return summarise("surveillance", results, _measure(total))


def _judge(case: AbuseCase, total: Tally) -> CaseResult:
    began = time.perf_counter()
    tally = count_session(case.seed) if case.world == "session" else count_companies(build_companies(case.seed))
    total.add(tally)
    right, alerts = tally.right.total(), tally.alerts.total()
    found, plants = tally.found.total(), tally.plants.total()
    precision, recall = share(right, alerts) or 0.0, share(found, plants) or 0.0
    passed = precision >= LEAST and recall >= LEAST
    return CaseResult(
        id=case.id,
        passed=passed,
        score=recall,
        reason="" if passed else f"{found} of {plants} found, {alerts - right} of {alerts} alerts false",
        ms=round((time.perf_counter() - began) * 1000, 1),
        cost_usd=0.0,
        notes={"plants": plants, "found": found, "alerts": alerts, "right": right},
    )


def count_session(seed: int) -> Tally:
    """A week of orders and trades: a plant is found by an alert of its kind that names one of its accounts."""
    session, tally = build_session(seed), Tally()
    alerts = surveil(Scene(events=session.events, trades=session.trades, permissions=session.permissions))
    for kind, accounts in session.plants:
        tally.plants[kind] += 1
        tally.found[kind] += any(alert.kind == kind and accounts & set(alert.accounts) for alert in alerts)
    for alert in alerts:
        tally.alerts[alert.kind] += 1
        tally.right[alert.kind] += any(
            kind == alert.kind and accounts & set(alert.accounts) for kind, accounts in session.plants
        )
    named = {account for alert in alerts for account in alert.accounts}
    tally.twins, tally.flagged = len(session.twins), sum(bool(twin & named) for twin in session.twins)
    return tally


def count_companies(made: Companies) -> Tally:
    """Three years of prices and forms; a jump is found on its own day."""
    alerts, tally = surveil(made.scene), Tally()
    rows = {(one.instrument, float(at)): n for one in made.scene.bars for n, at in enumerate(one.at)}
    truth: dict[Kind, set[object]] = {
        "insider_trading": set(made.insiders),
        "late_report": set(made.late),
        "abnormal_move": set(made.jumps),
    }

    def key(alert: MarketAlert) -> object:
        if alert.kind == "insider_trading":
            return alert.accounts[0], next(row.id for row in alert.evidence if row.what == "news")
        if alert.kind == "late_report":
            return next(row.id for row in alert.evidence if row.what == "filed")
        return alert.instrument, rows.get((alert.instrument, alert.end // DAY * DAY), -1)

    for kind, plants in truth.items():
        shown = [key(alert) for alert in alerts if alert.kind == kind]
        tally.plants[kind], tally.found[kind] = len(plants), len(plants & set(shown))
        tally.alerts[kind], tally.right[kind] = len(shown), sum(one in plants for one in shown)
    other = [alert for alert in alerts if alert.kind not in truth]
    tally.alerts.update(alert.kind for alert in other)
    return tally


def _measure(total: Tally) -> dict[str, float | None]:
    metrics: dict[str, float | None] = dict.fromkeys(METRICS)
    metrics |= {
        "precision": share(total.right.total(), total.alerts.total()),
        "recall": share(total.found.total(), total.plants.total()),
        "twins_flagged": share(total.flagged, total.twins),
    }
    for kind in KINDS:
        metrics[f"precision_{kind}"] = share(total.right[kind], total.alerts[kind])
        metrics[f"recall_{kind}"] = share(total.found[kind], total.plants[kind])
    return metrics
