"""A case told in words that cite its own facts: the template, its facts, and what binds a number to its place.

Every number of the text is a slot of a fact computed from the alert's payments; every name is one of its accounts. The
template serves when there is no model. For a model's text `moves` and `fragments` say which words may stand at an
account, a date or a slot (`agents/bindings.py` holds it to them).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from desk.clock import to_iso
from desk.facts import Fact, FactTable
from desk.fraud.alerts import SINGLE, Alert, Edge
from desk.fraud.graph import moment_of
from desk.fraud.words import innocent
from desk.money import Money

SOURCE = "fraud rules over transfers"
MOST_MOVES, MOST_NAMED = 12, 8
_LINK = re.compile(r"\[([^\]]*)\]\(#fact-[^)]*\)")
RULES, INNOCENT_HEAD = "Rules that fired:", "It may be innocent:"
CLOSING = "This is consistent with the pattern named; it does not show that anybody did anything wrong."


class Move(NamedTuple):
    """A payment that the story tells of: its fact's id is `fact`, `day` is as shown."""

    edge: Edge
    fact: str
    day: str


@dataclass(frozen=True)
class Story:
    """The template's text with slots, and its facts.

    `quoted` are words with numerals or names of their own that may stand where they stand whole (accounts, rules).
    `fragments` are those of the template's words in which a slot, an account or a date may stand in a text of others;
    beside them only a move, said in one of the usual ways. `edges` names for each fact the transfers behind it.
    """

    text: str
    facts: FactTable
    quoted: tuple[str, ...]
    moves: tuple[Move, ...]
    fragments: tuple[str, ...]
    edges: dict[str, tuple[str, ...]]


class _Writer:
    """Collects the facts of one alert."""

    def __init__(self, alert: Alert) -> None:
        self.alert, self.facts = alert, FactTable()
        self.edges: dict[str, tuple[str, ...]] = {}

    def money(self, id: str, label: str, minor: int, how: str, edges: tuple[Edge, ...]) -> str:
        currency = self.alert.currency
        return self._add(Fact(id, label, Money(minor, currency).amount, currency, "", SOURCE, how, currency), edges)

    def count(self, id: str, label: str, value: int, unit: str, how: str, edges: tuple[Edge, ...]) -> str:
        return self._add(Fact(id, label, Decimal(value), unit, "", SOURCE, how), edges)

    def score(self) -> str:
        value = Decimal(str(self.alert.score))
        made = Fact("score", "score of the rules", value, "ratio", "", SOURCE, "how far from chance the rules find it")
        return self._add(made, self.alert.edges)

    def _add(self, fact: Fact, edges: tuple[Edge, ...]) -> str:
        self.edges[fact.id] = tuple(edge.id for edge in edges)
        at = edges[-1].at if len(edges) == 1 else self.alert.end
        return self.facts.add(replace(fact, as_of=to_iso(moment_of(at))))


def tell(alert: Alert) -> Story:
    """The story of an alert; the same alert gives the same words and facts."""
    writer = _Writer(alert)
    moves = tuple(
        Move(edge, f"t{n}", f"{moment_of(edge.at):%Y-%m-%d}") for n, edge in enumerate(alert.edges[:MOST_MOVES], 1)
    )
    head = _head(writer)
    paid = [_said(writer, move) for move in moves]
    ends = [*_rest(writer), *_kept(writer), *_linked(writer)]
    rules = tuple(fired.text for fired in alert.rules)
    lines = [
        f"{alert.title}: {head}.",
        "\n".join((*(f"- {said}" for said in paid), *(f"- {end}" for end in ends))),
        f"{RULES} {' '.join(rules)}",
        f"{INNOCENT_HEAD} {innocent(alert)}",
        CLOSING,
    ]
    fragments = (alert.title, head, *paid, *ends, RULES, *rules, INNOCENT_HEAD, innocent(alert), CLOSING)
    quoted = (*alert.accounts, *rules, innocent(alert), alert.title)
    return Story("\n\n".join(lines), writer.facts, quoted, moves, fragments, writer.edges)


def plain_story(alert: Alert) -> str:
    """The story with its numbers written out and no links, for a paper or a card."""
    story = tell(alert)
    return unlinked(story.facts.fill(story.text)[0])


def unlinked(text: str) -> str:
    """A filled text with the words of its links in their place."""
    return _LINK.sub(r"\1", text)


def _head(writer: _Writer) -> str:
    alert = writer.alert
    single = alert.typology in SINGLE
    how = "the largest of its payments" if single else "the payments that entered it, together"
    moved = writer.money("moved", f"amount of {alert.title.lower()}", alert.minor, how, alert.edges)
    many = writer.count("transfers", "transfers in it", len(alert.edges), "transfers", "its payments", alert.edges)
    over = writer.count("accounts", "accounts in it", len(alert.accounts), "accounts", "its accounts", alert.edges)
    first, last = (f"{moment_of(at):%Y-%m-%d}" for at in (alert.start, alert.end))
    when = f"on {first}" if first == last else f"between {first} and {last}"
    return f"{'up to ' if single else ''}{moved} in {many} over {over} {when}, with a score of {writer.score()}"


def _said(writer: _Writer, move: Move) -> str:
    edge, label = move.edge, f"{move.edge.source} to {move.edge.target}"
    slot = writer.money(move.fact, label, edge.minor, f"transfer {edge.id}", (edge,))
    return f"{edge.source} → {edge.target}: {slot} on {move.day}"


def _rest(writer: _Writer) -> list[str]:
    rest = writer.alert.edges[MOST_MOVES:]
    if not rest:
        return []
    many = writer.count("rest", "transfers not told one by one", len(rest), "transfers", "its other payments", rest)
    total = writer.money(
        "rest_sum", "those not told one by one", sum(edge.minor for edge in rest), "their amounts, added", rest
    )
    return [f"and {many} more, together {total}"]


def _kept(writer: _Writer) -> list[str]:
    """What a ring or a chain lost on its way."""
    alert = writer.alert
    first, last = alert.edges[0], alert.edges[-1]
    if alert.typology not in {"cycle", "pass_through"} or first.minor <= last.minor:
        return []
    how = f"transfer {first.id} less transfer {last.id}"
    kept = writer.money("kept", "lost on the way", first.minor - last.minor, how, (first, last))
    return [f"from the first payment to the last the amount fell by {kept}"]


def _linked(writer: _Writer) -> list[str]:
    linked = writer.alert.linked
    if not linked:
        return []
    many = writer.count("linked", "accounts linked only", len(linked), "accounts", "members by their links alone", ())
    named = ", ".join(linked[:MOST_NAMED]) + (", and others" if len(linked) > MOST_NAMED else "")
    return [f"{many} belong by their links alone, no payment of the pattern by them was seen: {named}"]
