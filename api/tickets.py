"""An order as typed, and a change of one: what people and programs send, read into exact terms."""

from __future__ import annotations

import secrets
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr

from desk.errors import InputError
from desk.factory import Desk
from desk.identity.roles import Person, check_owns
from desk.instruments import Instrument
from desk.money import parse_decimal, to_ticks
from desk.orders import Order, OrderType, Side, TimeInForce

Number = StrictStr | StrictInt | StrictFloat
"""Numbers may come as text to stay exact; true is no number."""


class Ticket(BaseModel):
    """An order as typed. Which price, term and display an order type takes, the gate decides.

    `stop_price` is the trigger of a stop; `expires` the last day (UTC, market clock) of a
    good-till-date order; `display` what an iceberg shows; `post_only` orders never take.
    """

    model_config = ConfigDict(extra="forbid")

    account: str = Field(max_length=64)
    instrument: str = Field(max_length=64)
    side: Literal["buy", "sell"]
    quantity: Number
    type: Literal["market", "limit", "stop", "stop_limit"] = "market"
    limit_price: Number | None = None
    stop_price: Number | None = None
    time_in_force: Literal["day", "ioc", "fok", "gtc", "gtd"] = "day"
    expires: date | None = None
    display: Number | None = None
    post_only: bool = False
    client_id: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9._-]*$")


class Amendment(BaseModel):
    """What shall change of an order that works: the whole quantity, the limit price, or both."""

    model_config = ConfigDict(extra="forbid")

    quantity: Number | None = None
    limit_price: Number | None = None


class Change(NamedTuple):
    """An amendment in exact terms; None leaves as it is."""

    quantity: Decimal | None
    limit_ticks: int | None


def read_ticket(desk: Desk, person: Person, ticket: Ticket) -> Order:
    """The order of a ticket; InputError or NotFound says which field is wrong, Forbidden whose account it is."""
    check_owns(person, ticket.account)
    instrument = desk.feed.instruments.get(ticket.instrument)
    kind = OrderType(ticket.type)
    if kind.limited and ticket.limit_price is None:
        raise InputError(f"a {ticket.type.replace('_', '-')} order needs limit_price")
    return Order(
        client_id=ticket.client_id or f"tk-{secrets.token_hex(8)}",
        account=ticket.account,
        instrument=instrument.id,
        side=Side(ticket.side),
        quantity=parse_decimal(str(ticket.quantity), "quantity"),
        type=kind,
        limit_ticks=_ticks(ticket.limit_price, instrument, "limit price"),
        time_in_force=TimeInForce(ticket.time_in_force),
        by=person.name,
        stop_ticks=_ticks(ticket.stop_price, instrument, "stop price"),
        display=None if ticket.display is None else parse_decimal(str(ticket.display), "display"),
        expires=ticket.expires,
        post_only=ticket.post_only,
    )


def read_amendment(instrument: Instrument, amendment: Amendment) -> Change:
    """The amendment in exact terms; InputError when it changes nothing or a number is none."""
    if amendment.quantity is None and amendment.limit_price is None:
        raise InputError("an amendment changes quantity, limit_price or both; none is given")
    quantity = None if amendment.quantity is None else parse_decimal(str(amendment.quantity), "quantity")
    return Change(quantity, _ticks(amendment.limit_price, instrument, "limit price"))


def _ticks(price: Number | None, instrument: Instrument, what: str) -> int | None:
    return None if price is None else to_ticks(parse_decimal(str(price), what), instrument.tick, what)
