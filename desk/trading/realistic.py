"""The simulated broker on harder terms: a way to it, a cap on what an order takes, chance refusals, fees.

What waits to take more at the next look stays outside the book until nothing is offered at its price;
then it rests. What crosses an order that rests fills it as usual. Amendments arrive at once. An order
that is restored was here before: it neither travels nor meets chance again.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from desk.clock import Clock
from desk.errors import DataError
from desk.instruments import Instrument
from desk.market.feed import MarketFeed
from desk.orders import Order, OrderState, Side, TimeInForce
from desk.trading.broker import Placement
from desk.trading.messages import Kind, Message, Phase, Status, Tif
from desk.trading.simulated import SimulatedBroker
from desk.trading.tokens import TokenSigner
from desk.trading.venue_market import Market
from desk.trading.venue_order import OWN_ORDER, REFUSALS, VenueOrder
from desk.trading.venue_terms import VenueTerms, round_up

_ALL_LEVELS = 1 << 10


@dataclass
class _Travelling:
    """One order, with its instrument as it was then, or one cancel, with neither, on its way; `due` is wall time."""

    due: datetime
    order: Order | None = field(default=None)
    instrument: Instrument | None = field(default=None)


def build_venue(feed: MarketFeed, signer: TokenSigner, wall: Clock, terms: VenueTerms) -> SimulatedBroker:
    """The simulated broker on these terms; the plain one where they ask nothing of it."""
    return SimulatedBroker(feed, signer, wall, terms) if terms.plain else RealisticBroker(feed, signer, wall, terms)


class RealisticBroker(SimulatedBroker):
    """See the module. An order on its way counts as working."""

    def __init__(self, feed: MarketFeed, signer: TokenSigner, wall: Clock, terms: VenueTerms) -> None:
        super().__init__(feed, signer, wall, terms)
        self._orders: dict[str, _Travelling] = {}
        self._cancels: dict[str, _Travelling] = {}
        self._outside: set[int] = set()

    def place(self, order: Order, token: str) -> Placement:
        """See `Broker.place`."""
        self._signer.check(order, token, self._wall.now())
        with self._lock:
            self._arrive()
            if order.client_id in self._orders:
                return Placement(order.client_id, (), OrderState.WORKING)
            if order.client_id in self._held:
                return self._held[order.client_id].placement()
            if not self.terms.slow:
                return self._take(order, self._market(order.instrument).instrument)
            instrument = self._market(order.instrument).instrument
            self._orders[order.client_id] = _Travelling(self._due(order.client_id), order, instrument)
            return Placement(order.client_id, (), OrderState.WORKING)

    def amend(self, order: Order, token: str) -> Placement:
        """See `Venue.amend`; one that is still on its way arrives as amended."""
        self._signer.check(order, token, self._wall.now())
        with self._lock:
            travelling = self._orders.get(order.client_id)
            if travelling is not None:
                travelling.order = order
                return Placement(order.client_id, (), OrderState.WORKING)
        return super().amend(order, token)

    def cancel(self, client_id: str) -> Placement | None:
        """See `Broker.cancel`; a cancel travels too, and never overtakes its order."""
        if not self.terms.slow:
            return super().cancel(client_id)
        with self._lock:
            self._arrive()
            held, order = self._held.get(client_id), self._orders.get(client_id)
            if order is None and (held is None or held.final):
                return None
            due = self._due(f"cancel {client_id}")
            self._cancels.setdefault(client_id, _Travelling(due if order is None else max(due, order.due)))
            return Placement(client_id, (), OrderState.WORKING) if held is None else held.placement()

    def open_orders(self) -> list[str]:
        """See `Broker.open_orders`."""
        return [*super().open_orders(), *self._orders]

    def poll(self) -> list[Placement]:
        """See `Broker.poll`: what is due arrives, and what waits to take more takes it."""
        with self._lock:
            self._arrive()
            for market in self._markets.values():
                if not self._stands(market) or not any(number in self._outside for number in market.waiting):
                    continue
                with suppress(DataError):  # no price now: these orders wait, the others go on
                    self._renew(market, self._feed.quote(market.instrument.id))
                    for held in [market.waiting[n] for n in list(market.waiting) if n in self._outside]:
                        if not held.final:
                            self._look(market, held)
        return super().poll()

    def due(self) -> bool:
        """Whether something has arrived and nobody has looked yet."""
        now = self._wall.now()
        with self._lock:
            return any(one.due <= now for one in (*self._orders.values(), *self._cancels.values()))

    def commission(self, notional: int, currency: str) -> int:
        """See `Broker.commission`: as if all of it met the higher fee."""
        fees = self.terms.fees
        if fees is None:
            return super().commission(notional, currency)
        return round_up(notional * max(fees) / 10_000)

    def _due(self, what: str) -> datetime:
        return self._wall.now() + self.terms.delay(what)

    def _arrive(self) -> None:
        now = self._wall.now()
        for id, one in sorted(self._orders.items(), key=lambda item: item[1].due):
            if one.due <= now and one.order is not None and one.instrument is not None:
                del self._orders[id]
                changed = self._feed.instruments.changed(one.instrument.id, one.instrument.steps)
                if changed:
                    self._turn_away(one.order, one.instrument, changed)
                else:
                    self._take(one.order, one.instrument)
                self._changed[id] = None
        for id in [id for id, one in self._cancels.items() if one.due <= now]:
            del self._cancels[id]
            held = self._held.get(id)
            if held is not None and not held.final:
                self._take_out(self._markets[held.order.instrument], [held], "cancelled on request", tell=True)

    def _take(self, order: Order, instrument: Instrument) -> Placement:
        """Lets an order in that has arrived, or turns it away."""
        if order.client_id in self._held:
            return self._held[order.client_id].placement()
        if self.terms.rejects(order.client_id):
            return self._turn_away(
                order, instrument, f"simulated reject: chance turns {self.terms.reject_pct} % of orders away"
            )
        if not self.terms.slow:
            return self._enter(order, (), False)
        try:
            return self._enter(order, (), False)
        except DataError as error:  # nobody waits for this answer any more: it is told by a poll
            return self._turn_away(order, instrument, error.message)

    def _turn_away(self, order: Order, instrument: Instrument, reason: str) -> Placement:
        held = VenueOrder(order, instrument, next(self._numbers), self._feed.now().date())
        held.end(reason)
        self._held.hold(held, self._changed)
        return held.placement()

    def _send(self, market: Market, held: VenueOrder) -> None:
        whole = self.terms.take_pct == 100 or held.order.post_only or market.phase is Phase.AUCTION
        if whole or held.message(market.symbol, 1, None) is None:
            super()._send(market, held)
            return
        self._accounts.setdefault(held.order.account, len(self._accounts) + 1)
        market.waiting[held.number] = held
        self._outside.add(held.number)
        self._look(market, held)

    def _look(self, market: Market, held: VenueOrder) -> None:
        """Lets an order outside the book take its share of what is shown, and what then remains go its way."""
        if held.waits_for_trigger:
            beyond = (market.last - (held.order.stop_ticks or 0)) * held.order.side.sign
            if beyond < 0:
                return
            held.triggered, self._changed[held.order.client_id] = True, None
        shown = self._shown(market, held.order)
        if market.phase is Phase.AUCTION or (held.order.type.limited and not shown):
            self._forget(market, held)
            super()._send(market, held)
            return
        share = max(1, shown * self.terms.take_pct // 100) if shown else 0
        if held.order.time_in_force is TimeInForce.FOK and share < held.left:
            held.cancel(REFUSALS[Status.CANNOT_FILL])
        elif share:
            self._take_share(market, held, min(share, held.left))
        if held.order.time_in_force is TimeInForce.IOC and not held.final:
            held.cancel(f"the rest is more than {self.terms.take_pct} % of the lots shown")
        if held.final:
            self._forget(market, held)

    def _take_share(self, market: Market, held: VenueOrder, lots: int) -> None:
        number, order = next(self._numbers), held.order
        self._by_number[number] = held
        message = Message(
            side=0 if order.side is Side.BUY else 1,
            kind=Kind.LIMIT if order.type.limited else Kind.MARKET,
            tif=Tif.IOC,
            symbol=market.symbol,
            account=self._accounts[order.account],
            id=number,
            price=order.limit_ticks or 0,
            qty=lots,
        )
        status = self._run(market, [message])[0]
        self._by_number.pop(number, None)
        if status == Status.SELF_TRADE:
            held.end(OWN_ORDER)

    def _shown(self, market: Market, order: Order) -> int:
        """Lots shown on the other side at prices the order would pay."""
        buys, limit = order.side is Side.BUY, order.limit_ticks if order.type.limited else None
        levels = self._engine.depth(market.symbol, 1 if buys else 0, _ALL_LEVELS)
        return sum(lots for ticks, lots in levels if limit is None or (ticks <= limit if buys else ticks >= limit))

    def _amend(self, market: Market, held: VenueOrder, order: Order) -> None:
        if held.number in self._outside:
            held.order = order
        else:
            super()._amend(market, held, order)

    def _forget(self, market: Market, held: VenueOrder) -> None:
        super()._forget(market, held)
        self._outside.discard(held.number)
