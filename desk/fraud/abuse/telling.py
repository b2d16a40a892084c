"""A market case told in words that cite its own facts: orders, trades, bars and forms, each with its own day.

Every number is a slot of a fact computed from the alert's rows; every name is an account, a person, an order, a form or
the instrument of the alert. It serves where `desk.fraud.story` serves for transfers, and is held to the same guards.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from desk.clock import to_iso
from desk.facts import Fact, FactTable
from desk.fraud.abuse.case_book import MarketCase
from desk.fraud.abuse.case_file import Row, rows_of
from desk.fraud.abuse.words import INNOCENT
from desk.fraud.story import CLOSING, INNOCENT_HEAD, RULES, Story

SOURCE = "market abuse rules over orders, bars and forms"
MOST_ROWS = 12


class Figure(NamedTuple):
    """A figure of a rule: what it is, its unit, and what to multiply it by."""

    label: str
    unit: str
    times: int = 1


FIGURES: dict[str, Figure] = {
    "episodes": Figure("episodes in which orders were pulled after a fill", "episodes"),
    "ratio": Figure("size pulled against size filled, the middle one", "ratio"),
    "pairs": Figure("pairs of orders that met", "pairs"),
    "trades": Figure("trades between them", "trades"),
    "messages": Figure("messages sent", "messages"),
    "cancelled": Figure("cancellations among them", "cancellations"),
    "z": Figure("the move against its own usual spread", "ratio"),
    "return": Figure("return over the move", "%", 100),
    "rise": Figure("rise from base to peak", "%", 100),
    "fall": Figure("fall from the peak", "%", 100),
    "days_before": Figure("days from the last trade to the news", "days"),
    "times_usual": Figure("size against the usual size of this person", "ratio"),
    "days_late": Figure("days after the due date, the longest", "days"),
}
_SAID = {
    "fill": "{who} was filled on order {id}",
    "cancelled": "{who} cancelled order {id}",
    "cancel": "{who} cancelled order {id}",
    "new": "{who} entered order {id}",
    "order": "{who} entered order {id}",
    "reject": "order {id} of {who} was rejected",
    "bought": "{who} bought in trade {id}",
    "sold": "{who} sold in trade {id}",
    "buy": "{who} bought, as {id} reports",
    "sell": "{who} sold, as {id} reports",
    "buy option": "{who} bought options, as {id} reports",
    "sell option": "{who} sold options, as {id} reports",
    "news": "{id} was told to the public",
    "before": "the close before the move",
    "after": "the close after the move",
    "base": "the close from which the price rose",
    "peak": "the peak",
    "dump": "the low after the peak",
    "first message": "the first message about it",
    "last message": "the last message about it",
    "filed": "{id} of {who} was filed",
    "event": "what {id} of {who} reports happened",
    "due": "{id} of {who} was due",
}


class _Writer:
    """Collects the facts of one case."""

    def __init__(self, case: MarketCase) -> None:
        self.case, self.facts, self.rows = case, FactTable(), rows_of(case.alert)
        self.seen: dict[str, tuple[str, ...]] = {}

    def money(self, id: str, label: str, value: float, how: str, rows: tuple[Row, ...]) -> str:
        currency, exact = self.case.currency, Decimal(str(value))
        if (
            currency
        ):  # as money is written: 124.00; a rate of 1.07315 stays whole, a computed price keeps what one reads
            exact = round(exact, 2 if exact == round(exact, 2) else 5 if abs(exact) >= 1 else 8)
        return self._add(Fact(id, label, exact, currency or "units", "", SOURCE, how, currency or None), rows)

    def count(self, id: str, label: str, value: float, unit: str, how: str, rows: tuple[Row, ...]) -> str:
        of = unit.removesuffix("s") if value == 1 else unit
        return self._add(Fact(id, label, Decimal(str(value)).normalize() + 0, of, "", SOURCE, how), rows)

    def _add(self, fact: Fact, rows: tuple[Row, ...]) -> str:
        self.seen[fact.id] = tuple(row.id for row in rows)
        at = rows[-1].evidence.at if len(rows) == 1 else self.case.alert.end
        return self.facts.add(replace(fact, as_of=to_iso(datetime.fromtimestamp(at, UTC))))


def tell_market(case: MarketCase) -> Story:
    """The story of a market case; the same case gives the same words and facts."""
    writer, alert = _Writer(case), case.alert
    head = _head(writer)
    said = [_row(writer, row) for row in writer.rows[:MOST_ROWS]]
    ends = [*_rest(writer), *_figures(writer)]
    rules, innocent = tuple(fired.text for fired in alert.rules), INNOCENT[alert.kind]
    lines = [
        f"{alert.title}: {head}.",
        "\n".join(f"- {words}" for words in (*said, *ends)),
        f"{RULES} {' '.join(rules)}",
        f"{INNOCENT_HEAD} {innocent}",
        CLOSING,
    ]
    fragments = (alert.title, head, *said, *ends, RULES, *rules, INNOCENT_HEAD, innocent, CLOSING)
    names = (*alert.accounts, *(row.id for row in alert.evidence), alert.instrument)
    quoted = (*(name for name in dict.fromkeys(names) if name), *rules, innocent, alert.title)
    return Story("\n\n".join(lines), writer.facts, quoted, (), fragments, writer.seen)


def _head(writer: _Writer) -> str:
    alert, rows = writer.case.alert, writer.rows
    amount = writer.money("moved", f"amount of {alert.title.lower()}", alert.amount, "as the rule counts it", rows)
    many = writer.count("rows", "rows of evidence", len(rows), "rows", "its evidence", rows)
    score = writer.count(
        "score", "score of the rules", alert.score, "ratio", "how far beyond the least that fires", rows
    )
    first, last = (f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}" for at in (alert.start, alert.end))
    when = f"on {first}" if first == last else f"between {first} and {last}"
    by = ""
    if alert.accounts:
        those = writer.count("accounts", "accounts in it", len(alert.accounts), "accounts", "those its rows name", rows)
        by = f" by {those}"
    place = alert.instrument or "several instruments"
    return f"{amount} in {place}{by}, {many} of evidence {when}, with a score of {score}"


def _row(writer: _Writer, row: Row) -> str:
    one = row.evidence
    words = _SAID[one.what].format(who=one.account or "somebody", id=one.id)
    where, parts = f"{one.what} {one.id}", []
    if one.quantity is not None:
        unit = "messages" if one.what == "last message" else "units"
        parts.append(writer.count(f"q{row.id}", f"quantity, {words}", one.quantity, unit, where, (row,)))
    if one.price is not None:
        parts.append(f"at {writer.money(f'p{row.id}', f'price, {words}', one.price, where, (row,))}")
    numbers = f": {' '.join(parts)}" if parts else ""
    return f"{words}{numbers} on {datetime.fromtimestamp(one.at, UTC):%Y-%m-%d}"


def _rest(writer: _Writer) -> list[str]:
    rest = writer.rows[MOST_ROWS:]
    if not rest:
        return []
    many = writer.count("rest", "rows not told one by one", len(rest), "rows", "its other evidence", rest)
    return [f"and {many} more, in the time line"]


def _figures(writer: _Writer) -> list[str]:
    """Those of the look that saw most of it."""
    made = []
    for name, value in sorted(writer.case.alert.figures.items()):
        label, unit, times = FIGURES[name]
        exact = Decimal(str(value)) * times
        how = f"figure {name} of the rule, in the look that saw most"
        made.append(f"{label}: {writer.count(f'f_{name}', label, float(exact), unit, how, writer.rows)}")
    return made
