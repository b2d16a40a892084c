"""The simulated broker: paper trading on the readable book against the market feed's quotes.

Liquidity is made up and labelled: a simulated maker quotes both sides at the feed's bid and ask,
five levels deep, each worth 250,000 major units of a two-digit currency, renewed at every call.
Resting orders fill when the replayed quote crosses them, at their own price. Commission is one
basis point of the notional, at least 35 minor units an order. An order that would first meet a
resting order of its own account at the best price is rejected (no wash trades).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from desk.clock import Clock
from desk.errors import NotFound
from desk.instruments import Instrument
from desk.market.feed import MarketFeed, Quote
from desk.money import Money, minor_digits
from desk.orders import FINAL_STATES, Fill, Order, OrderState, OrderType, Side, TimeInForce
from desk.trading.book import LimitOrderBook, Rest, Trade
from desk.trading.broker import Placement
from desk.trading.tokens import TokenSigner

LEVELS = 5
LEVEL_WORTH = 25_000_000
"""Minor units of quote currency that each simulated level is worth."""

MINIMUM_COMMISSION = 35


@dataclass
class _Held:
    """One order at this venue: its lots left in the book, its fills, and which were told."""

    order: Order
    instrument: Instrument
    day: date
    fills: list[Fill] = field(default_factory=list)
    state: OrderState = OrderState.WORKING
    reason: str = ""
    charged: int = 0

    def placement(self) -> Placement:
        return Placement(self.order.client_id, tuple(self.fills), self.state, self.reason)


@dataclass
class _Market:
    """One instrument's book and the simulated maker in it."""

    instrument: Instrument
    book: LimitOrderBook = field(default_factory=LimitOrderBook)
    maker: dict[str, tuple[Side, int]] = field(default_factory=dict)
    worn: dict[str, None] = field(default_factory=dict)
    quoted: tuple[int, int] = (0, 0)
    made: int = 0
    resting: set[str] = field(default_factory=set)
    own: Counter[tuple[str, Side, int | None]] = field(default_factory=Counter)
    day: date | None = None

    def rest(self, order: Order) -> None:
        """Notes an order that waits in the book."""
        self.resting.add(order.client_id)
        self.own[order.account, order.side, order.limit_ticks] += 1

    def leave(self, order: Order) -> None:
        """Forgets one that does not wait any more; one that never did is forgotten already."""
        if order.client_id in self.resting:
            self.resting.discard(order.client_id)
            self.own[order.account, order.side, order.limit_ticks] -= 1


