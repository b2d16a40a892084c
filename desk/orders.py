"""Orders, fills, positions and proposals: the values that pass through the gate.

A quantity is an exact `Decimal` and a whole multiple of the instrument's lot; a price is a
whole number of the instrument's ticks. No float passes the gate.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import orjson

from desk.clock import to_iso

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class Side(StrEnum):
    """Which way the order goes."""

    BUY = "buy"
    SELL = "sell"
    __hash__ = str.__hash__  # an enumeration's own is written in Python; so below

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1


class OrderType(StrEnum):
    """How the price is set; a stop waits for a trade at its trigger and then is a market or limit order."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    __hash__ = str.__hash__

    @property
    def limited(self) -> bool:
        """Whether it has a limit price."""
        return self in (OrderType.LIMIT, OrderType.STOP_LIMIT)

    @property
    def stopped(self) -> bool:
        """Whether it waits for a trigger."""
        return self in (OrderType.STOP, OrderType.STOP_LIMIT)


class TimeInForce(StrEnum):
    """How long the order may wait: until cancelled, the day's end, a date's end, not at all, all or nothing."""

    DAY = "day"
    IOC = "ioc"
    FOK = "fok"
    GTC = "gtc"
    GTD = "gtd"
    __hash__ = str.__hash__


class OrderState(StrEnum):
    """Where an order stands. `filled`, `cancelled` and `rejected` are final."""

    ACCEPTED = "accepted"
    WORKING = "working"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    __hash__ = str.__hash__


FINAL_STATES = frozenset({OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED})


class Chosen(StrEnum):
    """Who chose the quantity. A person's is never clamped; the others may be."""

    PERSON = "person"
    AGENT = "agent"
    SCHEDULE = "schedule"
    STRATEGY = "strategy"


