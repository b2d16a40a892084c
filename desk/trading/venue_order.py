"""One order at the simulated venue: what it is to the engine, its fills, where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from desk.instruments import Instrument
from desk.money import minor_digits, minor_units
from desk.orders import FINAL_STATES, Fill, Order, OrderState, OrderType, Side, TimeInForce
from desk.trading.broker import Placement
from desk.trading.messages import POST_ONLY, Event, Kind, Message, Status, Tif
from desk.trading.venue_terms import Fees, round_up

MINIMUM_COMMISSION = 35
MOST = 0x3FFFFFFF
"""The largest price in ticks and quantity in lots that the engine takes."""

CALL_BAND = 20
"""In an auction a market order is a limit order one twentieth beyond the last price."""

NOTHING_LEFT = "nothing more is offered at this price"
OWN_ORDER = "it would trade with this account's own resting order"
REFUSALS = {
    Status.POOL_FULL: "this venue's book is full",
    Status.WOULD_CROSS: "it is post-only and would trade at once",
    Status.CANNOT_FILL: "fill or kill: not all of it is offered at this price",
    Status.BAD_PHASE: "the book is in an auction, which takes only orders that can wait",
}
_KINDS = {
    OrderType.MARKET: Kind.MARKET,
    OrderType.LIMIT: Kind.LIMIT,
    OrderType.STOP: Kind.STOP,
    OrderType.STOP_LIMIT: Kind.STOP_LIMIT,
}
_TRIGGERED = {Kind.STOP: Kind.MARKET, Kind.STOP_LIMIT: Kind.LIMIT}
_TIFS = {TimeInForce.IOC: Tif.IOC, TimeInForce.FOK: Tif.FOK}


def commission_on(notional: int) -> int:
    """One basis point rounded up, at least 35 minor units an order."""
    return max(MINIMUM_COMMISSION, -(-notional // 10_000))


@dataclass
class VenueOrder:
    """See the module. `number` is the engine's id; `until_uncross`: it lives for the auction only.

    `fees` None is the usual commission; `owed` is what its fills owe by `fees`, minor units not rounded.
    """

    order: Order
    instrument: Instrument
    number: int
    day: date
    fills: list[Fill] = field(default_factory=list)
    state: OrderState = OrderState.WORKING
    reason: str = ""
    triggered: bool = False
    until_uncross: bool = False
    filled: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    charged: int = 0
    fees: Fees | None = None
    owed: Decimal = Decimal(0)

    @property
    def final(self) -> bool:
        """Whether nothing more can happen to it."""
        return self.state in FINAL_STATES

    @property
    def waits_for_trigger(self) -> bool:
        """Whether it is a stop that has not been reached."""
        return self.order.type.stopped and not self.triggered

    @property
    def left(self) -> int:
        """Whole lots not traded yet."""
        return self._lots(self.order.quantity - self.filled)

    def placement(self) -> Placement:
        """What the venue says about it."""
        return Placement(self.order.client_id, tuple(self.fills), self.state, self.reason, self.triggered)

    def take_in(self, fill: Fill) -> None:
        """Counts a fill."""
        self.fills.append(fill)
        self.filled += fill.quantity
        self.paid += fill.price_ticks * fill.quantity
        self.charged += fill.commission
        if self.fees is not None:
            self.owed += self.fees.exact(self._worth(fill.price_ticks, fill.quantity), fill.liquidity)
        if self.filled >= self.order.quantity:
            self.state = OrderState.FILLED

    def fill(self, event: Event, side: Side, at: datetime, trade: str = "", other: str = "") -> None:
        """Makes a fill of a trade; the commission is the whole order's, less what was charged.

        `trade` and `other` as in `Fill`.
        """
        order, instrument = self.order, self.instrument
        quantity = event.qty * instrument.lot
        liquidity = "" if self.fees is None else "maker" if event.maker == self.number else "taker"
        due = self._due(event.price, quantity, liquidity)
        self.take_in(
            Fill(
                id=f"{order.client_id}-{len(self.fills) + 1}",
                client_id=order.client_id,
                account=order.account,
                instrument=order.instrument,
                side=side,
                quantity=quantity,
                price_ticks=event.price,
                commission=max(0, due - self.charged),
                currency=instrument.currency,
                at=at,
                liquidity=liquidity,
                tick=instrument.tick,
                priced_in=instrument.currency,
                trade=trade,
                other=other,
            )
        )

    def _due(self, ticks: int, quantity: Decimal, liquidity: str) -> int:
        """What the whole order costs with one more fill, minor units."""
        if self.fees is not None:
            return round_up(self.owed + self.fees.exact(self._worth(ticks, quantity), liquidity))
        total = (self.paid + ticks * quantity) * self.instrument.tick
        return commission_on(minor_units(total, self.instrument.currency))

    def _worth(self, ticks: int, quantity: Decimal) -> Decimal:
        return (ticks * quantity * self.instrument.tick).scaleb(minor_digits(self.instrument.currency))

    def end(self, reason: str) -> None:
        """Rejected when nothing was traded, else cancelled."""
        self.state, self.reason = OrderState.CANCELLED if self.fills else OrderState.REJECTED, reason

    def cancel(self, reason: str) -> None:
        """Takes what is left away."""
        self.state, self.reason = OrderState.CANCELLED, reason

    def message(self, symbol: int, account: int, last: int | None) -> Message | None:
        """The engine's message for what is left; `last` is the last price in an auction, else None.

        None when it does not fit the engine.
        """
        order, kind, left = self.order, _KINDS[self.order.type], self.left
        if self.triggered:
            kind = _TRIGGERED[kind]
        price, tif = order.limit_ticks or 0, _TIFS.get(order.time_in_force, Tif.GTC)
        self.until_uncross = False
        if last is not None and kind is Kind.MARKET and tif is Tif.GTC:
            kind, self.until_uncross = Kind.LIMIT, True
            price = max(1, last + order.side.sign * (last // CALL_BAND))
        shown = 0 if order.display is None else self._lots(order.display)
        if not (0 < left <= MOST and price <= MOST and (order.stop_ticks or 0) <= MOST):
            return None
        return Message(
            side=0 if order.side is Side.BUY else 1,
            kind=kind,
            tif=tif,
            symbol=symbol,
            account=account,
            id=self.number,
            price=price,
            qty=left,
            stop=order.stop_ticks or 0,
            display=shown if shown < left else 0,
            flags=POST_ONLY if order.post_only else 0,
        )

    def _lots(self, units: Decimal) -> int:
        """Whole lots in `units`, rounded towards nothing."""
        lot = self.instrument.lot
        return int(units) if lot == 1 else int(units / lot)
