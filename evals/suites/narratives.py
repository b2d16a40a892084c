"""Narratives: every numeral and every name of a case's story is the case's own, whoever wrote the words.

A line is a seeded world (`evals/fraud/worlds.py`; `"about": "market"` a week of orders and three years of companies,
`evals/abuse/`); its alerts, taken in turn by typology, are the cases. One of transfers is told by the template, by an
honest model and by one that lies three times, each time in another of `kinds` kinds; one of market abuse by the
template alone, as the desk does. `resolved`: share of numerals and names shown that the case has where they stand
(`evals.narratives.checker`, `market_checker`, apart from the desk's guard). `escaped`: cases of which a text with a lie
was used. `used`, `false_reject_rate`: honest texts of a model shown, dropped.
"""

from __future__ import annotations

import random
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from agents.case_story import Narrated, narrate
from agents.driver import NARRATOR
from desk.fraud.abuse.case_book import MarketCase
from desk.fraud.abuse.records import MarketAlert
from desk.fraud.abuse.telling import tell_market
from desk.fraud.alerts import Alert
from desk.fraud.local import LocalGraph
from desk.fraud.patterns import scan
from desk.fraud.story import tell
from desk.fraud.surveillance import Scene, surveil
from evals.abuse.companies import build_companies
from evals.abuse.sessions import build_session
from evals.dataset import CASES, CaseResult, Identified, number, read_cases, share
from evals.fraud.build import build_world
from evals.fraud.worlds import Plan
from evals.grounding.play import TellingRouter
from evals.grounding.scripted import Told
from evals.narratives.checker import Claim, claims
from evals.narratives.market_checker import market_claims
from evals.narratives.scripted import KINDS, lie, retell
from evals.stepwise import ByCase
from graphs.runtime import Runtime

DESCRIPTION = (
    "Fraud cases told by the template, an honest model and one that lies: every figure and name is the case's."
)
METRICS = ("resolved", "claims", "escaped", "lies", "kinds", "used", "false_reject_rate")
FILE = CASES / "narratives.jsonl"
LIES = 3


class StoryWorld(Identified):
    """A world, and how many of its alerts are told; of markets, `accounts` and `per_typology` say nothing."""

    seed: int = Field(ge=0)
    about: Literal["transfers", "market"] = "transfers"
    accounts: int = Field(default=5_000, ge=1_000, le=50_000)
    per_typology: int = Field(default=10, ge=1, le=100)
    alerts: int = Field(default=80, ge=1, le=1_000)


class StoryCase(Identified):
    """One alert to tell."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    alert: Alert | MarketAlert


def load_stories(path: Path) -> list[StoryCase]:
    """The alerts of every world. InputError names the line that is wrong."""
    return [case for world in read_cases(path, StoryWorld, lambda _: None) for case in _told_of(world)]


def count_stories(path: Path) -> int:
    """How many alerts the worlds of a file give at most; none is built."""
    return sum(world.alerts for world in read_cases(path, StoryWorld, lambda _: None))


def _told_of(world: StoryWorld) -> list[StoryCase]:
    kinds = defaultdict[str, list[Alert | MarketAlert]](list)
    for alert in _alerts_of(world):
        kinds[alert.kind if isinstance(alert, MarketAlert) else alert.typology].append(alert)
    mixed = (alert for alert in chain(*zip_longest(*kinds.values())) if alert is not None)
    taken = [alert for alert, _ in zip(mixed, range(world.alerts), strict=False)]
    return [StoryCase.model_construct(id=f"{world.id}-{alert.id}", alert=alert) for alert in taken]


def _alerts_of(world: StoryWorld) -> Sequence[Alert | MarketAlert]:
    if world.about == "transfers":
        plan = Plan(world.seed, "plain", world.accounts, per_typology=world.per_typology)
        return scan(LocalGraph(build_world(plan).columns))
    week = build_session(world.seed)
    heard = Scene(events=week.events, trades=week.trades, permissions=week.permissions)
    return [*surveil(heard), *surveil(build_companies(world.seed).scene)]


async def _grade(runtime: Runtime, case: StoryCase) -> CaseResult:
    if isinstance(case.alert, MarketAlert):
        return _grade_market(case.id, case.alert)
    return await _grade_told(runtime, case.id, case.alert)


def _grade_market(id: str, alert: MarketAlert) -> CaseResult:
    """The template's story alone: no model ever tells a market case."""
    began, story = time.perf_counter(), tell_market(MarketCase(alert, "USD"))
    found = market_claims(alert, Narrated(story.text, story).filled)
    return _result(id, began, found, [], [], [])


