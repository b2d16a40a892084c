"""What agents answer: frozen, typed, and without a number that is not a fact."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from desk.facts import Fact, FactTable
from desk.identity.roles import Needs
from desk.orders import Order


class Frozen(BaseModel):
    """Base of everything here."""

    model_config = ConfigDict(frozen=True)


class Citation(Frozen):
    """The place in a document that says it. `start` and `end` are characters of the filing's text."""

    document: str
    filing: str
    page: int | None
    section: str
    quote: str
    start: int
    end: int


class Refusal(Frozen):
    """A rule said no: which, its limit, the value, and a sentence."""

    rule: str
    limit: str
    value: str
    message: str


class Card(Frozen):
    """A typed extra beside the text; `kind` says how to draw `body`."""

    kind: Literal["alert", "comparison", "allocation", "plan", "quotes", "headlines", "related"]
    title: str
    body: dict[str, JsonValue]


class Draft(Frozen):
    """Orders an agent would like to place, with all that the person sees before the click.

    `evidence` is plain JSON: diff, limits, cost, why. Nothing has happened yet.
    """

    account: str
    orders: tuple[Order, ...]
    evidence: dict[str, JsonValue]
    needs: Needs
    customer_account: bool


def is_empty(ids: tuple[str, ...]) -> bool:
    """Whether a fact names none."""
    return not ids


class ShownFact(Frozen):
    """A fact as it travels: in state, in answers, on the wire. Empty `reads` and `about` are left out."""

    id: str
    label: str
    value: Decimal
    unit: str
    currency: str | None
    as_of: str
    source: str
    locator: str
    inputs: tuple[str, ...] = ()
    reads: tuple[str, ...] = Field(default=(), exclude_if=is_empty)
    about: tuple[str, str] | tuple[()] = Field(default=(), exclude_if=is_empty)
    """Left out when empty: facts of bundles written before there were these two stay byte for byte what they were."""

    @classmethod
    def of(cls, fact: Fact) -> ShownFact:
        """The travelling form of a fact."""
        made = cls.model_construct(**{name: getattr(fact, name) for name in cls.model_fields})
        made.__dict__["fact"] = fact
        return made

    @cached_property
    def fact(self) -> Fact:
        """The table's form: the very fact it was made of, while it has not travelled."""
        return Fact(**{name: getattr(self, name) for name in type(self).model_fields})


class AgentAnswer(Frozen):
    """What every agent's answer holds. `text` is Markdown with `{{f:ID}}` slots.

    `abstained` means it has nothing true to say; `text` then says what is missing.
    `quoted` are verbatim words in the text whose numerals stand as they are (quotes, titles, the
    user's own words). With `ends` no other agent speaks after it in this turn.
    """

    text: str
    abstained: bool = False
    citations: tuple[Citation, ...] = ()
    quoted: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    refusal: Refusal | None = None
    draft: Draft | None = None
    ends: bool = False


class Reply(Frozen):
    """One agent's contribution to a run, as the state keeps it. `facts` are those it was first to register.

    `asked` is the model that was first in order, empty when none was asked; `first_ms` until the first token of the
    words of a model that are shown. `fallback`: why the plan's words are shown; `passed`: why not those of `asked`.
    """

    agent: str
    answer: AgentAnswer
    typed: dict[str, JsonValue]
    facts: tuple[ShownFact, ...]
    model: str
    fallback: str | None
    prompt: str
    asked: str = ""
    passed: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    first_ms: float | None = None
    ms: float = 0.0

    @property
    def tokens(self) -> int:
        """Of all calls, both ways."""
        return self.tokens_in + self.tokens_out


def table_of(replies: Sequence[Reply]) -> FactTable:
    """The facts of a run after these replies, in the order they were registered. Empty before the first."""
    return FactTable(shown.fact for reply in replies for shown in reply.facts)
