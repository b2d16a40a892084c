"""What a tool may reach, and the one way to call it.

A tool is a plain function of a context and typed arguments. It works with the rights of the
person who asked, registers every number it finds as a fact, and never changes the world: what
would move money becomes a proposal that a person answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from desk.clock import to_iso
from desk.errors import Forbidden, InputError, TenorError
from desk.factory import Desk
from desk.facts import FactTable
from desk.identity.roles import Person
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


@dataclass(frozen=True)
class ToolContext:
    """The desk, the filings, the knowledge base, the person, and the fact table of this run."""

    desk: Desk
    filings: Filings
    knowledge: KnowledgeBase
    person: Person
    run: str
    facts: FactTable = field(default_factory=FactTable)

    def market_time(self) -> str:
        """The market clock, ISO 8601 UTC: the `as_of` of anything priced now."""
        return to_iso(self.desk.feed.now())


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
    """Calls tools for one agent: only those on its list, each call noted and announced."""

    context: ToolContext
    allowed: tuple[str, ...]
    announce: Callable[[Called], None]

    def call(self, tool: Tool[A, R], arguments: A) -> R:
        """The tool's result. Forbidden when the tool is not on the agent's list; tool errors pass through."""
        if tool.name not in self.allowed:
            raise Forbidden(f"this agent may not call {tool.name!r}; it may call {', '.join(self.allowed)}")
        began, ok, summary = time.perf_counter(), False, ""
        try:
            result = tool.run(self.context, arguments)
            ok, summary = True, result.text
            return result
        except TenorError as error:
            summary = error.message
            raise
        finally:
            ms = round((time.perf_counter() - began) * 1000, 3)
            self.announce(Called(tool.name, arguments.model_dump(mode="json"), ok, ms, summary))