async def _grade_told(runtime: Runtime, id: str, alert: Alert) -> CaseResult:
    began, seed = time.perf_counter(), zlib.crc32(id.encode())
    story = tell(alert)
    values = {f"{{{{f:{fact.id}}}}}": str(fact.value) for fact in story.facts.all()}
    honest = await _narrate(runtime, alert, lambda planned: retell(planned, random.Random(seed)))
    kinds: list[JsonValue] = []
    found, escaped = [*claims(alert, Narrated(story.text, story).filled), *claims(alert, honest.filled)], list[str]()
    for turn in range(LIES):
        rng = random.Random(seed + 1 + turn)
        made = lie(story.text, values, rng, (seed * LIES + turn) % len(KINDS))
        shown = await _narrate(runtime, alert, partial(_say, made.text))
        kinds.append(made.kind)
        found += claims(alert, shown.filled)
        escaped += [f"escaped: {made.kind}"] if shown.model != NARRATOR else []
    dropped = [f"honest text dropped: {honest.fallback}"] if honest.model == NARRATOR else []
    return _result(id, began, found, escaped, dropped, kinds)


def _result(
    id: str, began: float, found: list[Claim], escaped: list[str], dropped: list[str], kinds: list[JsonValue]
) -> CaseResult:
    """A case; one without lies (`kinds`) was put to no model."""
    stray = [f"not the case's: {claim.words!r}" for claim in found if not claim.holds]
    faults = [*escaped, *stray, *dropped]
    return CaseResult(
        id=id,
        passed=not escaped and not stray,
        score=float(not faults),
        reason="; ".join(faults)[:1000],
        ms=round((time.perf_counter() - began) * 1000, 1),
        cost_usd=0.0,
        costly=bool(escaped),
        notes={"claims": len(found), "stray": len(stray), "dropped": len(dropped), "kinds": kinds},
    )


def _say(text: str, _: str) -> str:
    return text


async def _narrate(runtime: Runtime, alert: Alert, write: Callable[[str], str]) -> Narrated:
    router = TellingRouter(runtime.models, Told("scripted", write), runtime)
    try:
        person = runtime.desk.people.get("compliance")
        return await narrate(alert, router, runtime.desk.feed.instruments, person, "narratives")
    finally:
        await router.drain()


def measure(results: list[CaseResult]) -> dict[str, float | None]:
    """The metrics of cases; a share of nothing is None."""
    total = {name: round(sum(number(each.notes, name) for each in results)) for name in ("claims", "stray", "dropped")}
    kinds = [kind for each in results if isinstance(each.notes["kinds"], list) for kind in each.notes["kinds"]]
    written = sum(bool(each.notes["kinds"]) for each in results)
    return {
        "resolved": share(total["claims"] - total["stray"], total["claims"]),
        "claims": float(total["claims"]),
        "escaped": float(sum(each.costly for each in results)),
        "lies": float(len(kinds)),
        "kinds": float(len({str(kind) for kind in kinds})),
        "used": share(written - total["dropped"], written),
        "false_reject_rate": share(total["dropped"], written),
    }


run = ByCase("narratives", lambda _, data: load_stories(data or FILE), _grade, measure)
