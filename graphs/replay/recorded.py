"""The record of a run as its world: every answer comes from the bundle, in the order in which it was given.

There is no desk behind it: whatever reaches for one, for a network or for a clock finds nothing, and nothing can be
changed. `Strayed` says where a run left its record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NoReturn, cast

from pydantic import TypeAdapter

from agents.agent import Models
from agents.answers import Reply
from agents.request import Request
from desk.clock import from_iso
from desk.factory import Desk
from desk.facts import FactTable
from desk.identity.roles import KeyGrant, Needs, Person
from desk.instruments import Instrument, Instruments
from desk.llm.chat import Completion
from desk.llm.choices import Voice
from desk.llm.router import Ask, Routed
from desk.llm.tasks import TaskClass, task_class
from desk.orders import Order
from desk.trading.approvals import LIFE, Approval, number_orders, orders_hash
from graphs.live import ROUTED, ask_hash
from graphs.replay.bundle import Bundle, PartRow, PersonRow
from graphs.replay.recorded_tools import Made, RecordedTools, Strayed
from graphs.replay.versions import prompt_hash
from graphs.router import Route
from graphs.world import Proposals, Stage
from prompts.library import Prompt, find_prompt
from rag.filings import Filings
from rag.knowledge.search import KnowledgeBase
from tools.context import ToolContext

_INSTRUMENTS = TypeAdapter(tuple[Instrument, ...])
_ROUTE = TypeAdapter(Route | None)


class Absent:
    """Stands where a replay has nothing: any use is `Strayed`."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __getattr__(self, name: str) -> NoReturn:
        raise Strayed(f"a replay has no {self._what}; {name!r} was asked of it")


@dataclass(frozen=True)
class Exchange:
    """Replaces a part of the record: `prompts` by agent, and the `models` that are then asked.

    With `only`, every agent asks that model; without, the agents of `prompts` ask as they did. The others' answers
    come from the record.
    """

    models: Models
    only: str = ""
    prompts: Mapping[str, Prompt] = field(default_factory=dict)

    def covers(self, agent: str) -> bool:
        """Whether this agent asks anew."""
        return bool(self.only) or agent in self.prompts


@dataclass
class RecordedWorld:
    """See the module; made for one replay. `made` are its calls, in order, `ms` what its agents took."""

    bundle: Bundle
    exchange: Exchange | None = None
    made: list[Made] = field(default_factory=list)
    ms: float = 0.0
    _next: int = 0
    _checks: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._instruments = read_instruments(self.bundle.instruments)
        self._proposals = RecordedProposals(self.bundle.proposed_at)

    @property
    def instruments(self) -> Instruments:
        """See `World`."""
        return self._instruments

    @property
    def approvals(self) -> Proposals:
        """See `World`."""
        return self._proposals

    async def route(self, request: Request, history: Sequence[str]) -> Route:
        """See `World`."""
        found = _ROUTE.validate_json(self.bundle.route)
        if found is None:
            raise Strayed("the run asked for a route, the record holds none")
        return found

    def stage(self, agent: str, person: Person, run: str, facts: FactTable) -> Stage:
        """See `World`."""
        part = self.bundle.parts[self._next] if self._next < len(self.bundle.parts) else None
        if part is None or part.agent != agent:
            raise Strayed(f"agent {agent} spoke, the record has {part.agent if part else 'nobody'} there")
        self._next += 1
        swap = self.exchange if self.exchange and self.exchange.covers(agent) else None
        tools, asked = RecordedTools(part, self.made, strict=swap is None), RecordedModels(part)
        if swap is None:
            self._checks += (tools.check_used, asked.check_used)
        voice = Voice(only=swap.only) if swap and swap.only else Voice(**part.voice.model_dump())
        desk, filings = cast(Desk, Absent("desk")), cast(Filings, Absent("filings"))
        knowledge = cast(KnowledgeBase, Absent("knowledge base"))
        context = ToolContext(desk, filings, knowledge, person, run, facts, RecordedSight(self._instruments, part))
        return Stage(self._prompt(part), voice, swap.models if swap else asked, context, tools)

    def heard(self, reply: Reply, run: str) -> None:
        """Counts its time; nothing is written."""
        self.ms += reply.ms

    def settle(self, approval: str) -> None:
        """A replay ends where a person would be asked."""
        raise Strayed(f"a replay never sends orders; proposal {approval!r} was to be settled")

    def check_used(self) -> None:
        """Strayed when an agent, a tool call or a request of the record was left out."""
        if self._next < len(self.bundle.parts):
            raise Strayed(f"agent {self.bundle.parts[self._next].agent} did not speak, the record has it")
        for check in self._checks:
            check()

    def _prompt(self, part: PartRow) -> Prompt:
        if self.exchange and part.agent in self.exchange.prompts:
            return self.exchange.prompts[part.agent]
        prompt = find_prompt(part.prompt)
        if prompt_hash(prompt) != part.prompt_hash:
            raise Strayed(f"prompt {part.prompt} says other things now than when the run was recorded")
        return prompt