class SimulatedBroker:
    """See `Broker` and `Venue`. Forgets everything when the process ends; thread-safe."""

    def __init__(self, feed: MarketFeed, signer: TokenSigner, wall: Clock) -> None:
        self._feed, self._signer, self._wall = feed, signer, wall
        self._lock = threading.Lock()
        self._markets: dict[str, _Market] = {}
        self._held: dict[str, _Held] = {}
        self._changed: dict[str, None] = {}

    def place(self, order: Order, token: str) -> Placement:
        """See `Broker.place`."""
        self._signer.check(order, token, self._wall.now())
        with self._lock:
            return self._enter(order, ())

    def restore(self, order: Order, token: str, fills: Sequence[Fill]) -> Placement:
        """See `Broker.restore`."""
        self._signer.check(order, token, None)
        with self._lock:
            return self._enter(order, fills)

    def cancel(self, client_id: str) -> Placement | None:
        """See `Broker.cancel`."""
        with self._lock:
            held = self._held.get(client_id)
            if held is None or held.state in FINAL_STATES:
                return None
            self._end(held, "cancelled on request")
            return held.placement()

    def open_orders(self) -> list[str]:
        """See `Broker.open_orders`."""
        with self._lock:
            return [id for market in self._markets.values() for id in sorted(market.resting)]

    def poll(self) -> list[Placement]:
        """See `Broker.poll`: renews the maker where orders rest, and ends day orders of past days."""
        with self._lock:
            for market in self._markets.values():
                if market.resting:
                    self._renew(market, self._feed.quote(market.instrument.id))
        return self.news()

    def news(self) -> list[Placement]:
        """See `Venue.news`."""
        with self._lock:
            changed, self._changed = self._changed, {}
            return [self._held[id].placement() for id in changed]

    def commission(self, notional: int, currency: str) -> int:
        """See `Broker.commission`: one basis point rounded up, at least 35 minor units."""
        return max(MINIMUM_COMMISSION, -(-notional // 10_000))

    def _enter(self, order: Order, fills: Sequence[Fill]) -> Placement:
        known = self._held.get(order.client_id)
        if known is not None:
            return known.placement()
        market = self._market(order.instrument)
        quote = self._feed.quote(order.instrument)
        self._renew(market, quote)
        held = _Held(order, market.instrument, quote.at.date(), list(fills), charged=sum(f.commission for f in fills))
        self._held[order.client_id] = held
        left = order.quantity - sum((fill.quantity for fill in fills), Decimal(0))
        lots = int(left / market.instrument.lot)
        if self._meets_itself(market, order):
            held.state, held.reason = OrderState.REJECTED, "it would trade with this account's own resting order"
            return held.placement()
        if lots > 0:
            rests = order.type is OrderType.LIMIT and order.time_in_force is not TimeInForce.IOC
            how = Rest.REST if rests else Rest.IOC
            market.book.submit(order.client_id, order.side, lots, order.limit_ticks, how)
        self._settle(market, quote)
        self._changed.pop(order.client_id, None)
        if order.client_id in market.book:
            market.rest(order)
        elif held.state not in FINAL_STATES:
            held.state, held.reason = OrderState.CANCELLED, "nothing more is offered at this price"
        return held.placement()

    def _meets_itself(self, market: _Market, order: Order) -> bool:
        """Whether a resting order of the same account is what this order would trade with first."""
        other = Side.SELL if order.side is Side.BUY else Side.BUY
        best = market.book.best(other)
        return market.own[order.account, other, best] > 0 and _crosses(order, best)

    def _market(self, id: str) -> _Market:
        market = self._markets.get(id)
        if market is None:
            instrument = self._feed.instruments.get(id)
            if not instrument.tradable:
                raise NotFound(f"{id} is an index level, nobody trades it here; choose a tradable instrument")
            market = self._markets[id] = _Market(instrument)
        return market

    def _renew(self, market: _Market, quote: Quote) -> None:
        self._end_days(market, quote.at.date())
        bid, ask = quote.bid_ticks, max(quote.ask_ticks, quote.bid_ticks + 1)
        if market.quoted == (bid, ask):
            fresh = [market.maker[id] for id in market.worn]
            gone = list(market.worn)
        else:
            step = ask - bid
            fresh = [(Side.BUY, bid - level * step) for level in range(LEVELS)]
            fresh += [(Side.SELL, ask + level * step) for level in range(LEVELS)]
            gone = list(market.maker)
        market.quoted, market.worn = (bid, ask), {}
        for id in gone:
            market.book.cancel(id)
            del market.maker[id]
        for side, ticks in fresh:
            self._make(market, side, ticks)
        self._settle(market, quote)

    def _end_days(self, market: _Market, today: date) -> None:
        """Ends day orders of past days, once a day."""
        if market.day == today:
            return
        market.day = today
        for id in sorted(market.resting):
            held = self._held[id]
            if held.order.time_in_force is TimeInForce.DAY and today > held.day:
                self._end(held, "the day ended")
                self._changed[id] = None

    def _make(self, market: _Market, side: Side, ticks: int) -> None:
        if ticks <= 0:
            return
        instrument = market.instrument
        worth = ticks * instrument.tick * instrument.lot * Decimal(10) ** minor_digits(instrument.currency)
        market.made += 1
        id = f"simulated maker {market.made}"  # holds spaces, which no client id does
        market.book.submit(id, side, int(LEVEL_WORTH / worth) + 1, ticks)
        market.maker[id] = (side, ticks)

    def _settle(self, market: _Market, quote: Quote) -> None:
        """Turns the tape into fills of the orders held here."""
        for trade in market.book.take_tape():
            maker_side = Side.SELL if trade.taker_side is Side.BUY else Side.BUY
            for id, side in ((trade.taker, trade.taker_side), (trade.maker, maker_side)):
                held = self._held.get(id)
                if id in market.maker:
                    market.worn[id] = None
                elif held is not None:
                    self._fill(market, held, side, trade, quote)

    def _fill(self, market: _Market, held: _Held, side: Side, trade: Trade, quote: Quote) -> None:
        order, instrument = held.order, held.instrument
        quantity = trade.lots * instrument.lot
        total = sum(((f.price_ticks * f.quantity) for f in held.fills), Decimal(0)) + trade.price_ticks * quantity
        due = self.commission(Money.of(total * instrument.tick, instrument.currency).minor, instrument.currency)
        fill = Fill(
            id=f"{order.client_id}-{len(held.fills) + 1}",
            client_id=order.client_id,
            account=order.account,
            instrument=order.instrument,
            side=side,
            quantity=quantity,
            price_ticks=trade.price_ticks,
            commission=max(0, due - held.charged),
            currency=instrument.currency,
            at=quote.at,
        )
        held.charged += fill.commission
        held.fills.append(fill)
        self._changed[order.client_id] = None
        if sum((f.quantity for f in held.fills), Decimal(0)) >= order.quantity:
            held.state = OrderState.FILLED
            market.leave(order)

    def _end(self, held: _Held, reason: str) -> None:
        market = self._markets[held.order.instrument]
        market.book.cancel(held.order.client_id)
        market.leave(held.order)
        held.state, held.reason = OrderState.CANCELLED, reason


def _crosses(order: Order, best: int | None) -> bool:
    """Whether the order may trade at the other side's best price."""
    if best is None or order.limit_ticks is None:
        return best is not None
    return (order.limit_ticks - best) * order.side.sign >= 0
