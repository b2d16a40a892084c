"""What a tool may reach, and the one way to call it.

A tool is a plain function of a context and typed arguments. It works with the rights of the
person who asked, registers every number it finds as a fact, and never changes the world: what
would move money becomes a proposal that a person answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from desk.clock import to_iso
from desk.errors import Forbidden, InputError, TenorError
from desk.factory import Desk
from desk.facts import FactTable
from desk.identity.roles import Person, Role
from desk.instruments import Instruments
from desk.market.feed import MarketFeed
from desk.market.moment import MarketMoment
from rag.filings import Filings
from rag.knowledge.search import KnowledgeBase


class Arguments(BaseModel):
    """Arguments of a tool: unknown names are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Result(BaseModel):
    """What a tool found. `text` is one plain line about it for the step list, without numerals."""

    model_config = ConfigDict(frozen=True)

    text: str = ""


A = TypeVar("A", bound=Arguments)
R = TypeVar("R", bound=Result)


class Sight(Protocol):
    """What a plan sees of the desk beside its tools: all of it passes here, so that a run can be recorded."""

    @property
    def instruments(self) -> Instruments:
        """The instruments the desk knows."""
        ...

    def now(self) -> datetime:
        """The market clock."""
        ...

    def accounts_in(self, words: Collection[str]) -> list[str]:
        """Those of the words that are accounts of the desk, sorted."""
        ...

    def people_in(self, words: Collection[str]) -> list[str]:
        """The names of those people of the desk whom one of the lower-case words calls by name, sorted."""
        ...

    def rule_titles(self) -> list[str]:
        """What the rulebook holds, in its order."""
        ...


@dataclass(frozen=True)
class DeskSight:
    """The desk as it is now; who belongs to it is read once."""

    desk: Desk

    @cached_property
    def called(self) -> list[tuple[str, str]]:
        """Everybody's name and display name."""
        return self.desk.people.called()

    @property
    def instruments(self) -> Instruments:
        """See `Sight`."""
        return self.desk.feed.instruments

    def now(self) -> datetime:
        """See `Sight`."""
        return self.desk.feed.now()

    def accounts_in(self, words: Collection[str]) -> list[str]:
        """See `Sight`."""
        return sorted(self.desk.trading.cash().keys() & set(words))

    def people_in(self, words: Collection[str]) -> list[str]:
        """See `Sight`. A name that is also a role ("trader") calls nobody."""
        said = set(words) - {role.value for role in Role}
        return sorted(name for name, display in self.called if {name, *display.casefold().split()} & said)

    def rule_titles(self) -> list[str]:
        """See `Sight`."""
        return [rule.title for rule in self.desk.rulebook]


@dataclass(frozen=True)
class ToolContext:
    """The desk, the filings, the knowledge base, the person, and the fact table of this run.

    Tools reach all of it; a plan only `sight`, `person` and `facts`. `given` is another sight than the desk's own,
    `moment` the market that all agents of the run share.
    """

    desk: Desk
    filings: Filings
    knowledge: KnowledgeBase
    person: Person
    run: str
    facts: FactTable = field(default_factory=FactTable)
    given: Sight | None = None
    moment: MarketFeed | None = None

    @property
    def sight(self) -> Sight:
        """What a plan sees of the desk."""
        return self.given or DeskSight(self.desk)

    @cached_property
    def market(self) -> MarketFeed:
        """The market as this run speaks of it: its prices stand still. What trades asks `desk.feed`."""
        return self.moment or MarketMoment(self.desk.feed)

    def market_time(self) -> str:
        """The market clock, ISO 8601 UTC: the `as_of` of anything priced now."""
        return to_iso(self.sight.now())


@dataclass(frozen=True)
class Tool(Generic[A, R]):
    """A named function an agent may be allowed to call."""

    name: str
    description: str
    arguments: type[A]
    run: Callable[[ToolContext, A], R]

    def schema(self) -> dict[str, object]:
        """See `NamedTool.schema`."""
        return self.arguments.model_json_schema()

    def call_json(self, caller: Caller, raw: dict[str, object]) -> R:
        """See `NamedTool.call_json`."""
        try:
            arguments = self.arguments.model_validate(raw)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise InputError(f"arguments of {self.name}: {wrong}") from None
        return caller.call(self, arguments)


class NamedTool(Protocol):
    """A tool whose argument type is its own business: what an agent lists and a model calls."""

    @property
    def name(self) -> str:
        """Unique among all tools."""
        ...

    @property
    def description(self) -> str:
        """One line for a model."""
        ...

    def schema(self) -> dict[str, object]:
        """JSON schema of the arguments."""
        ...

    def call_json(self, caller: Caller, raw: dict[str, object]) -> Result:
        """Calls it with a model's untyped arguments; InputError says what is wrong with them."""
        ...


class RunTool(Protocol):
    """The way from a call to its result; a recording listens here, a replay answers from its record."""

    def __call__(self, tool: Tool[A, R], context: ToolContext, arguments: A) -> R:
        """The tool's result; its errors pass through."""
        ...


def run_tool(tool: Tool[A, R], context: ToolContext, arguments: A) -> R:
    """Runs it."""
    return tool.run(context, arguments)


@dataclass(frozen=True)
class Called:
    """One call, for the step list and the record."""

    tool: str
    arguments: dict[str, object]
    ok: bool
    ms: float
    summary: str


@dataclass
class Caller:
    """Calls tools for one agent: only those on its list. Every call, also a refused one, is announced; `made` ran."""

    context: ToolContext
    allowed: tuple[str, ...]
    announce: Callable[[Called], None]
    run: RunTool = run_tool
    made: list[Called] = field(default_factory=list)

    def call(self, tool: Tool[A, R], arguments: A) -> R:
        """The tool's result. Forbidden when the tool is not on the agent's list; tool errors pass through."""
        if tool.name not in self.allowed:
            why = f"this agent may not call {tool.name!r}; it may call {', '.join(self.allowed)}"
            self.refuse(tool.name, arguments.model_dump(mode="json"), why)
            raise Forbidden(why)
        began, ok, summary = time.perf_counter(), False, ""
        try:
            result = self.run(tool, self.context, arguments)
            ok, summary = True, result.text
            return result
        except TenorError as error:
            summary = error.message
            raise
        finally:
            ms = round((time.perf_counter() - began) * 1000, 3)
            called = Called(tool.name, arguments.model_dump(mode="json"), ok, ms, summary)
            self.made.append(called)
            self.announce(called)

    def refuse(self, tool: str, arguments: dict[str, object], why: str) -> None:
        """Announces a call that was not let through."""
        self.announce(Called(tool, arguments, False, 0.0, f"refused: {why}"))
