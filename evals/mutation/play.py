"""The questions of a world, answered: what is shown, and of every fact of the run what it rests on."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.answers import ShownFact
from desk.errors import TenorError
from evals.grounding.cases import GroundingCase
from evals.mutation.world import World, open_world
from evals.trace import was_late
from graphs.runtime import Runtime

AGENTS = {
    "market-data": "market_data",
    "risk": "risk",
    "sentiment": "sentiment",
    "execution": "execution",
    "fraud": "fraud",
    "portfolio": "portfolio",
    "compliance": "compliance",
    "customer-query": "customer_query",
    "ab-testing": "ab_testing",
    "robo-advisor": "robo_advisor",
}
"""By what a case's id begins with, who is asked: no route can then come late. All others are routed."""
SHOWN = ("answer", "facts", "citations", "refusal", "abstained", "cards", "agents")


@dataclass(frozen=True)
class Said:
    """One answer. `words` is all of it that a person sees, as JSON; `facts` are those of the run, `shown` their ids
    in the answer. `late`: a busy machine sent it by rules instead of by the classifier.
    """

    case: str
    words: str
    facts: Mapping[str, ShownFact]
    shown: tuple[str, ...]
    agents: tuple[str, ...]
    late: bool = False


async def play(
    world: World, cases: Sequence[GroundingCase], parsed: Path, heard: Callable[[], None] = lambda: None
) -> dict[str, Said]:
    """Every turn of every case on a fresh desk of that world, by `CASE/TURN`; `heard` is told of each."""
    with tempfile.TemporaryDirectory(prefix="tenor-world-") as path:
        async with open_world(world, Path(path), parsed) as runtime:
            said = {}
            for case in cases:
                thread = ""
                for number, question in enumerate(case.turns, 1):
                    answer = await _ask(runtime, case, question, thread)
                    thread = str(answer.get("thread", thread))
                    said[f"{case.id}/{number}"] = _said(runtime, f"{case.id}/{number}", answer)
                    heard()
            return said


async def _ask(runtime: Runtime, case: GroundingCase, question: str, thread: str) -> Mapping[str, object]:
    agent = AGENTS.get(case.id.rpartition("-")[0], "")
    try:
        return await runtime.ask(question, runtime.desk.people.get(case.user), thread, agent=agent)
    except TenorError as error:
        return {"answer": f"{error.code}: {error.message}"}


def _said(runtime: Runtime, id: str, answer: Mapping[str, object]) -> Said:
    rows = _rows(answer.get("facts"))
    plain = {name: answer.get(name) for name in SHOWN}
    plain["facts"] = [{name: value for name, value in row.items() if name != "hash"} for row in rows]
    facts = {str(row["id"]): ShownFact.model_validate(row) for row in rows}
    for fact in _recorded(runtime, str(answer.get("run", ""))):
        facts.setdefault(fact.id, fact)
    agents = answer.get("agents")
    words = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    return Said(
        id,
        words,
        facts,
        tuple(str(row["id"]) for row in rows),
        tuple(map(str, agents)) if isinstance(agents, list) else (),
        was_late(dict(answer)) if "route" in answer else False,
    )


def _recorded(runtime: Runtime, run: str) -> Iterator[ShownFact]:
    if run:
        for part in runtime.runs.get(run, None).bundle.parts:
            for call in part.calls:
                yield from call.facts


def _rows(value: object) -> list[dict[str, object]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def behind(facts: Mapping[str, ShownFact], ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """By fact, all that it was read from: its own `reads` and those of its inputs, and of theirs."""
    found: dict[str, frozenset[str]] = {}

    def walk(id: str, path: frozenset[str]) -> frozenset[str]:
        if id in found:
            return found[id]
        fact = facts.get(id)
        if fact is None or id in path:
            return frozenset()
        return frozenset(fact.reads).union(*(walk(each, path | {id}) for each in fact.inputs))

    for id in ids:
        found[id] = walk(id, frozenset())
    return found
