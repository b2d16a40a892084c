"""The readable limit order book: price-time priority on integer ticks and integer lots.

This is the twin that serves when the C kernel is absent and the reference that the kernel is
tested against: both must report the same `state_hash` after the same messages. Integers only.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, insort
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from desk.errors import Conflict, InputError
from desk.orders import Side


class Rest(StrEnum):
    """What happens to the part of an order that does not trade at once."""

    REST = "rest"  # stays in the book at its limit
    IOC = "ioc"  # is cancelled
    FOK = "fok"  # nothing trades unless all of it can


class Trade(NamedTuple):
    """One match, at the resting order's price. `lots` > 0."""

    taker: str
    maker: str
    taker_side: Side
    price_ticks: int
    lots: int


@dataclass
class Resting:
    """An order in the book; `lots` is what is left of it."""

    id: str
    side: Side
    price_ticks: int
    lots: int


class _Half:
    """One side of the book. `prices` ascend; each level is first in, first out."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.prices: list[int] = []
        self.levels: dict[int, OrderedDict[str, Resting]] = {}

    def best(self) -> int | None:
        """Highest bid or lowest offer; None when the side is empty."""
        if not self.prices:
            return None
        return self.prices[-1] if self.side is Side.BUY else self.prices[0]

    def add(self, order: Resting) -> None:
        level = self.levels.get(order.price_ticks)
        if level is None:
            level = self.levels[order.price_ticks] = OrderedDict()
            insort(self.prices, order.price_ticks)
        level[order.id] = order

    def remove(self, order: Resting) -> None:
        level = self.levels[order.price_ticks]
        del level[order.id]
        if not level:
            del self.levels[order.price_ticks]
            del self.prices[bisect_left(self.prices, order.price_ticks)]

    def depth(self, limit_ticks: int | None) -> int:
        """Lots available to a taker who pays no worse than `limit_ticks` (None: any price)."""
        return sum(
            order.lots
            for price, level in self.levels.items()
            if _reaches(self.side, price, limit_ticks)
            for order in level.values()
        )


def _reaches(resting_side: Side, price: int, limit_ticks: int | None) -> bool:
    """Whether a taker with this limit may trade against a resting order at `price`."""
    if limit_ticks is None:
        return True
    return price >= limit_ticks if resting_side is Side.BUY else price <= limit_ticks


class LimitOrderBook:
    """One instrument's book. Never crossed between calls; quantity is conserved.

    The tape keeps every trade since it was last taken. Not thread-safe: its owner serialises.
    """

    def __init__(self) -> None:
        self._halves = {Side.BUY: _Half(Side.BUY), Side.SELL: _Half(Side.SELL)}
        self._orders: dict[str, Resting] = {}
        self._tape: list[Trade] = []

    def __contains__(self, id: str) -> bool:
        return id in self._orders

    def __len__(self) -> int:
        return len(self._orders)

    def best(self, side: Side) -> int | None:
        """Best price of a side in ticks; None when empty."""
        return self._halves[side].best()

    def left(self, id: str) -> int:
        """Lots of a resting order that have not traded; 0 when it is not in the book."""
        order = self._orders.get(id)
        return order.lots if order else 0

    def submit(
        self, id: str, side: Side, lots: int, limit_ticks: int | None = None, rest: Rest = Rest.REST
    ) -> list[Trade]:
        """Matches an order, best price first and oldest first; rests the remainder if asked to.

        `limit_ticks` None is a market order: its remainder never rests. Returns its trades, also
        kept on the tape. Raises InputError for a quantity below one lot, Conflict for an id that
        is in the book.
        """
        if lots <= 0:
            raise InputError(f"order {id!r} is for {lots} lots; give at least 1")
        if id in self._orders:
            raise Conflict(f"order {id!r} is in the book; an id stands for one order")
        against = self._halves[Side.SELL if side is Side.BUY else Side.BUY]
        if rest is Rest.FOK and against.depth(limit_ticks) < lots:
            return []
        trades, left = self._match(id, side, lots, limit_ticks, against)
        if left and limit_ticks is not None and rest is Rest.REST:
            order = Resting(id, side, limit_ticks, left)
            self._orders[id] = order
            self._halves[side].add(order)
        self._tape += trades
        return trades

    def cancel(self, id: str) -> int:
        """Takes an order out; returns the lots that were left, 0 when it is not in the book."""
        order = self._orders.pop(id, None)
        if order is None:
            return 0
        self._halves[order.side].remove(order)
        return order.lots

    def take_tape(self) -> list[Trade]:
        """The trades since the last call, oldest first; the tape is empty afterwards."""
        tape, self._tape = self._tape, []
        return tape

    def orders(self, side: Side) -> list[Resting]:
        """Resting orders in priority: best price first, oldest first within a price."""
        half = self._halves[side]
        prices = reversed(half.prices) if side is Side.BUY else iter(half.prices)
        return [order for price in prices for order in half.levels[price].values()]

    def state_hash(self) -> str:
        """SHA-256 (hexadecimal) of all resting orders in priority, bids before offers.

        Each order is the line `side,price_ticks,lots,id`; any engine can compute the same.
        """
        lines = [
            f"{side.value},{order.price_ticks},{order.lots},{order.id}\n"
            for side in (Side.BUY, Side.SELL)
            for order in self.orders(side)
        ]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def _match(
        self, id: str, side: Side, lots: int, limit_ticks: int | None, against: _Half
    ) -> tuple[list[Trade], int]:
        trades: list[Trade] = []
        while lots:
            price = against.best()
            if price is None or not _reaches(against.side, price, limit_ticks):
                break
            maker = next(iter(against.levels[price].values()))
            size = min(lots, maker.lots)
            trades.append(Trade(id, maker.id, side, price, size))
            lots -= size
            maker.lots -= size
            if not maker.lots:
                against.remove(maker)
                del self._orders[maker.id]
        return trades, lots
