"""The door to one venue: its protocol in the desk's words. `OutsideBroker` decides when to go through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

import structlog

from desk.clock import Clock
from desk.instruments import Instrument
from desk.money import Money
from desk.orders import Fill, Order, Side
from desk.stream import Event, VenueStream
from desk.trading.followed import FollowedOrder, Report


class Working(NamedTuple):
    """One order that works at the venue, whoever placed it; `name` is the client id it has there, `told` all of it."""

    name: str
    symbol: str
    side: str
    quantity: Decimal
    filled: Decimal
    word: str
    told: Mapping[str, object]


class VenueDoor(Protocol):
    """One venue's own protocol. Every call raises BrokerError; `retry` and `sent` as there.

    `window_s`: how long after its sending a request may still be carried out by the venue.
    """

    @property
    def name(self) -> str:
        """The venue's name as people know it."""
        ...

    @property
    def note(self) -> str:
        """What a person should know about the venue now, such as closed markets; empty when nothing."""
        ...

    @property
    def instruments(self) -> frozenset[str]:
        """Ids of what is traded there."""
        ...

    @property
    def simulated(self) -> bool:
        """Whether no real money moves there: a test network or a paper account."""
        ...

    @property
    def window_s(self) -> float:
        """See the class."""
        ...

    def label(self, order: Order) -> str:
        """The client id the order has at the venue: always the same one."""
        ...

    def check(self) -> None:
        """Returns when the venue answers and takes the key; KeyRefused when it does not."""
        ...

    def place(self, order: Order) -> Report:
        """Sends the order. What the venue refuses, or would, is a REJECTED report with the reason."""
        ...

    def find(self, order: Order) -> Report | None:
        """What became of the order, by its client id; None when the venue has none."""
        ...

    def cancel(self, order: Order) -> None:
        """Asks the venue to take the order off; one that is not working there is left as it is."""
        ...

    def working(self) -> list[Working]:
        """Everything that works at the venue."""
        ...

    def report(self, working: Working, order: Order) -> Report:
        """What the venue's list of working orders says of an order."""
        ...

    def fills(self, orders: Sequence[FollowedOrder]) -> Iterator[Report]:
        """The trades of these orders, as far as the venue tells them now; what came before an error counts."""
        ...

    def holdings(self) -> dict[str, Decimal]:
        """Units of each instrument the account at the venue holds; those of no instrument here are left out."""
        ...

    def stream(self, take: Callable[[Event], None], connected: Callable[[], None]) -> VenueStream:
        """The venue's stream of order events, not started."""
        ...

    def read(self, event: Event, find: Callable[[str], Order | None]) -> Report | None:
        """What an event says; None when it is about nothing this desk follows."""
        ...

    def commission(self, notional: int) -> int:
        """The expected commission, minor units."""
        ...

    def close(self) -> None:
        """Ends the session."""
        ...


class Trade(NamedTuple):
    """One execution as the venue tells it; `fee` in units of `asset`."""

    id: str
    quantity: Decimal
    price: Decimal
    fee: Decimal = Decimal(0)
    asset: str = ""


def make_fill(order: Order, instrument: Instrument, trade: Trade, market: Clock, *, simulated: bool) -> Fill:
    """A fill of a trade, stamped by the market clock.

    A price between two ticks is booked at the nearer one and the rest of the amount as commission,
    so that the cash is the venue's to the minor unit (when the fee is in the instrument's currency;
    else the rest, less than half a tick a unit, is logged).
    """
    ticks = int((trade.price / instrument.tick).to_integral_value())
    asset = trade.asset or instrument.currency
    fee = Money.of(trade.fee, asset).minor
    rest = (trade.price - ticks * instrument.tick) * trade.quantity
    if rest and asset == instrument.currency:
        fee += Money.of(rest, asset).minor * (1 if order.side is Side.BUY else -1)
    elif rest:
        structlog.get_logger("broker").warning("price between two ticks", fill=trade.id, price=str(trade.price))
    return Fill(
        id=trade.id,
        client_id=order.client_id,
        account=order.account,
        instrument=order.instrument,
        side=order.side,
        quantity=trade.quantity,
        price_ticks=ticks,
        commission=fee,
        currency=asset,
        at=market.now(),
        simulated=simulated,
        tick=instrument.tick,
        priced_in=instrument.currency,
    )


def plain(number: Decimal) -> str:
    """A number as venues take it: digits without exponent or trailing zeros."""
    return format(number.normalize(), "f")
