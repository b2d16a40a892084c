"""The desk as the world of a run, listened to: what passes is kept on a tape for the run's bundle."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cached_property

from pydantic import TypeAdapter

from agents.answers import Reply, ShownFact
from agents.driver import ASKED_AS, VOTED_AS
from agents.general import READER, asks_meaning, goes_first, is_general, may_explain
from agents.hanging import hung_on
from agents.request import Request
from desk import errors
from desk.clock import to_iso
from desk.errors import TenorError
from desk.factory import Desk
from desk.facts import FactTable
from desk.identity.roles import Person
from desk.instruments import Instruments
from desk.llm.chat import Completion
from desk.llm.choices import AgentModels, Voice
from desk.llm.router import Ask, DeadlineRouter, Routed
from desk.llm.tasks import TaskClass
from desk.llm.turns import TurnBook
from desk.market.moment import MarketMoment
from graphs.approval import settle
from graphs.replay.bundle import AskRow, CallRow, ErrorRow, PartRow, ReadingRow, VoiceRow
from graphs.replay.versions import prompt_hash
from graphs.router import QuestionRouter, Route
from graphs.turning import turn_of
from graphs.world import Proposals, Stage
from prompts.labels import PromptLabels
from prompts.library import Prompt
from rag.filings import Filings
from rag.knowledge.search import KnowledgeBase
from tools.context import A, DeskSight, R, Sight, Tool, ToolContext

ROUTED = TypeAdapter(Routed)
DOUBTFUL = 0.92
"""A route below this confidence gives way to an entry that surely fits; an entry that certainly fits needs none."""


@dataclass
class Part:
    """What was heard of one agent."""

    agent: str
    prompt: Prompt
    voice: Voice
    served: tuple[str, ...]
    readings: list[ReadingRow] = field(default_factory=list)
    calls: list[CallRow] = field(default_factory=list)
    asks: list[AskRow] = field(default_factory=list)
    micros: int = 0

    def row(self) -> PartRow:
        """As it is kept."""
        return PartRow(
            agent=self.agent,
            prompt=self.prompt.label,
            prompt_hash=prompt_hash(self.prompt),
            voice=VoiceRow(**asdict(self.voice)),
            served=self.served,
            readings=tuple(self.readings),
            calls=tuple(self.calls),
            asks=tuple(self.asks),
            micros=self.micros,
        )


@dataclass(frozen=True)
class Sources:
    """What a desk answers from."""

    desk: Desk
    filings: Filings
    knowledge: KnowledgeBase
    models: DeadlineRouter
    router: QuestionRouter
    prompts: PromptLabels
    voices: AgentModels
    turns: TurnBook


@dataclass
class LiveWorld:
    """See the module; made for one run, all of whose agents speak of one `moment` of the market."""

    sources: Sources
    routed: Route | None = None
    parts: list[Part] = field(default_factory=list)

    @cached_property
    def moment(self) -> MarketMoment:
        """Made when first somebody speaks."""
        return MarketMoment(self.sources.desk.feed)

    @cached_property
    def sight(self) -> DeskSight:
        """One of the run, so that the store is asked once who is here."""
        return DeskSight(self.sources.desk)

    @property
    def instruments(self) -> Instruments:
        """See `World`."""
        return self.sources.desk.feed.instruments

    @property
    def approvals(self) -> Proposals:
        """See `World`."""
        return self.sources.desk.approvals

    async def route(self, request: Request, history: Sequence[str]) -> Route:
        """See `World`."""
        after = hung_on(request, history, self.instruments)
        routed = await self.sources.router.choose(request, history, after)
        asks = after is None and asks_meaning(request)
        general = (
            routed.by not in {"cases", "follow-up", "law", "own orders"} or (routed.by == "follow-up" and asks)
        ) and (is_general(request) or may_explain(request))
        if len(routed.agents) == 1 and routed.agents[0] != READER and general:
            found = await asyncio.to_thread(self.sources.knowledge.find, request.question)
            doubtful = found.fit == "certain" or (routed.confidence or 1) < DOUBTFUL or asks_meaning(request)
            if doubtful and goes_first(
                request, found.fit
            ):  # whoever spoke would read it out; the reader of documents does
                routed = replace(routed, agents=(READER,), by="knowledge")
        self.routed = routed
        return routed

    def stage(self, agent: str, person: Person, run: str, facts: FactTable) -> Stage:
        """See `World`."""
        of = self.sources
        prompt, voice = of.prompts.assigned(agent, person.name), of.voices.voice(of.voices.of(agent))
        part = Part(agent, prompt, voice, tuple(task for task in (ASKED_AS, VOTED_AS) if of.models.serves(task)))
        self.parts.append(part)
        sight = HeardSight(self.sight, part.readings)
        context = ToolContext(of.desk, of.filings, of.knowledge, person, run, facts, sight, self.moment)
        return Stage(prompt, voice, HeardModels(of.models, part.asks), context, HeardTools(part.calls))

    def heard(self, reply: Reply, run: str) -> None:
        """Counts the turn in the desk's books."""
        self.parts[-1].micros = round(reply.ms * 1000)
        self.sources.turns.keep(turn_of(reply, run))
        if reply.asked:
            self.sources.prompts.note(reply.prompt, reply.fallback is not None, reply.ms, reply.cost_usd)

    def settle(self, approval: str) -> None:
        """See `World`."""
        settle(self.sources.desk, self.sources.desk.approvals.get(approval))


