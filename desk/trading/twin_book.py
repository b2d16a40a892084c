"""The readable matching engine's books: what waits, and how it trades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from desk.trading.messages import (
    EVENT,
    POST_ONLY,
    EventKind,
    Message,
    Op,
    Phase,
    SelfTrade,
    Status,
    Tif,
)
from desk.trading.twin_accounts import Accounts
from desk.trading.twin_auction import choose_price
from desk.trading.twin_ladder import Ladder, Pages, Side, Waiting
from desk.trading.twin_orders import is_limited, may_wait


@dataclass
class SymbolBook:
    """One symbol: its four ladders, the last price (0 before the first), its phase."""

    ladders: list[Ladder]
    last: int = 0
    phase: int = Phase.CONTINUOUS


class _Left(NamedTuple):
    lots: int
    met_itself: bool


class TwinBook:
    """All symbols and all orders that wait. `events` are packed; `index` is the message they belong to."""

    def __init__(self, symbols: int, orders: int, pages: int, accounts: Accounts, self_trade: SelfTrade) -> None:
        pool = Pages(pages)
        self.symbols = [SymbolBook([Ladder(side, pool) for side in Side]) for _ in range(symbols)]
        self.orders: dict[int, Waiting] = {}
        self.events: list[bytes] = []
        self.index = 0
        self._most_orders, self._accounts, self._self_trade = orders, accounts, self_trade

    def trade(self, message: Message) -> int:
        """A limit or market order that is let in."""
        symbol = self.symbols[message.symbol]
        own, other = symbol.ladders[message.side], symbol.ladders[1 - message.side]
        waits, key = may_wait(message), own.side.key(message.price)
        if symbol.phase == Phase.AUCTION:
            if not waits or message.flags & POST_ONLY:
                return Status.BAD_PHASE
            return Status.RESTING if self.rest(message, own.side, key, message.qty) else Status.POOL_FULL
        if waits and (len(self.orders) == self._most_orders or not own.has_room(key)):
            return Status.POOL_FULL
        if message.flags & POST_ONLY and _crosses(message, other):
            return Status.WOULD_CROSS
        if message.tif == Tif.FOK and not self._can_fill(message, other):
            return Status.CANNOT_FILL
        left = self._match(message, other)
        if left.lots == 0:
            return Status.FILLED
        if left.met_itself:
            return Status.SELF_TRADE
        if not waits:
            return Status.CANCELLED
        return Status.RESTING if self.rest(message, own.side, key, left.lots) else Status.POOL_FULL

    def _match(self, message: Message, other: Ladder) -> _Left:
        """Trades what crosses."""
        symbol, left = self.symbols[message.symbol], message.qty
        while left and _crosses(message, other):
            maker = other.first()
            price = other.side.key(maker.key)
            if maker.account == message.account != 0:
                if self._self_trade is SelfTrade.NEWEST:
                    return _Left(left, True)
                self.emit(EventKind.REMOVED_SELF, message.side, message.symbol, message.id, maker.id, price, maker.lots)
                self.take_out(maker)
                continue
            lots = min(left, maker.qty)
            left -= lots
            symbol.last = price
            self.emit(EventKind.TRADE, message.side, message.symbol, message.id, maker.id, price, lots)
            self._accounts.settle(message.symbol, message.side, message.account, maker.account, lots)
            self._fill(maker, lots)
        return _Left(left, False)

    def _can_fill(self, message: Message, other: Ladder) -> bool:
        """Whether all lots can trade at once, self-trade prevention counted."""
        left = message.qty
        for level in other.levels():
            if not _within(message, other.side.key(level[0].key)):
                return False
            shown = hidden = 0  # what an iceberg hides comes after all that its level shows
            for maker in level:
                if shown >= left:
                    return True
                mine = maker.account == message.account != 0
                if mine and self._self_trade is SelfTrade.NEWEST:
                    return False
                shown += 0 if mine else maker.qty
                hidden += 0 if mine else maker.hidden
            left -= shown + hidden
            if left <= 0:
                return True
        return False

    def uncross(self, message: Message) -> None:
        """Ends an auction: trades at one price what can trade, in price-time priority."""
        symbol = self.symbols[message.symbol]
        bids, asks = symbol.ladders[Side.BIDS], symbol.ladders[Side.ASKS]
        found = choose_price(bids, asks, message.price if message.price > 0 else symbol.last)
        if found is None:
            return
        left = found.lots
        while left:
            bid, ask = bids.first(), asks.first()
            lots = min(left, bid.qty, ask.qty)
            self.emit(EventKind.TRADE, Side.BIDS, message.symbol, bid.id, ask.id, found.price, lots)
            self._accounts.settle(message.symbol, Side.BIDS, bid.account, ask.account, lots)
            self._fill(bid, lots)
            self._fill(ask, lots)
            left -= lots
        symbol.last = found.price

    def trigger(self, number: int) -> None:
        """Lets in the stops that the last price has reached: buys from the lowest trigger, sells from the highest."""
        symbol = self.symbols[number]
        while symbol.phase == Phase.CONTINUOUS and symbol.last:
            buys, sells = symbol.ladders[Side.BUY_STOPS], symbol.ladders[Side.SELL_STOPS]
            if buys.best_price is not None and buys.best_price <= symbol.last:
                stop = buys.first()
            elif sells.best_price is not None and sells.best_price >= symbol.last:
                stop = sells.first()
            else:
                return
            self._let_in(stop)

    def _let_in(self, stop: Waiting) -> None:
        message = Message(Op.NEW, stop.order_side, stop.kind_when_triggered, stop.tif, stop.symbol, stop.account,
                          stop.id, stop.price, stop.lots, 0, stop.display, stop.expiry)  # fmt: skip
        self.take_out(stop)
        trigger = stop.side.key(stop.key)
        self.emit(EventKind.TRIGGERED, stop.order_side, stop.symbol, stop.id, 0, trigger, message.qty)
        before = len(self.events)
        status = self.trade(message)
        if status not in (Status.RESTING, Status.FILLED):
            events = [EVENT.unpack(event) for event in self.events[before:]]
            left = message.qty - sum(event[3] for event in events if event[6] == EventKind.TRADE)
            self.emit(EventKind.CANCELLED, stop.order_side, stop.symbol, stop.id, 0, 0, left)

    def rest(self, message: Message, side: Side, key: int, lots: int) -> bool:
        """Puts an order to wait; False when rows or pages have run out."""
        ladder = self.symbols[message.symbol].ladders[side]
        if len(self.orders) == self._most_orders or not ladder.has_room(key):
            return False
        shown = message.display if 0 < message.display < lots else lots
        order = Waiting(
            message.id, message.symbol, message.account, message.side, message.tif, side, key, shown, lots - shown,
            message.display, message.price, message.expiry, message.kind,
        )  # fmt: skip
        ladder.append(order)
        self.orders[order.id] = order
        self._accounts.count_open(order, lots)
        return True

    def take_out(self, order: Waiting) -> None:
        """Takes a waiting order out."""
        self.symbols[order.symbol].ladders[order.side].remove(order)
        del self.orders[order.id]
        self._accounts.count_open(order, -order.lots)

    def _fill(self, order: Waiting, lots: int) -> None:
        """A waiting order has traded; an iceberg shows more at the end of its level."""
        order.qty -= lots
        self._accounts.count_open(order, -lots)
        if order.qty:
            return
        if not order.hidden:
            self.take_out(order)
            return
        order.qty = min(order.display, order.hidden)
        order.hidden -= order.qty
        self.symbols[order.symbol].ladders[order.side].requeue(order)

    def emit(self, kind: int, side: int, symbol: int, taker: int, maker: int, price: int, qty: int) -> None:
        """Notes that something happened."""
        self.events.append(EVENT.pack(taker, maker, price, qty, self.index, symbol, kind, side))


def _within(message: Message, price: int) -> bool:
    """Whether the order would trade at this price of the other side."""
    if not is_limited(message):
        return True
    return price <= message.price if message.side == Side.BIDS else price >= message.price


def _crosses(message: Message, other: Ladder) -> bool:
    price = other.best_price
    return price is not None and _within(message, price)
