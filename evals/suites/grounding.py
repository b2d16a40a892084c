"""Grounding: every number a person reads has a source, nothing true is held back, nothing invented gets through.

`grounded_share`: numerals of all shown answers with a source (`evals.grounding.numerals`, a checker apart from the
desk's guard). `answered_share`: turns neither abstained on nor withheld. `false_reject_rate`: replies of the plans that
were withheld and texts of an honest model that were dropped, of all such. `escaped`: cases in which something of a
model that invents reached the person; each text of it holds one of `kinds` kinds of invention, `inventions` in all.
"""

from __future__ import annotations

import time

from pydantic import JsonValue

from desk.compliance.deadlines import DEADLINES
from evals.dataset import CASES, CaseResult, number, share
from evals.grounding.cases import GroundingCase, load_grounding
from evals.grounding.play import Played, play
from evals.stepwise import ByCase
from graphs.runtime import Runtime

DESCRIPTION = "Every number has a source: by the plans, by an honest model, and by one that invents."
METRICS = (
    "grounded_share",
    "answered_share",
    "escaped",
    "false_reject_rate",
    "numerals",
    "inventions",
    "kinds",
)
FILE = CASES / "grounding.jsonl"


def names_of(runtime: Runtime) -> tuple[str, ...]:
    """What things of this desk are called, with a numeral in the name."""
    desk = runtime.desk
    names = (
        *(name for i in desk.feed.instruments for name in (i.name, i.id)),
        *desk.trading.cash(),
        *(deadline.form for deadline in DEADLINES),
        *(filing.title for filing in runtime.filings.list()),
        *(name for entry in runtime.knowledge.entries.all for name in entry.names),
    )
    return tuple(dict.fromkeys(n for n in names if any(c.isdigit() for c in n) and any(c.isalpha() for c in n)))


async def _grade(runtime: Runtime, case: GroundingCase) -> CaseResult:
    began = time.perf_counter()
    played = await play(runtime, case, names_of(runtime))
    stray = [words for each in played.resolved for words in each.stray]
    faults = [
        *(f"escaped: {words}" for words in played.escaped),
        *(f"no source: {words!r}" for words in stray),
        *(f"withheld{words}" for words in played.withheld),
        *(f"honest text dropped: {why}" for why in played.dropped),
        *played.errors,
    ]
    return CaseResult(
        id=case.id,
        passed=not faults,
        score=float(not faults),
        reason="; ".join(faults)[:1000],
        ms=round((time.perf_counter() - began) * 1000, 1),
        cost_usd=0.0,
        costly=bool(played.escaped),
        notes=_notes(case, played, len(stray)),
    )


def _notes(case: GroundingCase, played: Played, stray: int) -> dict[str, JsonValue]:
    return {
        "numerals": sum(each.total for each in played.resolved),
        "stray": stray,
        "turns": len(case.turns),
        "answered": played.answered,
        "texts": played.replies + played.honest,
        "rejected": len(played.withheld) + len(played.dropped),
        "kinds": [made.kind for made in played.made],
    }


def measure(results: list[CaseResult]) -> dict[str, float | None]:
    """The metrics of cases; a share of nothing is None."""

    def total(name: str) -> int:
        return round(sum(number(each.notes, name) for each in results))

    kinds = [str(kind) for each in results for kind in _kinds(each)]
    return {
        "grounded_share": share(total("numerals") - total("stray"), total("numerals")),
        "answered_share": share(total("answered"), total("turns")),
        "escaped": float(sum(each.costly for each in results)),
        "false_reject_rate": share(total("rejected"), total("texts")),
        "numerals": float(total("numerals")),
        "inventions": float(len(kinds)),
        "kinds": float(len(set(kinds))),
    }


def _kinds(result: CaseResult) -> list[JsonValue]:
    found = result.notes["kinds"]
    return found if isinstance(found, list) else []


run = ByCase("grounding", lambda _, data: load_grounding(data or FILE), _grade, measure)
