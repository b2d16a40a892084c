"""What the rules over markets read, and what they report. Times are seconds since 1970 (UTC), prices per unit.

An alert is a reason to look, never a verdict; each carries the rows it was found in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from desk.fraud.abuse.words import TITLES, Kind, rule_text
from desk.fraud.alerts import Fired
from desk.fraud.graph import Floats

TOPIC = "fraud"
"""The bus topic of all alerts that are told as they are found."""
MARKET = "ma-"
"""How the id of a market alert begins."""
Side = Literal["buy", "sell"]
Act = Literal["new", "cancel", "fill", "reject"]


class OrderEvent(NamedTuple):
    """What happened to one order: entered, cancelled (what was left), filled (price and quantity of the fill).

    `owner` is the beneficial owner, the account itself when nobody said; `price` None where the order has none.
    `other` is the account on the other side of a fill, where it is known, and `trade` names the trade of both.
    """

    id: str
    account: str
    instrument: str
    side: Side
    act: Act
    at: float
    quantity: float
    price: float | None = None
    algorithm: str = ""
    owner: str = ""
    other: str = ""
    trade: str = ""


class Trade(NamedTuple):
    """One trade with both sides named; the owners are the accounts themselves when nobody said."""

    id: str
    instrument: str
    buyer: str
    seller: str
    at: float
    price: float
    quantity: float
    buyer_owner: str = ""
    seller_owner: str = ""


@dataclass(frozen=True)
class Bars:
    """One instrument's bars, oldest first, all of shape (n,). `volume` is NaN where nobody printed any.

    Sources with closes only give them as high and low too.
    """

    instrument: str
    at: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.at)


class Post(NamedTuple):
    """A message that named the instrument."""

    instrument: str
    at: float


class Permission(NamedTuple):
    """What an account may do by algorithm: none named means none. `fast`: high-frequency trading is allowed."""

    account: str
    fast: bool = False
    algorithms: frozenset[str] = frozenset()
    instruments: frozenset[str] = frozenset()


class PersonTrade(NamedTuple):
    """A trade of a known person or account in a company's paper, `units` of the underlying where it is an option.

    `known` is the day on which it was reported, None where it was known at once.
    """

    id: str
    person: str
    instrument: str
    side: Side
    day: date
    units: float
    price: float
    option: bool = False
    planned: bool = False
    known: date | None = None


class Announcement(NamedTuple):
    """What was told to the public: the first day on which it could move the price."""

    id: str
    instrument: str
    day: date


class Evidence(NamedTuple):
    """One row behind an alert."""

    what: str
    id: str
    account: str
    at: float
    price: float | None
    quantity: float | None


@dataclass(frozen=True)
class MarketAlert:
    """A pattern in a market worth a person's look.

    `amount` is money (price times quantity) where prices are known, else units; `known_at` is the time from which
    the rule could tell. The id depends on kind, instrument and evidence only.
    """

    id: str
    kind: Kind
    instrument: str
    accounts: tuple[str, ...]
    amount: float
    start: float
    end: float
    rules: tuple[Fired, ...]
    score: float
    evidence: tuple[Evidence, ...]
    known_at: float
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The kind as a person says it."""
        return TITLES[self.kind]


def build_alert(
    kind: Kind,
    instrument: str,
    evidence: Iterable[Evidence],
    rules: Iterable[str],
    strength: float,
    amount: float | None = None,
    known_at: float | None = None,
    figures: Mapping[str, float] | None = None,
) -> MarketAlert:
    """An alert of at least one row of evidence. `strength` 1 is the least that fires; the score grows from .6 to .99.

    Without an `amount` it is the sum over the evidence.
    """
    rows = tuple(sorted(evidence, key=lambda row: (row.at, row.id, row.what)))
    named = "\n".join([kind, instrument, *(f"{row.what} {row.id} {row.at}" for row in rows)])
    summed = sum((row.price or 1.0) * (row.quantity or 0.0) for row in rows)
    return MarketAlert(
        id=f"{MARKET}{hashlib.sha256(named.encode()).hexdigest()[:10]}",
        kind=kind,
        instrument=instrument,
        accounts=tuple(dict.fromkeys(row.account for row in rows if row.account)),
        amount=round(summed if amount is None else amount, 2),
        start=rows[0].at,
        end=rows[-1].at,
        rules=tuple(Fired(rule, rule_text(rule)) for rule in rules),
        score=round(min(0.99, 1 - 0.4 / max(strength, 1.0)), 2),
        evidence=rows,
        known_at=rows[-1].at if known_at is None else known_at,
        figures=figures or {},
    )


def frame_of(alert: MarketAlert, case: str) -> dict[str, object]:
    """What the bus is told of an alert and its case."""
    return {
        "kind": "market",
        "id": alert.id,
        "case": case,
        "instrument": alert.instrument,
        "end": alert.end,
        "score": alert.score,
        "typology": alert.kind,
        "rules": [rule.id for rule in alert.rules],
        "accounts": list(alert.accounts),
        "start": alert.start,
    }
