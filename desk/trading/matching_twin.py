"""The readable matching engine: the twin of `desk/native/book.c`, and what serves where there is no compiler.

Same messages, statuses, events, journal records and state hash. Some hundred times slower.
"""

from __future__ import annotations

import operator

from desk.trading.messages import (
    EVERY_SYMBOL,
    MESSAGE,
    EventKind,
    Kind,
    Message,
    Op,
    Phase,
    SelfTrade,
    Status,
)
from desk.trading.twin_accounts import Accounts, Limits
from desk.trading.twin_book import TwinBook
from desk.trading.twin_ladder import Side, Waiting
from desk.trading.twin_orders import MOST, check_order, too_many_parts
from desk.trading.twin_records import RecordWriter, StateHash

RECORD = 32
"""Bytes of a journal record."""

LAST_REFUSAL = Status.RESTING - 1


class TwinEngine:
    """See `MatchingEngine` and `build_engine`."""

    def __init__(
        self, symbols: int, orders: int, pages: int = 0, accounts: int = 0, stp: int = 0, journal: bool = False
    ) -> None:
        pages = pages or 8 * symbols + 64
        fits = 1 <= symbols <= 65_535 and 1 <= orders <= 1 << 26 and 0 < pages <= 1 << 20 and 0 <= accounts <= 65_536
        if not fits or stp not in list(SelfTrade):
            raise ValueError(
                "an engine has 1 to 65,535 symbols, 1 to 2**26 orders, up to 2**20 pages and 65,536 accounts"
            )
        self._accounts = Accounts(accounts, symbols)
        self._book = TwinBook(symbols, orders, pages, self._accounts, SelfTrade(stp))
        self._records = RecordWriter() if journal else None
        self._touched = 0

    @property
    def live(self) -> int:
        """See `MatchingEngine.live`."""
        return len(self._book.orders)

    def run(self, messages: bytes | bytearray | memoryview, statuses: bytearray) -> int:
        """See `MatchingEngine.run`."""
        count, rest = divmod(memoryview(messages).nbytes, MESSAGE.size)
        if rest or len(statuses) < count:
            raise ValueError("messages are whole 32-byte records; one status byte each")
        self._begin()
        for index, fields in enumerate(MESSAGE.iter_unpack(messages)):
            self._book.index = index
            statuses[index] = self._step(Message._make(fields))
        return len(self._book.events)

    def submit(
        self, id: int, symbol: int, account: int, side: int, price: int, qty: int, kind: int = 0, tif: int = 0, /
    ) -> int:
        """See `MatchingEngine.submit`."""
        most = (0xFFFFFFFF, 0xFFFF, 0xFFFF, 0xFF, 0x7FFFFFFF, 0x7FFFFFFF, 0xFF, 0xFF)
        given = (id, symbol, account, side, price, qty, kind, tif)
        self._begin()
        if not all(0 <= operator.index(value) <= limit for value, limit in zip(given, most, strict=True)):
            return int(Status.MALFORMED)
        return self._step(Message(Op.NEW, side, kind, tif, symbol=symbol, account=account, id=id, price=price, qty=qty))

    def cancel(self, id: int, account: int, /) -> int:
        """See `MatchingEngine.cancel`."""
        self._begin()
        if not (0 <= operator.index(id) <= 0xFFFFFFFF and 0 <= operator.index(account) <= 0xFFFF):
            return int(Status.MALFORMED)
        return self._step(Message(op=Op.CANCEL, id=id, account=account))

    def events(self) -> bytes:
        """See `MatchingEngine.events`."""
        return b"".join(self._book.events)

    def journal(self) -> bytes:
        """See `MatchingEngine.journal`."""
        return self._records.taken() if self._records else b""

    def drain(self, ring: bytearray | memoryview, at: int) -> int:
        """See `MatchingEngine.drain`."""
        if not ring or len(ring) % RECORD or not 0 <= at < len(ring):
            raise ValueError("a ring is a positive number of whole 32-byte records, and `at` lies in it")
        records = self.journal()
        while records:
            part = records[: len(ring) - at]
            ring[at : at + len(part)] = part
            at, records = (at + len(part)) % len(ring), records[len(part) :]
        return at

    def limit(self, account: int, lots: int, notional: int, position: int) -> None:
        """See `MatchingEngine.limit`."""
        if account >= self._accounts.count or min(account, lots, notional, position) < 0:
            raise ValueError("limits are for an account of this engine and not below 0")
        self._accounts.limits[account] = Limits(lots, notional, position)

    def position(self, account: int, symbol: int) -> int:
        """See `MatchingEngine.position`."""
        if not (0 <= account < self._accounts.count and 0 <= symbol < len(self._book.symbols)):
            raise ValueError("no such account or symbol in this engine")
        return self._accounts.held(account, symbol).position

    def depth(self, symbol: int, side: int, levels: int) -> list[tuple[int, int]]:
        """See `MatchingEngine.depth`."""
        if not 0 <= symbol < len(self._book.symbols) or side not in (Side.BIDS, Side.ASKS) or levels < 0:
            raise ValueError("no such symbol or side in this engine, or fewer than 0 levels")
        ladder = self._book.symbols[symbol].ladders[side]
        found = [(ladder.side.key(level[0].key), sum(order.qty for order in level)) for level in ladder.levels()]
        return found[:levels]

    def state_hash(self) -> int:
        """See `MatchingEngine.state_hash`."""
        state = StateHash(len(self._book.orders))
        for symbol in self._book.symbols:
            state.mix(symbol.last, symbol.phase)
            for ladder in symbol.ladders:
                for level in ladder.levels():
                    for order in level:
                        state.mix(*order.numbers)
        for held in self._accounts:
            state.mix(held.position, *held.open)
        return state.value

    # ---- one message ----

    def _begin(self) -> None:
        self._book.events.clear()
        self._book.index = 0
        if self._records:
            self._records.begin()

    def _step(self, message: Message) -> int:
        before = len(self._book.events)
        status = self._dispatch(message)
        if len(self._book.events) != before or message.op in (Op.PHASE, Op.PRINT):
            self._book.trigger(self._touched)
        if self._records and status > LAST_REFUSAL:
            self._records.write(message)
        return int(status)

    def _dispatch(self, message: Message) -> int:
        how = {
            Op.NEW: self._new,
            Op.CANCEL: self._cancel,
            Op.AMEND: self._amend,
            Op.MASS_CANCEL: self._mass_cancel,
            Op.EXPIRE: self._expire,
            Op.PHASE: self._set_phase,
            Op.PRINT: self._print,
        }.get(message.op)  # type: ignore[call-overload]
        return how(message) if how else Status.MALFORMED

    def _new(self, message: Message) -> int:
        refused = self._check(message) or self._over_limits(message)
        if refused:
            return refused
        self._touched = message.symbol
        return self._park(message) if message.kind in (Kind.STOP, Kind.STOP_LIMIT) else self._book.trade(message)

    def _check(self, message: Message) -> int:
        """The status of a message that makes no order; 0 when it does."""
        if message.symbol >= len(self._book.symbols):
            return Status.BAD_SYMBOL
        refused = check_order(message)
        if refused:
            return refused
        if self._accounts.count and message.account >= self._accounts.count:
            return Status.BAD_ACCOUNT
        return Status.DUPLICATE if message.id in self._book.orders else 0

    def _over_limits(self, message: Message) -> int:
        if not self._accounts.count:
            return 0
        price = message.price
        if message.kind == Kind.STOP:
            price = message.stop
        elif message.kind == Kind.MARKET:
            price = self._book.symbols[message.symbol].ladders[1 - message.side].best_price or 0
        return self._accounts.over(message, price)

    def _park(self, message: Message) -> int:
        """A stop: waits for its trigger, or goes in when that is reached already."""
        symbol = self._book.symbols[message.symbol]
        beyond = symbol.last >= message.stop if message.side == Side.BIDS else symbol.last <= message.stop
        if symbol.last and beyond and symbol.phase == Phase.CONTINUOUS:
            return self._book.trade(message._replace(kind=Kind.MARKET if message.kind == Kind.STOP else Kind.LIMIT))
        side = Side.BUY_STOPS if message.side == Side.BIDS else Side.SELL_STOPS
        if not self._book.rest(message._replace(display=0), side, side.key(message.stop), message.qty):
            return Status.POOL_FULL
        self._book.orders[message.id].display = message.display
        return Status.WAITING

    def _cancel(self, message: Message) -> int:
        order = self._book.orders.get(message.id)
        if order is None or order.account != message.account:
            return Status.UNKNOWN
        self._book.take_out(order)
        return Status.CANCELLED

    def _amend(self, message: Message) -> int:
        """Less at the same price keeps the place in the queue; anything else goes to the end, and may trade."""
        order = self._book.orders.get(message.id)
        if order is None or order.account != message.account:
            return Status.UNKNOWN
        if order.is_stop:
            return Status.MALFORMED
        if not 0 < message.qty <= MOST:
            return Status.BAD_QUANTITY
        if not 0 <= message.price <= MOST:
            return Status.BAD_PRICE
        price = message.price or order.side.key(order.key)
        if price == order.side.key(order.key) and message.qty <= order.lots:
            self._accounts.count_open(order, message.qty - order.lots)
            order.qty, order.hidden = min(order.qty, message.qty), max(0, message.qty - order.qty)
            return Status.AMENDED
        ladder = self._book.symbols[order.symbol].ladders[order.side]
        if not ladder.has_room(order.side.key(price)):
            return Status.POOL_FULL
        again = Message(Op.NEW, order.order_side, Kind.LIMIT, order.tif, order.symbol, order.account, order.id, price,
                        message.qty, 0, order.display, order.expiry)  # fmt: skip
        return Status.BAD_QUANTITY if too_many_parts(again) else self._replace(order, again)

    def _replace(self, order: Waiting, again: Message) -> int:
        self._accounts.count_open(order, -order.lots)
        over = self._over_limits(again)
        self._accounts.count_open(order, order.lots)
        if over:
            return over
        self._book.take_out(order)
        self._touched = order.symbol
        status = self._book.trade(again)
        if status == Status.POOL_FULL:
            self._book.emit(EventKind.CANCELLED, order.order_side, order.symbol, order.id, 0, 0, again.qty)
        return status

    def _mass_cancel(self, message: Message) -> int:
        if message.symbol != EVERY_SYMBOL and message.symbol >= len(self._book.symbols):
            return Status.BAD_SYMBOL
        symbols = {message.symbol} if message.symbol != EVERY_SYMBOL else range(len(self._book.symbols))
        mine = [o for o in self._book.orders.values() if o.account == message.account and o.symbol in symbols]
        return self._sweep(mine, EventKind.CANCELLED)

    def _expire(self, message: Message) -> int:
        over = [o for o in self._book.orders.values() if o.ends_with_session and o.expiry < message.expiry]
        return self._sweep(over, EventKind.EXPIRED)

    def _sweep(self, orders: list[Waiting], kind: EventKind) -> int:
        for order in sorted(orders, key=lambda order: order.id):
            self._book.emit(kind, order.order_side, order.symbol, order.id, 0, 0, order.lots)
            self._book.take_out(order)
        return Status.DONE

    def _set_phase(self, message: Message) -> int:
        if message.symbol >= len(self._book.symbols):
            return Status.BAD_SYMBOL
        if message.stop not in (Phase.CONTINUOUS, Phase.AUCTION):
            return Status.MALFORMED
        symbol = self._book.symbols[message.symbol]
        if symbol.phase == message.stop:
            return Status.BAD_PHASE
        if message.stop == Phase.CONTINUOUS:
            self._book.uncross(message)
        symbol.phase = message.stop
        self._touched = message.symbol
        return Status.DONE

    def _print(self, message: Message) -> int:
        if message.symbol >= len(self._book.symbols):
            return Status.BAD_SYMBOL
        if not 0 < message.price <= MOST:
            return Status.BAD_PRICE
        self._book.symbols[message.symbol].last = message.price
        self._touched = message.symbol
        return Status.DONE
