"""What a rule reports: the accounts, the money's path, the rules that fired."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from desk.fraud.graph import Columns
from desk.fraud.thresholds import STANDARD, Thresholds
from desk.fraud.typologies import TITLES, Typology, rule_text
from desk.money import Money

SINGLE: frozenset[Typology] = frozenset({"cycle", "pass_through", "unusual"})
"""One sum of money that moves on: its amount is the largest, not the total."""


class Finding(NamedTuple):
    """What a rule found: rows in the order of the path, and accounts that belong to it by their links alone."""

    typology: Typology
    rows: tuple[int, ...]
    rules: tuple[str, ...]
    score: float
    linked: tuple[int, ...] = ()

    def accounts(self, columns: Columns) -> tuple[int, ...]:
        """In the order of the path, the linked ones last."""
        ends = (int(end) for row in self.rows for end in (columns.source[row], columns.target[row]))
        return tuple(dict.fromkeys((*ends, *self.linked)))


class Edge(NamedTuple):
    """One transfer of an alert; time in seconds of the columns."""

    id: str
    source: str
    target: str
    minor: int
    at: int


class Fired(NamedTuple):
    """A rule that fired, in words."""

    id: str
    text: str


@dataclass(frozen=True)
class Alert:
    """A pattern worth a person's look; never a verdict.

    `accounts` and `edges` are in the order of the path. `minor` is the largest single amount for
    rings and chains and the sum for the others. `linked` are the accounts that belong to it by their links alone: no
    payment of a pattern by them was seen. The id depends on typology and transfers only.
    """

    id: str
    typology: Typology
    accounts: tuple[str, ...]
    minor: int
    currency: str
    start: int
    end: int
    rules: tuple[Fired, ...]
    score: float
    edges: tuple[Edge, ...]
    linked: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The typology as a person says it."""
        return TITLES[self.typology]

    @property
    def amount(self) -> Decimal:
        """The amount in major units."""
        return Money(self.minor, self.currency).amount


def build_alert(columns: Columns, finding: Finding, thresholds: Thresholds = STANDARD) -> Alert:
    """A finding with its names and words."""
    typology = finding.typology
    edges = tuple(
        Edge(
            columns.ids[row],
            columns.accounts[columns.source[row]],
            columns.accounts[columns.target[row]],
            int(columns.minor[row]),
            int(columns.at[row]),
        )
        for row in finding.rows
    )
    named = "\n".join([typology, *sorted(edge.id for edge in edges)])
    amounts = [edge.minor for edge in edges]
    return Alert(
        id=f"al-{hashlib.sha256(named.encode()).hexdigest()[:10]}",
        typology=typology,
        accounts=tuple(columns.accounts[account] for account in finding.accounts(columns)),
        minor=max(amounts) if typology in SINGLE else _moved(typology, edges),
        currency=columns.currency,
        start=min(edge.at for edge in edges),
        end=max(edge.at for edge in edges),
        rules=tuple(Fired(rule, rule_text(rule, thresholds)) for rule in finding.rules),
        score=shown_score(finding.score),
        edges=edges,
        linked=tuple(columns.accounts[account] for account in finding.linked),
    )


def shown_score(score: float) -> float:
    """To two digits, .99 at most."""
    return round(min(score, 0.99), 2)


def _moved(typology: Typology, edges: Sequence[Edge]) -> int:
    """The money that entered: for scatter-gather the split half only."""
    if typology != "scatter_gather":
        return sum(edge.minor for edge in edges)
    return sum(edge.minor for edge in edges if edge.source == edges[0].source)
