"""Thresholds that follow verdicts: precision and recall in worlds that nobody judged, before the steps and after.

A case is a desk: the level it starts from (null: as shipped; else one level for every typology), the worlds in which
officers judge its alerts one after the other, the share of wrong verdicts, and the worlds it is then measured in. It
passes when precision of alerts does not fall and at most `BOUND` of the plants is lost, over all and of each typology.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import Field

from desk.errors import InputError
from desk.fraud.feedback import POLICY
from evals.dataset import CASES, CaseResult, Identified, SuiteResult, read_cases, share, summarise
from evals.fraud.build import build_world
from evals.fraud.scoring import Tally
from evals.fraud.teaching import measure, teach
from evals.fraud.worlds import FULL, PLANTED, Plan
from graphs.runtime import Runtime

DESCRIPTION = "Fraud thresholds that follow officers' verdicts: precision gained, recall lost, on worlds nobody judged."
METRICS = ("precision_before", "precision_after", "recall_before", "recall_after", "most_lost", "steps", "verdicts")
FILE = CASES / "fraud_feedback.jsonl"
BOUND = round(1 - POLICY.recall_floor, 4)


class Desk(Identified):
    """A desk that learns, and where it is measured."""

    start: float | None = Field(default=None, ge=0.6, le=0.9)
    wrong: float = Field(default=0.0, ge=0.0, le=0.5)
    judged: tuple[int, ...] = Field(min_length=1, max_length=20)
    measured: tuple[int, ...] = Field(min_length=1, max_length=20)
    accounts: int = Field(default=FULL, ge=1_000, le=200_000)
    per_typology: int = Field(default=40, ge=1, le=100)

    def plan(self, seed: int) -> Plan:
        """One of its worlds."""
        return Plan(seed, accounts=self.accounts, per_typology=self.per_typology)


async def run(_: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Every desk. InputError for one that would be measured where it was taught."""
    results = []
    for done, desk in enumerate(read_cases(data or FILE, Desk, _check), 1):
        results.append(await asyncio.to_thread(_run_one, desk))
        progress(done)
    return summarise("fraud_feedback", results, _mean(results))


def _check(desk: Desk) -> None:
    if set(desk.judged) & set(desk.measured):
        raise InputError("a desk must not be measured in a world where it was judged; name other seeds")


def _run_one(desk: Desk) -> CaseResult:
    began = time.perf_counter()
    levels: dict[str, float] = {} if desk.start is None else {kind: desk.start for kind in PLANTED}
    taught = teach([build_world(desk.plan(seed)) for seed in desk.judged], levels, desk.wrong)
    worlds = [build_world(desk.plan(seed)) for seed in desk.measured]
    before, after = measure(worlds, levels), measure(worlds, taught.levels)
    notes: dict[str, float] = {
        "precision_before": _precision(before),
        "precision_after": _precision(after),
        "recall_before": before.recall or 0.0,
        "recall_after": after.recall or 0.0,
        "most_lost": max(_lost(before, after)),
        "steps": len(taught.steps),
        "verdicts": taught.verdicts,
    }
    whole = notes["recall_before"] - notes["recall_after"]
    passed = notes["precision_after"] >= notes["precision_before"] and max(whole, notes["most_lost"]) <= BOUND
    said = ", ".join(f"{name} {value}" for name, value in notes.items())
    return CaseResult(
        id=desk.id,
        passed=passed,
        score=notes["precision_after"],
        reason="" if passed else said,
        ms=round((time.perf_counter() - began) * 1000, 1),
        cost_usd=0.0,
        notes={**notes, "levels": dict(taught.levels), "taken": [list(step) for step in taught.steps]},
    )


def _precision(tally: Tally) -> float:
    """Of the alerts, the share that is mostly a plant; 1 without alerts."""
    return share(tally.true.total(), tally.raised.total()) or 1.0


def _lost(before: Tally, after: Tally) -> list[float]:
    """Per typology, the share of its plants that only the levels before found."""
    return [
        round((before.found[kind] - after.found[kind]) / before.plants[kind], 4)
        for kind in PLANTED
        if before.plants[kind]
    ] or [0.0]


def _mean(results: list[CaseResult]) -> dict[str, float | None]:
    """Over the desks."""
    found = {name: [float(str(one.notes[name])) for one in results] for name in METRICS}
    return {name: round(sum(values) / len(values), 4) if values else None for name, values in found.items()}
