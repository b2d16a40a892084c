"""Triage of borderline alerts: the rules alone against the rules and a model's opinion, in seeded worlds.

A line is a world (`evals/fraud/worlds.py`). Its cases are alerts in the band of `desk/fraud/triage.py`: every false one
and at most `true_most` of the others, which then count for all of them (`weight`). An alert is true when at least half
of its accounts are planted. The officer works what the model did not call likely innocent; the rules alone are worked
whole. What gets no opinion stays where it was, so a model that says nothing changes nothing.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from pydantic import ConfigDict, Field

from agents.triage import ASKED_AS, ask_opinion
from desk.facts import FactTable
from desk.fraud.alerts import Alert
from desk.fraud.grounds import gather_grounds
from desk.fraud.local import LocalGraph
from desk.fraud.patterns import scan
from desk.fraud.thresholds import STANDARD
from desk.fraud.triage import is_borderline, rank_of
from evals.dataset import CASES, CaseResult, Identified, number, read_cases, share
from evals.fraud.build import build_world
from evals.fraud.roc import area
from evals.fraud.worlds import Plan, Variant, World
from evals.stepwise import ByCase
from graphs.runtime import Runtime

DESCRIPTION = "Borderline fraud alerts: precision, recall and workload of the rules alone, and with a model's opinions."
METRICS = (
    "rules_precision",
    "precision",
    "recall",
    "workload",
    "escalated_precision",
    "rules_auc",
    "auc",
    "set_aside",
    "answered",
)
FILE = CASES / "triage.jsonl"


class TriageWorld(Identified):
    """A world, and how many of its true borderline alerts are asked about."""

    seed: int = Field(ge=0)
    variant: Variant = "plain"
    accounts: int = Field(default=20_000, ge=1_000, le=50_000)
    per_typology: int = Field(default=40, ge=1, le=100)
    true_most: int = Field(default=4, ge=1, le=1_000)


class TriageCase(Identified):
    """A borderline alert with its facts, whether it is true, and how many alerts of its world it stands for."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    alert: Alert
    facts: FactTable
    true: bool
    weight: float


def load_triage(path: Path) -> list[TriageCase]:
    """The cases of every world. InputError names the line that is wrong."""
    return [case for world in read_cases(path, TriageWorld, lambda _: None) for case in _cases_of(world)]


def count_triage(path: Path) -> int:
    """How many worlds a file holds; how many of their alerts are borderline shows when they are built."""
    return len(read_cases(path, TriageWorld, lambda _: None))


def _cases_of(asked: TriageWorld) -> list[TriageCase]:
    world = build_world(Plan(asked.seed, asked.variant, asked.accounts, per_typology=asked.per_typology))
    found = [alert for alert in scan(LocalGraph(world.columns)) if is_borderline(alert, STANDARD)]
    true = _true_ones(world, found)
    right = sorted((alert for alert in found if alert.id in true), key=lambda alert: alert.id)
    kept = random.Random(asked.seed).sample(right, min(asked.true_most, len(right)))
    wrong = [alert for alert in found if alert.id not in true]
    return [
        TriageCase.model_construct(
            id=f"{asked.id}-{alert.id}",
            alert=alert,
            facts=gather_grounds(alert, world.columns, STANDARD.level_of(alert.typology)),
            true=alert.id in true,
            weight=len(right) / len(kept) if alert.id in true else 1.0,
        )
        for alert in sorted([*kept, *wrong], key=lambda alert: alert.id)
    ]


def _true_ones(world: World, alerts: Iterable[Alert]) -> set[str]:
    planted = {world.columns.accounts[account] for plant in world.plants for account in plant.accounts}
    return {a.id for a in alerts if 2 * len(planted.intersection(a.accounts)) >= len(set(a.accounts))}


async def _grade(runtime: Runtime, case: TriageCase) -> CaseResult:
    """Wrong is a true alert called likely innocent, and a false one escalated; an opinion that is not there is not."""
    began, word, why, cost = time.perf_counter(), "", "no model connected", 0.0
    if runtime.models.serves(ASKED_AS):
        person, known = runtime.desk.people.get("compliance"), runtime.desk.feed.instruments
        asked = await ask_opinion(case.alert, case.facts, runtime.models, known, person, f"triage-{case.id}")
        why, cost = asked.why, asked.cost_usd
        word = asked.opinion.word if asked.opinion else ""
    set_aside = case.true and word == "likely_innocent"
    wrong = set_aside or (not case.true and word == "escalate")
    truth = "a planted pattern" if case.true else "ordinary life"
    return CaseResult(
        id=case.id,
        passed=not wrong,
        score=float(not wrong),
        reason=f"{case.alert.title} is {truth} and was called {word}" if wrong else "",
        ms=round((time.perf_counter() - began) * 1000, 1),
        cost_usd=cost,
        costly=set_aside,
        notes={
            "true": case.true,
            "weight": case.weight,
            "word": word,
            "why": why,
            "score": case.alert.score,
            "typology": case.alert.typology,
        },
    )


def measure(results: list[CaseResult]) -> dict[str, float | None]:
    """The metrics of cases, each counted by its weight; those of the model are None where none gave an opinion."""
    true, left = _those(results, true=True), [one for one in results if one.notes["word"] != "likely_innocent"]
    escalated = [one for one in results if one.notes["word"] == "escalate"]
    metrics: dict[str, float | None] = dict.fromkeys(METRICS)
    metrics["rules_precision"] = share(_weight(true), _weight(results))
    metrics["rules_auc"] = _auc(results, [number(one.notes, "score") for one in results])
    metrics["answered"] = share(sum(bool(one.notes["word"]) for one in results), len(results))
    if metrics["answered"]:
        kept = _weight(_those(left, true=True))
        metrics |= {
            "precision": share(kept, _weight(left)),
            "recall": share(kept, _weight(true)),
            "workload": share(_weight(left), _weight(results)),
            "escalated_precision": share(_weight(_those(escalated, true=True)), _weight(escalated)),
            "set_aside": share(_weight(true) - kept, _weight(true)),
            "auc": _auc(results, [_place(one) for one in results]),
        }
    return metrics


def _place(one: CaseResult) -> float:
    """Higher is worked earlier: by the opinion, and of equal ones by the rules' score."""
    return number(one.notes, "score") - rank_of(str(one.notes["word"]))


def _those(results: Iterable[CaseResult], *, true: bool) -> list[CaseResult]:
    return [one for one in results if one.notes["true"] is true]


def _weight(results: Iterable[CaseResult]) -> float:
    return sum(number(one.notes, "weight") for one in results)


def _auc(results: Sequence[CaseResult], places: Sequence[float]) -> float | None:
    """How often a true alert stands before a false one; None without one of either sort."""
    labels = np.array([one.notes["true"] is True for one in results])
    return round(area(np.array(places), labels), 4) if 0 < int(labels.sum()) < len(labels) else None


run = ByCase("triage", lambda _, data: load_triage(data or FILE), _grade, measure)