def read_instruments(text: str) -> Instruments:
    """The instruments of a bundle."""
    return Instruments(_INSTRUMENTS.validate_json(text))


def read_person(row: PersonRow) -> Person:
    """Who asked."""
    via = None if row.via is None else KeyGrant(row.via.key, row.via.scopes, row.via.budget_nanos)
    return Person(row.name, row.display_name, row.role, row.accounts, row.demo, via)


@dataclass
class RecordedSight:
    """What the plan saw then, in the same order."""

    instruments: Instruments
    part: PartRow
    _next: int = 0

    def now(self) -> datetime:
        """See `Sight`."""
        (moment,) = self._take("now")
        return from_iso(moment)

    def accounts_in(self, words: Collection[str]) -> list[str]:
        """See `Sight`."""
        return list(self._take("accounts"))

    def people_in(self, words: Collection[str]) -> list[str]:
        """See `Sight`."""
        return list(self._take("people"))

    def rule_titles(self) -> list[str]:
        """See `Sight`."""
        return list(self._take("rules"))

    def _take(self, kind: Literal["now", "accounts", "people", "rules"]) -> tuple[str, ...]:
        rows = self.part.readings
        if self._next >= len(rows) or rows[self._next].kind != kind:
            raise Strayed(f"agent {self.part.agent} looked at {kind!r}, the record does not have that there")
        self._next += 1
        return rows[self._next - 1].values


@dataclass
class RecordedModels:
    """Answers requests from the record, each by its hash, in their order."""

    part: PartRow
    _next: int = 0

    def serves(self, task: str) -> bool:
        """Whether there was a model then."""
        return task in self.part.served

    def task(self, name: str) -> TaskClass:
        """The deadlines; nothing here is late."""
        return task_class(name)

    async def complete(self, ask: Ask, last: Callable[[], Completion] | None = None) -> Routed:
        """See `Models`."""
        rows = self.part.asks
        if self._next >= len(rows):
            raise Strayed(f"agent {self.part.agent} asked a model once more, the record has no answer to that")
        row = rows[self._next]
        self._next += 1
        if row.request != ask_hash(ask):
            raise Strayed(f"agent {self.part.agent} asked a model something else than in the record")
        return ROUTED.validate_json(row.routed)

    def check_used(self) -> None:
        """Strayed when a request of the record was not made."""
        if self._next < len(self.part.asks):
            raise Strayed(f"agent {self.part.agent} asked no model, the record has an answer there")


@dataclass
class RecordedProposals:
    """A proposal as it would wait, kept here only."""

    at: str
    _made: dict[str, Approval] = field(default_factory=dict)

    def propose(
        self,
        *,
        thread: str,
        asker: Person,
        agent: str,
        orders: list[Order],
        evidence: Mapping[str, object],
        needs: Needs,
        customer_account: bool,
        id: str = "",
    ) -> Approval:
        """See `Proposals`."""
        if not self.at:
            raise Strayed("the run made a proposal, the record has none")
        numbered, now = number_orders(id, orders), from_iso(self.at)
        made = Approval(
            id=id,
            thread=thread,
            account=numbered[0].account,
            agent=agent,
            person=asker.name,
            orders=numbered,
            orders_hash=orders_hash(numbered),
            evidence=dict(evidence),
            needs=needs,
            customer_account=customer_account,
            state="waiting",
            created_at=now,
            expires_at=now + LIFE,
        )
        return self._made.setdefault(id, made)

    def get(self, id: str) -> Approval:
        """See `Proposals`."""
        return self._made[id]
