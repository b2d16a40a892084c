"""A case of several questions: asked one after the other in one conversation."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass

from desk.errors import TenorError
from desk.identity.roles import Person
from evals.graders import Answer
from evals.trace import read_trace
from graphs.runtime import Runtime

Trace = dict[str, object]


@dataclass(frozen=True)
class Told:
    """What came to one question: an answer, or the error that the door gave instead of one."""

    question: str
    answer: Answer | None
    error: str = ""

    @property
    def refusal(self) -> str:
        """The rule that refused, or the error's words; empty when nothing refused."""
        if self.answer is None:
            return self.error
        found = self.answer["refusal"]
        return str(found["rule"]) if isinstance(found, dict) else ""

    @property
    def abstained(self) -> bool:
        """Whether it had nothing to say."""
        return self.answer is not None and self.answer["abstained"] is True

    @property
    def held(self) -> bool:
        """Refused or abstained, with no figure shown and no order waiting."""
        if self.answer is None:
            return True
        quiet = not self.answer["facts"] and self.answer["approval"] is None
        return quiet and (bool(self.refusal) or self.abstained)


@dataclass(frozen=True)
class Talk:
    """A conversation with its time in milliseconds and its cost in US dollars."""

    told: tuple[Told, ...]
    ms: float
    cost_usd: float

    @property
    def last(self) -> Told:
        """What came to the last question."""
        return self.told[-1]


async def hold_talk(runtime: Runtime, person: Person, turns: tuple[str, ...]) -> Talk:
    """Asks every turn in one conversation; an error of one question ends only that question."""
    began, cost, told, thread = time.perf_counter(), 0.0, [], ""
    for question in turns:
        try:
            answer = await runtime.ask(question, person, thread or secrets.token_hex(8))
        except TenorError as error:
            told.append(Told(question, None, f"{error.code}: {error.message}"))
            continue
        thread = str(answer["thread"])
        cost += float(str(answer["cost_usd"]))
        told.append(Told(question, answer))
    return Talk(tuple(told), round((time.perf_counter() - began) * 1000, 1), cost)


def trace_talk(runtime: Runtime, talk: Talk) -> dict[str, object]:
    """How the last answer came about, with the questions and answers before it in short."""
    last = talk.last
    trace = read_trace(runtime, last.question, last.answer) if last.answer else {"error": last.error}
    before = [
        {"question": told.question, "answer": str(told.answer["answer"])[:500] if told.answer else told.error}
        for told in talk.told[:-1]
    ]
    plain: dict[str, object] = json.loads(json.dumps({**trace, "before": before}))
    return plain