@dataclass(frozen=True)
class Order:
    """A wish to trade, before and after the gate; the canonical form is what is signed.

    `client_id` is unique for all time on the desk and is the idempotency key at the venue.
    `limit_ticks` is set for limit and stop-limit orders, `stop_ticks` for stops, `expires` (the last
    day, market clock) for good-till-date. `display` is what an iceberg shows; `post_only` never takes.
    `by` is the person on whose behalf it stands and `agent` the agent that proposed it, empty when a
    person typed it.
    """

    client_id: str
    account: str
    instrument: str
    side: Side
    quantity: Decimal
    type: OrderType = OrderType.MARKET
    limit_ticks: int | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    chosen: Chosen = Chosen.PERSON
    by: str = ""
    agent: str = ""
    stop_ticks: int | None = None
    display: Decimal | None = None
    expires: date | None = None
    post_only: bool = False

    @cached_property
    def canonical(self) -> bytes:
        """Canonical JSON of every field, in key order, ASCII only: what the gate's token and hash cover."""
        quick = orjson.dumps(self.to_dict(), option=orjson.OPT_SORT_KEYS)
        if not quick.isascii():
            return _encode(self.to_dict()).encode()
        return memoryview(quick).tobytes()  # a copy: the encoder's own bytes keep a whole page alive with them

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical form, hexadecimal; an approval is bound to this."""
        return hashlib.sha256(self.canonical).hexdigest()

    def forget(self) -> None:
        """Lets go of what can be computed again: an order that is over is seldom asked for it."""
        for name in ("canonical", "digest"):
            self.__dict__.pop(name, None)

    def to_dict(self) -> dict[str, str | int | None]:
        """Plain values; `from_dict` restores the same order. The last four stand only where they are used."""
        plain: dict[str, str | int | None] = {
            "client_id": self.client_id,
            "account": self.account,
            "instrument": self.instrument,
            "side": str(self.side),
            "quantity": format(self.quantity.normalize(), "f"),
            "type": str(self.type),
            "limit_ticks": self.limit_ticks,
            "time_in_force": str(self.time_in_force),
            "chosen": str(self.chosen),
            "by": self.by,
            "agent": self.agent,
        }
        if self.stop_ticks is not None:
            plain["stop_ticks"] = self.stop_ticks
        if self.display is not None:
            plain["display"] = format(self.display.normalize(), "f")
        if self.expires is not None:
            plain["expires"] = self.expires.isoformat()
        if self.post_only:
            plain["post_only"] = True
        return plain

    @classmethod
    def from_dict(cls, plain: dict[str, str | int | None]) -> Order:
        """Restores an order; KeyError or ValueError when a field is missing or wrong."""
        ticks, stop = plain["limit_ticks"], plain.get("stop_ticks")
        display, expires = plain.get("display"), plain.get("expires")
        return cls(
            client_id=str(plain["client_id"]),
            account=str(plain["account"]),
            instrument=str(plain["instrument"]),
            side=Side(str(plain["side"])),
            quantity=Decimal(str(plain["quantity"])),
            type=OrderType(str(plain["type"])),
            limit_ticks=None if ticks is None else int(ticks),
            time_in_force=TimeInForce(str(plain["time_in_force"])),
            chosen=Chosen(str(plain["chosen"])),
            by=str(plain["by"]),
            agent=str(plain["agent"]),
            stop_ticks=None if stop is None else int(stop),
            display=None if display is None else Decimal(str(display)),
            expires=None if expires is None else date.fromisoformat(str(expires)),
            post_only=bool(plain.get("post_only", False)),
        )


@dataclass(frozen=True)
class Fill:
    """One execution. `id` is unique per venue; the same id twice is the same fill.

    `commission` is in minor units of `currency`; `at` is event time (market clock). `liquidity` is
    `maker` or `taker` where the fee depends on it, else empty. `tick` and `priced_in`, the price's step and
    currency, stand with every fill that is booked, so that its cash never depends on what the instrument is
    today; None and empty where nobody has said. `trade` and `other`: where both sides are accounts of this desk, the
    trade that both fills are of, and the account opposite; shown to nobody but compliance.
    """

    id: str
    client_id: str
    account: str
    instrument: str
    side: Side
    quantity: Decimal
    price_ticks: int
    commission: int
    currency: str
    at: datetime
    simulated: bool = True
    liquidity: str = ""
    tick: Decimal | None = None
    priced_in: str = ""
    trade: str = ""
    other: str = ""

    def to_dict(self) -> dict[str, str | int | bool]:
        """Plain values for the journal; the last five stand only where they are used."""
        plain: dict[str, str | int | bool] = {
            "id": self.id,
            "client_id": self.client_id,
            "account": self.account,
            "instrument": self.instrument,
            "side": str(self.side),
            "quantity": format(self.quantity.normalize(), "f"),
            "price_ticks": self.price_ticks,
            "commission": self.commission,
            "currency": self.currency,
            "at": to_iso(self.at),
            "simulated": self.simulated,
        }
        if self.liquidity:
            plain["liquidity"] = self.liquidity
        if self.tick is not None:
            plain["tick"], plain["priced_in"] = format(self.tick, "f"), self.priced_in
        if self.trade:
            plain["trade"], plain["other"] = self.trade, self.other
        return plain


@dataclass
class OrderStatus:
    """What became of an order so far; `triggered` says of a stop that its price was reached."""

    order: Order
    state: OrderState
    accepted_at: datetime
    filled: Decimal = Decimal(0)
    average_price: Decimal | None = None
    reason: str = ""
    fills: list[Fill] = field(default_factory=list)
    triggered: bool = False

    def snapshot(self) -> OrderStatus:
        """A copy that later fills do not change."""
        return OrderStatus(
            self.order,
            self.state,
            self.accepted_at,
            self.filled,
            self.average_price,
            self.reason,
            list(self.fills),
            self.triggered,
        )


@dataclass(frozen=True)
class Position:
    """What an account holds of one instrument; average cost per unit in the quote currency."""

    account: str
    instrument: str
    quantity: Decimal
    average_cost: Decimal


class Check(NamedTuple):
    """One rule's verdict on one order: the number, the limit, and a sentence.

    `limit` and `value` are exact decimals as text in `unit`.
    """

    rule: str
    ok: bool
    limit: str
    value: str
    unit: str
    message: str


@dataclass(frozen=True)
class Clamp:
    """A quantity chosen by a program that the gate made smaller, and why."""

    rule: str
    wanted: Decimal
    allowed: Decimal
    message: str