@dataclass(frozen=True)
class HeardSight:
    """What a plan sees, noted."""

    inner: Sight
    notes: list[ReadingRow]

    @property
    def instruments(self) -> Instruments:
        """See `Sight`; the bundle holds them all."""
        return self.inner.instruments

    def now(self) -> datetime:
        """See `Sight`."""
        moment = self.inner.now()
        self.notes.append(ReadingRow(kind="now", values=(to_iso(moment),)))
        return moment

    def accounts_in(self, words: Collection[str]) -> list[str]:
        """See `Sight`."""
        found = self.inner.accounts_in(words)
        self.notes.append(ReadingRow(kind="accounts", values=tuple(found)))
        return found

    def people_in(self, words: Collection[str]) -> list[str]:
        """See `Sight`."""
        found = self.inner.people_in(words)
        self.notes.append(ReadingRow(kind="people", values=tuple(found)))
        return found

    def rule_titles(self) -> list[str]:
        """See `Sight`."""
        found = self.inner.rule_titles()
        self.notes.append(ReadingRow(kind="rules", values=tuple(found)))
        return found


@dataclass(frozen=True)
class HeardTools:
    """Runs tools on the desk and notes each call with its result and facts; what a tool itself reads is in those."""

    notes: list[CallRow]

    def __call__(self, tool: Tool[A, R], context: ToolContext, arguments: A) -> R:
        """The tool's result; its errors pass through."""
        before, result, fault = len(context.facts.all()), None, None
        try:
            result = tool.run(replace(context, given=None), arguments)
            return result
        except TenorError as error:
            fault = error
            raise
        finally:
            if result is not None or fault is not None:
                self.notes.append(
                    CallRow(
                        tool=tool.name,
                        arguments=arguments.model_dump_json(),
                        result=None if result is None else result.model_dump_json(),
                        error=None if fault is None else error_row(fault),
                        facts=tuple(ShownFact.of(fact) for fact in context.facts.all()[before:]),
                    )
                )


def error_row(error: TenorError) -> ErrorRow:
    """An error as it is kept: its nearest class in `desk.errors`, and all that it carries."""
    kind = next(c.__name__ for c in type(error).__mro__ if c.__module__ == errors.__name__)
    more = {name: value for name, value in vars(error).items() if name != "message"}
    return ErrorRow(kind=kind, message=error.message, more=json.dumps(more, ensure_ascii=False))


@dataclass(frozen=True)
class HeardModels:
    """The desk's models, listened to."""

    inner: DeadlineRouter
    notes: list[AskRow]

    def serves(self, task: str) -> bool:
        """See `Models`."""
        return self.inner.serves(task)

    def task(self, name: str) -> TaskClass:
        """See `Models`."""
        return self.inner.task(name)

    async def complete(self, ask: Ask, last: Callable[[], Completion] | None = None) -> Routed:
        """See `Models`; attempts are kept without keys."""
        routed = await self.inner.complete(ask, last)
        clean = self.inner.clean
        kept = replace(
            routed, attempts=tuple(replace(a, raw=clean(a.raw), reason=clean(a.reason)) for a in routed.attempts)
        )
        self.notes.append(AskRow(request=ask_hash(ask), routed=ROUTED.dump_json(kept).decode()))
        return routed


def ask_hash(ask: Ask) -> str:
    """SHA-256 over all of a request that decides its answer: words, tools, schema, prompt and length."""
    wire = {
        "task": ask.task,
        "prompt": ask.prompt,
        "messages": [message.to_wire() for message in ask.messages],
        "tools": [tool.to_wire() for tool in ask.tools],
        "schema": ask.schema,
        "max_tokens": ask.max_tokens,
        "temperature": ask.temperature,
        "choice": ask.choice,
    }
    return hashlib.sha256(json.dumps(wire, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
