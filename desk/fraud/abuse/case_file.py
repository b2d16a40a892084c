"""A market case as an investigator reads it: its rows in order with what each is worth, parties, like cases before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from desk.fraud.abuse.case_book import MarketCase
from desk.fraud.abuse.continuity import FAMILY
from desk.fraud.abuse.records import Evidence, MarketAlert
from desk.fraud.casefile import MOST_SIMILAR, Owners, Party, read_party
from desk.fraud.words import listed

_ACCOUNT, _KIND, _INSTRUMENT, _AMOUNT, LEAST = 0.4, 0.3, 0.2, 0.1, 0.3
TWICE = 2.0


class Row(NamedTuple):
    """A row of evidence: `worth` is price times quantity, None where either is not known; `total` that of the rows up
    to and with it.
    """

    id: str
    evidence: Evidence
    worth: float | None
    total: float


class MarketSimilar(NamedTuple):
    """A past case with how much it resembles this one, from 0 to 1, and the reasons as sentences."""

    case: MarketCase
    likeness: float
    why: tuple[str, ...]


@dataclass(frozen=True)
class MarketFile:
    """All that is shown beside the alert itself."""

    case: MarketCase
    rows: tuple[Row, ...]
    parties: tuple[Party, ...]
    similar: tuple[MarketSimilar, ...]


def open_market_file(case: MarketCase, others: Iterable[MarketCase], owners: Owners) -> MarketFile:
    """The file of a case; of `others`, all market cases, those that ended before this one are compared."""
    parties = tuple(read_party(name, False, owners) for name in case.alert.accounts)
    return MarketFile(case, rows_of(case.alert), parties, _similar(case, others))


def rows_of(alert: MarketAlert) -> tuple[Row, ...]:
    """The evidence, oldest first, numbered from r1."""
    total, rows = 0.0, []
    for n, one in enumerate(alert.evidence, 1):
        worth = None if one.price is None or one.quantity is None else round(one.price * one.quantity, 2)
        total = round(total + (worth or 0.0), 2)
        rows.append(Row(f"r{n}", one, worth, total))
    return tuple(rows)


def _similar(case: MarketCase, others: Iterable[MarketCase]) -> tuple[MarketSimilar, ...]:
    past = (other for other in others if other.alert.id != case.alert.id and other.alert.end <= case.alert.end)
    alike = [one for one in (_likeness(case.alert, other) for other in past) if one.likeness >= LEAST]
    alike.sort(key=lambda one: (-one.likeness, -one.case.alert.end, one.case.alert.id))
    return tuple(alike[:MOST_SIMILAR])


def _likeness(alert: MarketAlert, other: MarketCase) -> MarketSimilar:
    past, score, why = other.alert, 0.0, []
    shared = [name for name in alert.accounts if name in past.accounts]
    if shared:
        score += _ACCOUNT
        why.append(f"It has {'an account' if len(shared) == 1 else 'accounts'} of this case: {listed(shared)}.")
    if FAMILY.get(past.kind, past.kind) == FAMILY.get(alert.kind, alert.kind):
        score += _KIND
        why.append(f"It is of the same kind: {past.title.lower()}.")
    if past.instrument and past.instrument == alert.instrument:
        score += _INSTRUMENT
        why.append(f"It is in the same instrument: {past.instrument}.")
    if max(past.amount, alert.amount) <= TWICE * min(past.amount, alert.amount):
        score += _AMOUNT
        why.append(f"Its amount is alike: {past.amount:,.2f} and {alert.amount:,.2f}.")
    return MarketSimilar(other, round(score, 2), tuple(why))
