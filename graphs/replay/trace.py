"""A recorded run as one document: words, route, each agent's part, the facts, the answer.

Everything here comes from the bundle; what followed in the world (proposal, orders) is added where the desk is known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import JsonValue, TypeAdapter

from agents.answers import Citation, Frozen, Refusal
from agents.driver import ASKED_AS, NARRATOR
from desk.llm.router import Routed
from graphs.live import ROUTED
from graphs.replay.bundle import PartRow, Sealed
from graphs.replay.origins import TraceFact, facts_of, links_in

_CITATIONS = TypeAdapter(tuple[Citation, ...])


class TraceRoute(Frozen):
    """How the agents were chosen. `confidence` is a share, None where a rule or the person chose."""

    agents: tuple[str, ...]
    by: str
    ms: float
    confidence: float | None
    choices: tuple[str, ...]


class TraceCall(Frozen):
    """One tool call of a part, counted from 1. `error` is its sentence when it failed; `facts` those it registered."""

    number: int
    tool: str
    arguments: dict[str, JsonValue]
    ok: bool
    error: str | None
    facts: tuple[str, ...]


class TraceTry(Frozen):
    """A model that was asked once; `reason` says why its answer was not used, empty when it was."""

    model: str
    ms: float
    reason: str
    tokens: int
    cost_usd: float


class TracePart(Frozen):
    """One agent's share. `model` wrote the words; `asked` was first in order, empty when none was asked.

    `fallback`: why the plan's words are shown; `passed`: why not those of `asked`. `text` is what stands in the answer,
    slots filled; empty where the answer's parts cannot be told apart. `shows` are the facts in it.
    """

    agent: str
    title: str
    ms: float
    prompt: str
    prompt_hash: str
    model: str
    asked: str
    fallback: str | None
    passed: str
    tokens_in: int
    tokens_out: int
    cost_usd: float
    tries: tuple[TraceTry, ...]
    calls: tuple[TraceCall, ...]
    shows: tuple[str, ...]
    text: str


class TraceTimings(Frozen):
    """Milliseconds of the run, as measured then."""

    route_ms: float
    first_ms: float
    total_ms: float


class Trace(Frozen):
    """The run. `asked` are the person's words; `read_as` how they were completed, None when they stood for themselves.

    `approval` is the id of the proposal that the run ended with, `wanted` the agent that the person chose.
    """

    run: str
    hash: str
    product: str
    thread: str
    person: str
    at: str
    asked: str
    read_as: str | None
    wanted: str
    route: TraceRoute
    parts: tuple[TracePart, ...]
    facts: tuple[TraceFact, ...]
    answer: str
    citations: tuple[Citation, ...]
    refusal: Refusal | None
    abstained: bool
    model: str
    fallback: str | None
    timings: TraceTimings
    tokens: int
    cost_usd: float
    approval: str | None


def read_trace(sealed: Sealed, titles: Mapping[str, str]) -> Trace:
    """The document of a bundle. `titles`: what each agent's part is headed with."""
    bundle, answer = sealed.bundle, json.loads(sealed.bundle.answer)
    texts = split_answer(answer["answer"], [part.agent for part in bundle.parts], titles)
    faults = _fallbacks(answer["fallback"], [part.agent for part in bundle.parts])
    approval = answer["approval"]
    return Trace(
        run=bundle.run,
        hash=sealed.hash,
        product=bundle.product,
        thread=bundle.thread,
        person=bundle.person.name,
        at=bundle.at,
        asked=bundle.asked or bundle.question,
        read_as=bundle.question if bundle.asked else None,
        wanted=bundle.wanted,
        route=TraceRoute.model_validate(answer["route"]),
        parts=tuple(
            _part(part, titles.get(part.agent, part.agent), texts[part.agent], faults.get(part.agent))
            for part in bundle.parts
        ),
        facts=facts_of(bundle, answer, texts),
        answer=answer["answer"],
        citations=_CITATIONS.validate_python(answer["citations"]),
        refusal=None if answer["refusal"] is None else Refusal.model_validate(answer["refusal"]),
        abstained=answer["abstained"],
        model=answer["model"],
        fallback=answer["fallback"],
        timings=TraceTimings.model_validate(answer["timings"]),
        tokens=answer["tokens"],
        cost_usd=answer["cost_usd"],
        approval=None if approval is None else str(approval["id"]),
    )


