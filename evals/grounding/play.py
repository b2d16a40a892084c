"""One case played three times: by the plans, turn by turn; then its last turn by the honest model and by the one that
invents.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from agents.driver import NARRATOR
from desk.errors import TenorError
from desk.llm.chat import Completion
from desk.llm.redaction import Redaction
from desk.llm.router import Ask, DeadlineRouter, Routed
from desk.llm.trial import Watch
from evals.grounding.cases import GroundingCase
from evals.grounding.numerals import Resolved, resolve
from evals.grounding.scripted import KINDS, Invention, Told, invent, rephrase
from graphs.runtime import Runtime
from graphs.state import Carried

WITHHELD = "*This part was withheld"
DROPPED = "the model's text was not used"


@dataclass
class Played:
    """What a case came to. `resolved` one an answer; counts of answers and replies; faults as sentences."""

    resolved: list[Resolved] = field(default_factory=list)
    answered: int = 0
    replies: int = 0
    withheld: list[str] = field(default_factory=list)
    honest: int = 0
    dropped: list[str] = field(default_factory=list)
    made: list[Invention] = field(default_factory=list)
    escaped: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    late: bool = False


class TellingRouter(DeadlineRouter):
    """The desk's router, whose one model is told the plan's text before it is asked."""

    def __init__(self, of: DeadlineRouter, model: Told, runtime: Runtime) -> None:
        super().__init__([model], of.money, of.book, runtime.desk.wall, redaction=Redaction([]))
        self._model = model

    async def complete(
        self, ask: Ask, last: Callable[[], Completion] | None = None, watch: Watch | None = None
    ) -> Routed:
        """See `DeadlineRouter`."""
        self._model.planned = last().text if last else ""
        return await super().complete(ask, last, watch)


async def play(runtime: Runtime, case: GroundingCase, names: tuple[str, ...]) -> Played:
    """All three ways. What a question may not ask is an error of the case and named, never raised."""
    played = Played()
    values: dict[str, str] = {}
    try:
        await _by_plan(runtime, case, names, played, values)
        await _by_honest(runtime, case, names, played)
        await _by_inventor(runtime, case, played, values)
    except TenorError as error:
        played.errors.append(f"{error.code}: {error.message}")
    return played


async def _by_plan(
    runtime: Runtime, case: GroundingCase, names: tuple[str, ...], played: Played, values: dict[str, str]
) -> None:
    person, thread = runtime.desk.people.get(case.user), ""
    for number, question in enumerate(case.turns, 1):
        answer = await runtime.ask(question, person, thread)
        thread = str(answer["thread"])
        text = str(answer["answer"])
        played.resolved.append(resolve(answer, case.turns[:number], names))
        played.replies += len(_list(answer["agents"]))
        played.withheld += [part.partition("*.")[0] for part in text.split(WITHHELD)[1:]]
        played.answered += not answer["abstained"] and WITHHELD not in text
        values |= {str(fact["id"]): str(fact["value"]) for fact in _list(answer["facts"]) if isinstance(fact, dict)}


async def _by_honest(runtime: Runtime, case: GroundingCase, names: tuple[str, ...], played: Played) -> None:
    rng = random.Random(zlib.crc32(case.id.encode()))
    told: list[str] = []

    def write(planned: str) -> str:
        told.append(planned)
        return rephrase(planned, rng)

    answer = await _ask(runtime, case, Told("honest", write))
    played.honest += len(told)
    played.dropped += [why for why in str(answer["fallback"] or "").split("; ") if DROPPED in why]
    played.withheld += [f"honest model{part.partition('*.')[0]}" for part in str(answer["answer"]).split(WITHHELD)[1:]]
    played.resolved.append(resolve(answer, case.turns, names))


async def _by_inventor(runtime: Runtime, case: GroundingCase, played: Played, values: dict[str, str]) -> None:
    seed = zlib.crc32(case.id.encode())
    rng = random.Random(seed + 1)

    def write(planned: str) -> str:
        made = invent(planned, case.turns[-1], values, rng, (seed + len(played.made)) % len(KINDS))
        played.made.append(made)
        return made.text

    answer = await _ask(runtime, case, Told("inventor", write))
    shown = str(answer["answer"])
    if answer["model"] != NARRATOR:
        played.escaped.append(f"a text with one of {[made.kind for made in played.made]} was used")
    played.escaped += [f"{made.kind}: {made.words}" for made in played.made if made.words in shown]


async def _ask(runtime: Runtime, case: GroundingCase, model: Told) -> dict[str, object]:
    router = TellingRouter(runtime.models, model, runtime)
    try:
        person = runtime.desk.people.get(case.user)
        return await replace(runtime, models=router).ask(case.turns[-1], person, carried=Carried(case.turns[:-1]))
    finally:
        await router.drain()


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
