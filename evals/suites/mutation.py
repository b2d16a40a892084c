"""Mutation: one value at its source is changed, and the same questions are asked again.

Every answer that shows a fact resting on the value must change, every other must stay as it was, byte for byte. Which
rest on it is read from the facts themselves (`reads` and `inputs`), never from what changed. A case is one change.
`missed`: dependent answers and figures that stayed without a reason; `leaked`: answers and figures that changed
though nothing they show rests on the value; `stepped`: dependent answers that may stay (`evals.mutation.judge.STEPS`).
`unnamed`: shown facts of which nothing says what they rest on.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from evals.dataset import CASES, CaseResult, SuiteResult, number, share, summarise
from evals.grounding.cases import GroundingCase, load_grounding
from evals.mutation.changes import Change, changes, hits_for
from evals.mutation.judge import judge, moved, still
from evals.mutation.play import Said, behind, play
from evals.mutation.world import World
from graphs.runtime import Runtime

DESCRIPTION = "One source value changed: every answer that rests on it changes, no other does."
METRICS = ("held", "missed", "leaked", "changed", "stepped", "equal", "late", "unnamed", "changes", "answers")
FILE = CASES / "mutation.jsonl"


async def run(_: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Every change against every question; each world is a desk of its own."""
    results, unnamed, answers = await mutate(load_grounding(data or FILE), list(changes()), progress)
    return summarise("mutation", results, measure(results, unnamed, answers))


async def mutate(
    cases: Sequence[GroundingCase], made: Sequence[Change], progress: Callable[[int], None] = lambda _: None
) -> tuple[list[CaseResult], int, int]:
    """The verdict on each change, how many facts shown name nothing they rest on, and how many answers there are."""
    with tempfile.TemporaryDirectory(prefix="tenor-parsed-") as path:
        before = await play(World(), cases, Path(path))
        results = []
        for count, change in enumerate(made, 1):
            began = time.perf_counter()
            after = await play(change.world, cases, Path(path))
            results.append(grade(change, before, after, (time.perf_counter() - began) * 1000))
            progress(count)
    return results, sum(len(unnamed_in(said)) for said in before.values()), len(before)


def unnamed_in(said: Said) -> list[str]:
    """Facts shown of which neither they nor their inputs say what they were read from."""
    return [id for id, read in behind(said.facts, said.shown).items() if not read]


def grade(change: Change, before: Mapping[str, Said], after: Mapping[str, Said], ms: float) -> CaseResult:
    """One change: what it came to for every answer. Those that were routed late on either side are not judged."""
    hits, found, faults = hits_for(change), Counter[str](), list[str]()
    for id, said in before.items():
        if said.late or after[id].late:
            found["late"] += 1
            continue
        judged = judge(said, after[id], hits)
        stuck, strayed = still(said, after[id], hits), moved(said, after[id], hits)
        found[judged.outcome] += 1
        found["missed"] += bool(stuck) and judged.outcome == "changed"
        found["leaked"] += bool(strayed) and judged.outcome == "changed"
        if judged.outcome in {"missed", "leaked"}:
            faults.append(f"{judged.outcome} {id}: {judged.why}")
        faults += [f"{id}: {', '.join(ids)} {what}" for ids, what in ((stuck, "stayed"), (strayed, "moved")) if ids]
    return CaseResult(
        id=change.name,
        passed=not faults,
        score=float(not faults),
        reason="; ".join(faults)[:1000],
        ms=round(ms, 1),
        cost_usd=0.0,
        costly=bool(faults),
        notes=dict(found),
    )


def measure(results: list[CaseResult], unnamed: int, answers: int) -> dict[str, float | None]:
    """The metrics; counts are over all changes."""

    def total(name: str) -> float:
        return float(sum(number(each.notes, name) for each in results if name in each.notes))

    counts = {name: total(name) for name in ("missed", "leaked", "changed", "stepped", "equal", "late")}
    held = share(sum(result.passed for result in results), len(results))
    return {
        "held": held,
        **counts,
        "unnamed": float(unnamed),
        "changes": float(len(results)),
        "answers": float(answers),
    }
