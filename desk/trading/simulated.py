"""The simulated broker: paper trading on the matching engine against the market feed's quotes.

One engine holds all instruments. Liquidity is made up and labelled (`maker`). Resting orders fill when the feed's
quote crosses them, at their own price; stops follow its last price. Books that open and close by auction collect
orders meanwhile (`desk.market.hours`). The newer of two orders of one account that would trade with each other gives
way (no wash trades).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import count

from desk.clock import Clock
from desk.errors import DataError, NotFound
from desk.market.books import Depth, Level, Print
from desk.market.feed import MarketFeed, Quote
from desk.orders import Fill, Order, Side
from desk.trading.broker import Placement
from desk.trading.maker import Maker
from desk.trading.matching import build_engine
from desk.trading.messages import Event, EventKind, Message, Op, Phase, Status, unpack_events
from desk.trading.tape import Tape
from desk.trading.tokens import TokenSigner
from desk.trading.venue_held import HeldOrders
from desk.trading.venue_market import Market
from desk.trading.venue_order import NOTHING_LEFT, OWN_ORDER, REFUSALS, VenueOrder, commission_on
from desk.trading.venue_terms import USUAL, VenueTerms

MOST_ORDERS, PAGES = 1 << 16, 1 << 12
_WAITS = (Status.RESTING, Status.WAITING, Status.AMENDED)


class SimulatedBroker:
    """See `Broker`, `Venue` and `BookSource`. Forgets everything when the process ends; thread-safe."""

    def __init__(self, feed: MarketFeed, signer: TokenSigner, wall: Clock, terms: VenueTerms = USUAL) -> None:
        self._feed, self._signer, self._wall, self.terms = feed, signer, wall, terms
        self._lock = threading.Lock()
        self._engine = build_engine(max(1, len(feed.instruments)), MOST_ORDERS, pages=PAGES)
        self._numbers = count(1)
        self._symbols = {instrument.id: symbol for symbol, instrument in enumerate(feed.instruments)}
        self._accounts: dict[str, int] = {}
        self._markets: dict[str, Market] = {}
        self._held = HeldOrders()
        self._by_number, self._changed = dict[int, VenueOrder](), dict[str, None]()
        self._tape = Tape()

    def place(self, order: Order, token: str) -> Placement:
        """See `Broker.place`."""
        self._signer.check(order, token, self._wall.now())
        with self._lock:
            return self._enter(order, (), False)

    def restore(self, order: Order, token: str, fills: Sequence[Fill], triggered: bool = False) -> Placement:
        """See `Broker.restore`."""
        self._signer.check(order, token, None)
        with self._lock:
            return self._enter(order, fills, triggered)

    def amend(self, order: Order, token: str) -> Placement:
        """See `Venue.amend`. One that cannot stand as amended is cancelled, with the reason."""
        self._signer.check(order, token, self._wall.now())
        with self._lock:
            held = self._held.get(order.client_id)
            if held is None:
                return self._enter(order, (), False)
            market = self._markets[held.order.instrument]
            if not held.final and self._stands(market):
                self._renew(market, self._feed.quote(order.instrument))
                if not held.final:
                    self._amend(market, held, order)
            self._changed.pop(order.client_id, None)
            return held.placement()

    def cancel(self, client_id: str) -> Placement | None:
        """See `Broker.cancel`."""
        with self._lock:
            held = self._held.get(client_id)
            if held is None or held.final:
                return None
            self._take_out(self._markets[held.order.instrument], [held], "cancelled on request")
            return held.placement()

    def open_orders(self) -> list[str]:
        """See `Broker.open_orders`."""
        with self._lock:
            return [held.order.client_id for market in self._markets.values() for held in market.waiting.values()]

    def poll(self) -> list[Placement]:
        """See `Broker.poll`: renews the maker where orders wait, moves auctions, ends days, and what cannot stand."""
        with self._lock:
            for market in self._markets.values():
                if self._stands(market) and market.waiting:
                    with suppress(DataError):  # no price now: these orders wait, the others go on
                        self._renew(market, self._feed.quote(market.instrument.id))
        return self.news()

    def news(self) -> list[Placement]:
        """See `Venue.news`."""
        with self._lock:
            changed, self._changed = self._changed, {}
            return [self._held[id].placement() for id in changed]

    def commission(self, notional: int, currency: str) -> int:
        """See `Broker.commission`: one basis point rounded up, at least 35 minor units."""
        return commission_on(notional)

    def due(self) -> bool:
        """Whether something arrived since the last look: never, for here nothing travels."""
        return False

    def version(self, instrument: str) -> int:
        """See `BookSource.version`: brings the book to the quote first."""
        with self._lock:
            return self._looked_at(instrument).version

    def depth(self, instrument: str, levels: int) -> Depth:
        """See `BookSource.depth`; the maker's lots are made up, so all of it is labelled simulated."""
        with self._lock:
            market = self._looked_at(instrument)
            bids, asks = (
                tuple(Level(*level) for level in self._engine.depth(market.symbol, side, levels)) for side in (0, 1)
            )
            return Depth(instrument, market.version, bids, asks, market.at or self._feed.now(), True)

    def trades_since(self, seq: int, most: int) -> list[Print]:
        """See `BookSource.trades_since`: of the last 10,000."""
        with self._lock:
            return self._tape.since(seq, most)

    def _looked_at(self, instrument: str) -> Market:
        market = self._market(instrument)
        self._renew(market, self._feed.quote(instrument))
        return market

    def _enter(self, order: Order, fills: Sequence[Fill], triggered: bool) -> Placement:
        known = self._held.get(order.client_id)
        if known is not None:
            return known.placement()
        market, quote = self._market(order.instrument), self._feed.quote(order.instrument)
        self._renew(market, quote)
        number, fees = next(self._numbers), self.terms.fees
        held = VenueOrder(order, market.instrument, number, quote.at.date(), triggered=triggered, fees=fees)
        self._held.hold(held, self._changed)
        for fill in fills:
            held.take_in(fill)
        if held.left > 0:
            self._send(market, held)
        self._changed.pop(order.client_id, None)
        return held.placement()

    def _send(self, market: Market, held: VenueOrder) -> None:
        """Sends what is left of an order to the engine."""
        account = self._accounts.setdefault(held.order.account, len(self._accounts) + 1)
        call = market.last if market.phase is Phase.AUCTION else None
        message = held.message(market.symbol, account, call)
        if message is None or account > 0xFFFF:
            held.end("it is larger than this venue can hold")
            return
        self._by_number[held.number] = held
        status = self._run(market, [message])[0]
        if held.order.type.stopped and status >= Status.RESTING:
            held.triggered = held.triggered or status != Status.WAITING
        self._conclude(market, held, status)

    def _conclude(self, market: Market, held: VenueOrder, status: int) -> None:
        """What the engine's answer makes of an order that went in."""
        if status in _WAITS and not held.final:
            market.waiting[held.number] = held
            return
        if status == Status.CANNOT_FILL:
            held.cancel(REFUSALS[Status.CANNOT_FILL])
        elif status < Status.RESTING:
            held.end(REFUSALS.get(Status(status), f"this venue cannot take it ({Status(status).name.lower()})"))
        elif not held.final:
            held.end(OWN_ORDER) if status == Status.SELF_TRADE else held.cancel(NOTHING_LEFT)
        self._forget(market, held)

    def _amend(self, market: Market, held: VenueOrder, order: Order) -> None:
        account, before = self._accounts[order.account], held.order
        held.order = order
        if held.waits_for_trigger or order.post_only:
            self._run(market, [Message(op=Op.CANCEL, id=held.number, account=account)])
            self._forget(market, held)
            held.number = next(self._numbers)
            self._send(market, held)
            return
        price = 0 if order.limit_ticks == before.limit_ticks else order.limit_ticks or 0
        amend = Message(op=Op.AMEND, id=held.number, account=account, price=price, qty=held.left)
        status = self._run(market, [amend])[0]
        if status < Status.RESTING:
            self._take_out(market, [held], REFUSALS.get(Status(status), "it cannot stand as amended"))
        else:
            self._conclude(market, held, status)

    def _market(self, id: str) -> Market:
        market = self._markets.get(id)
        if market is not None and not self._stands(market):
            raise NotFound(self._feed.instruments.changed(id, None))
        if market is None:
            instrument = self._feed.instruments.get(id)
            if not instrument.tradable:
                raise NotFound(f"{id} is an index level, nobody trades it here; choose a tradable instrument")
            symbol = self._symbols[id]
            maker = Maker(symbol, instrument, lambda: next(self._numbers))
            market = self._markets[id] = Market(instrument, symbol, maker)
        return market

    def _stands(self, market: Market) -> bool:
        """Whether the instrument is still listed. Ends what waits if not, or if its tick or lot is another now."""
        id = market.instrument.id
        now = self._feed.instruments.known(id)
        if now is market.instrument:
            return True
        reason = self._feed.instruments.changed(id, market.instrument.steps)
        if reason:
            self._take_out(market, list(market.waiting.values()), reason, tell=True)
            leaving = market.maker.leave()
            if leaving:
                self._run(market, leaving)
        if now is None or not now.tradable:
            return False
        if reason:
            market.maker, market.last = Maker(market.symbol, now, lambda: next(self._numbers)), 0
        market.instrument = now
        return True

    def _renew(self, market: Market, quote: Quote) -> None:
        """Brings a market to the quote: its session, the maker's orders, the last price."""
        self._move_session(market, quote)
        messages = market.maker.renew(quote)
        if quote.last_ticks != market.last:
            market.last = quote.last_ticks
            messages.append(Message(op=Op.PRINT, symbol=market.symbol, price=quote.last_ticks))
        if messages:
            self._run(market, messages)

    def _move_session(self, market: Market, quote: Quote) -> None:
        anew, phase, before = market.begins_anew(quote), market.phase_at(quote), market.at
        if market.phase is Phase.AUCTION and (anew or phase is Phase.CONTINUOUS):
            market.at = before if anew else quote.at  # an auction belongs to the session that it ends
            self._set_phase(market, Phase.CONTINUOUS)
            self._take_out(market, [h for h in market.waiting.values() if h.until_uncross], NOTHING_LEFT, tell=True)
        market.at = quote.at
        if anew:
            self._take_out(market, market.over(quote), "the day ended", tell=True)
        if market.phase is not phase:
            self._set_phase(market, phase)

    def _set_phase(self, market: Market, phase: Phase) -> None:
        market.phase = phase
        self._run(market, [Message(op=Op.PHASE, symbol=market.symbol, stop=phase, price=market.last)])

    def _run(self, market: Market, messages: list[Message]) -> bytearray:
        """Sends messages about one market and books what happened; a status each."""
        statuses = bytearray(len(messages))
        market.version += 1
        if self._engine.run(b"".join([message.pack() for message in messages]), statuses):
            for event in unpack_events(self._engine.events()):
                self._take_event(market, event)
        return statuses

    def _take_event(self, market: Market, event: Event) -> None:
        if event.kind == EventKind.TRADE:
            self._trade(market, event)
            return
        held = self._by_number[event.taker]
        self._changed[held.order.client_id] = None
        if event.kind == EventKind.TRIGGERED:
            held.triggered = True
        else:
            held.cancel(NOTHING_LEFT)
            self._forget(market, held)

    def _trade(self, market: Market, event: Event) -> None:
        at = market.at or self._feed.now()
        self._tape.add(market.instrument.id, event, at)
        taker, maker = (None if market.maker.wear(n) else self._by_number[n] for n in (event.taker, event.maker))
        trade = f"{taker.order.client_id}~{len(taker.fills) + 1}" if taker and maker else ""
        for held, mate, side in ((taker, maker, event.side), (maker, taker, 1 - event.side)):
            if held is not None:
                held.fill(event, Side.SELL if side else Side.BUY, at, trade, mate.order.account if mate else "")
                self._changed[held.order.client_id] = None
                if held.final:
                    self._forget(market, held)

    def _take_out(self, market: Market, orders: Iterable[VenueOrder], reason: str, *, tell: bool = False) -> None:
        for held in orders:
            self._run(market, [Message(op=Op.CANCEL, id=held.number, account=self._accounts[held.order.account])])
            held.cancel(reason)
            self._forget(market, held)
            if tell:
                self._changed[held.order.client_id] = None

    def _forget(self, market: Market, held: VenueOrder) -> None:
        market.waiting.pop(held.number, None)
        self._by_number.pop(held.number, None)
