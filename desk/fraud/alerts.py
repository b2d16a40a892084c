"""What a rule reports: the accounts, the money's path, the rules that fired."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from desk.fraud.graph import Columns
from desk.fraud.thresholds import STANDARD, TITLES, Thresholds, rule_text
from desk.money import Money

Typology = Literal["cycle", "fan_in", "fan_out", "scatter_gather", "structuring", "pass_through", "unusual"]


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
    rings and chains and the sum for the others. The id depends on typology and transfers only.
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

    @property
    def title(self) -> str:
        """The typology as a person says it."""
        return TITLES[self.typology]

    @property
    def amount(self) -> Decimal:
        """The amount in major units."""
        return Money(self.minor, self.currency).amount


def build_alert(
    columns: Columns,
    typology: Typology,
    rows: Sequence[int],
    rules: Sequence[str],
    score: float,
    thresholds: Thresholds = STANDARD,
) -> Alert:
    """An alert over these rows, given in path order."""
    edges = tuple(
        Edge(
            columns.ids[row],
            columns.accounts[columns.source[row]],
            columns.accounts[columns.target[row]],
            int(columns.minor[row]),
            int(columns.at[row]),
        )
        for row in rows
    )
    named = "\n".join([typology, *sorted(edge.id for edge in edges)])
    amounts = [edge.minor for edge in edges]
    return Alert(
        id=f"al-{hashlib.sha256(named.encode()).hexdigest()[:10]}",
        typology=typology,
        accounts=tuple(dict.fromkeys(name for edge in edges for name in (edge.source, edge.target))),
        minor=max(amounts) if typology in {"cycle", "pass_through", "unusual"} else _moved(typology, edges),
        currency=columns.currency,
        start=min(edge.at for edge in edges),
        end=max(edge.at for edge in edges),
        rules=tuple(Fired(rule, rule_text(rule, thresholds)) for rule in rules),
        score=round(min(score, 0.99), 2),
        edges=edges,
    )


def _moved(typology: Typology, edges: Sequence[Edge]) -> int:
    """The money that entered: for scatter-gather the split half only."""
    if typology != "scatter_gather":
        return sum(edge.minor for edge in edges)
    return sum(edge.minor for edge in edges if edge.source == edges[0].source)