def split_answer(text: str, agents: list[str], titles: Mapping[str, str]) -> dict[str, str]:
    """Each agent's words, cut at the headings under which the answer was put together.

    Where a heading is missing or stands twice nobody can tell whose the words are: then every part is empty.
    """
    if len(agents) == 1:
        return {agents[0]: text}
    starts: list[tuple[int, int]] = []
    for agent in agents:
        heading = f"**{titles.get(agent, agent)}**\n\n"
        found = [match.start() for match in re.finditer(rf"(?:\A|(?<=\n\n)){re.escape(heading)}", text)]
        if len(found) != 1 or (starts and found[0] < starts[-1][1]):
            return dict.fromkeys(agents, "")
        starts.append((found[0], found[0] + len(heading)))
    ends = [start for start, _ in starts[1:]] + [len(text)]
    return {agent: text[begin:end].strip() for agent, (_, begin), end in zip(agents, starts, ends, strict=True)}


def _fallbacks(text: str | None, agents: list[str]) -> dict[str, str]:
    """The reasons of `agent: reason; agent: reason`, by agent."""
    names = "|".join(map(re.escape, agents))
    found = re.split(rf"(?:\A|; )({names}): ", text or "")
    return dict(zip(found[1::2], found[2::2], strict=True))


class _Spoken(NamedTuple):
    """What a part's model requests came to."""

    model: str
    asked: str
    passed: str


def _part(row: PartRow, title: str, text: str, fault: str | None) -> TracePart:
    asks = [ROUTED.validate_json(ask.routed) for ask in row.asks]
    spoken = _spoken(row, asks, fault)
    return TracePart(
        agent=row.agent,
        title=title,
        ms=row.micros / 1000,
        prompt=row.prompt,
        prompt_hash=row.prompt_hash,
        model=spoken.model,
        asked=spoken.asked,
        fallback=fault,
        passed=spoken.passed,
        tokens_in=sum(ask.prompt_tokens for ask in asks),
        tokens_out=sum(ask.tokens - ask.prompt_tokens for ask in asks),
        cost_usd=sum(ask.cost_usd for ask in asks),
        tries=tuple(_tries(asks)),
        calls=tuple(_calls(row)),
        shows=tuple(dict.fromkeys(link.fact for link in links_in(text))),
        text=text,
    )


def _spoken(row: PartRow, asks: list[Routed], fault: str | None) -> _Spoken:
    """The words are a model's when one was asked for them last and no fault stands against it."""
    if not asks or ASKED_AS not in row.served:
        return _Spoken(NARRATOR, "", "")
    last = asks[-1]
    wrote = fault is None and last.by_model and last.completion is not None
    model = last.completion.model if wrote and last.completion is not None else NARRATOR
    first = next((attempt.model for attempt in last.attempts), "")
    return _Spoken(model, first, next((ask.reason for ask in asks if ask.reason), ""))


def _tries(asks: list[Routed]) -> Iterator[TraceTry]:
    for ask in asks:
        for one in ask.attempts:
            tokens = one.prompt_tokens + one.completion_tokens
            yield TraceTry(model=one.model, ms=one.ms, reason=one.reason, tokens=tokens, cost_usd=one.nanos / 1e9)


def _calls(row: PartRow) -> Iterator[TraceCall]:
    for number, call in enumerate(row.calls, 1):
        yield TraceCall(
            number=number,
            tool=call.tool,
            arguments=json.loads(call.arguments),
            ok=call.error is None,
            error=None if call.error is None else call.error.message,
            facts=tuple(fact.id for fact in call.facts),
        )
