"""What must be true of every matching engine after every message, kept by counting lots from outside."""

from __future__ import annotations

from desk.trading.matching import MatchingEngine
from desk.trading.messages import (
    EVERY_SYMBOL,
    POST_ONLY,
    Event,
    EventKind,
    Kind,
    Message,
    Op,
    Phase,
    Status,
    Tif,
    unpack_events,
)

BUY, SELL = 0, 1


class Shadow:
    """Drives an engine and counts the lots of every order it was given."""

    def __init__(self, engine: MatchingEngine, symbols: int, accounts: int) -> None:
        self.engine, self._symbols, self._accounts = engine, symbols, accounts
        self.left: dict[int, int] = {}
        self.carried_out: list[Message] = []
        self.phases = [Phase.CONTINUOUS] * symbols
        self.seen: set[tuple[int, Status]] = set()

    def send(self, message: Message) -> Status:
        """Sends a message and checks all that follows from it."""
        sensible = message.symbol < self._symbols and message.side <= SELL
        best = self._best(message.symbol, 1 - message.side) if sensible else None
        before, status = self.engine.state_hash(), bytearray(1)
        self.engine.run(message.pack(), status)
        became, events = Status(status[0]), unpack_events(self.engine.events())
        self.seen.add((message.op, became))
        if became < Status.RESTING:
            assert (self.engine.state_hash(), events) == (before, []), "refused, and yet something changed"
            return became
        self.carried_out.append(message)
        self._enter(message)
        for event in events:
            self._count(event)
        self._leave(message, became)
        if message.op == Op.NEW and message.kind in (Kind.LIMIT, Kind.MARKET):
            self._check_order(message, became, [e for e in events if e.taker == message.id], best)
        self._check_books()
        return became

    def end(self) -> None:
        """Cancels everything: what comes out is what was counted."""
        for account in range(self._accounts):
            self.send(Message(op=Op.MASS_CANCEL, account=account, symbol=EVERY_SYMBOL))
        assert self.left == {}

    def _enter(self, message: Message) -> None:
        if message.op in (Op.NEW, Op.AMEND):
            self.left[message.id] = message.qty
        if message.op == Op.PHASE:
            self.phases[message.symbol] = Phase(message.stop)

    def _count(self, event: Event) -> None:
        if event.kind == EventKind.TRADE:
            for id in (event.taker, event.maker):
                self.left[id] -= event.qty
                assert self.left[id] >= 0, "more was traded than was left"
        elif event.kind in (EventKind.CANCELLED, EventKind.EXPIRED):
            assert self.left.pop(event.taker) == event.qty
        elif event.kind == EventKind.REMOVED_SELF:
            assert self.left.pop(event.maker) == event.qty
        else:
            assert self.left[event.taker] == event.qty

    def _leave(self, message: Message, became: Status) -> None:
        if became == Status.FILLED:
            assert self.left[message.id] == 0
        if became in (Status.CANCELLED, Status.SELF_TRADE):
            assert self.left.pop(message.id) > 0
        self.left = {id: lots for id, lots in self.left.items() if lots}

    def _check_order(self, message: Message, became: Status, events: list[Event], best: int | None) -> None:
        trades = [event for event in events if event.kind == EventKind.TRADE]
        prices = [event.price if message.side == BUY else -event.price for event in trades]
        assert prices == sorted(prices), "best price first"
        if message.kind == Kind.LIMIT:
            worst = message.price if message.side == BUY else -message.price
            assert all(price <= worst for price in prices), "never worse than the limit"
        if trades and not [event for event in events if event.kind == EventKind.REMOVED_SELF]:
            assert trades[0].price == best
        if message.tif == Tif.FOK:
            assert became == Status.FILLED
        if message.flags == POST_ONLY:
            assert (became, trades) == (Status.RESTING, [])

    def _check_books(self) -> None:
        assert self.engine.live == len(self.left)
        for symbol in range(self._symbols):
            bid, ask = self._best(symbol, BUY), self._best(symbol, SELL)
            if self.phases[symbol] == Phase.CONTINUOUS and bid is not None and ask is not None:
                assert bid < ask, "crossed in continuous trading"
            for side in (BUY, SELL):
                assert all(lots > 0 for _, lots in self.engine.depth(symbol, side, 100))
            assert sum(self.engine.position(account, symbol) for account in range(self._accounts)) == 0

    def _best(self, symbol: int, side: int) -> int | None:
        depth = self.engine.depth(symbol, side, 1)
        return depth[0][0] if depth else None
