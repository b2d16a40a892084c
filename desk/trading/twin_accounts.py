"""Positions, open lots and pre-trade limits of the readable matching engine's accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from desk.trading.messages import Message, Status
from desk.trading.twin_ladder import Waiting


class Limits(NamedTuple):
    """Lots an order, lots times ticks an order, lots held either way."""

    lots: int
    notional: int
    position: int


OPEN_LIMITS = Limits(2**31 - 1, 2**63 - 1, 2**63 - 1)
"""What an account has until it is told."""


@dataclass
class Held:
    """One account in one symbol: lots held, and lots waiting to be bought and sold."""

    position: int = 0
    open: list[int] = field(default_factory=lambda: [0, 0])


class Accounts:
    """All accounts of an engine; with `count` 0 nothing is kept. Iterates by account, then symbol."""

    def __init__(self, count: int, symbols: int) -> None:
        self.count, self._symbols = count, symbols
        self.limits = [OPEN_LIMITS] * count
        self._held = [[Held() for _ in range(symbols)] for _ in range(count)]

    def __iter__(self) -> Iterator[Held]:
        return (held for row in self._held for held in row)

    def held(self, account: int, symbol: int) -> Held:
        """One account in one symbol."""
        return self._held[account][symbol]

    def over(self, message: Message, price: int) -> int:
        """The status of an order that breaks a limit at `price`; 0 when none. What closes a position may."""
        limits, held = self.limits[message.account], self.held(message.account, message.symbol)
        if message.qty > limits.lots:
            return Status.OVER_ORDER
        if message.qty * price > limits.notional:
            return Status.OVER_NOTIONAL
        along = -held.position if message.side else held.position
        after = along + held.open[message.side] + message.qty
        return Status.OVER_POSITION if after > limits.position and after > 0 else 0

    def count_open(self, order: Waiting, lots: int) -> None:
        """More or fewer lots wait."""
        if self.count:
            self.held(order.account, order.symbol).open[order.order_side] += lots

    def settle(self, symbol: int, side: int, taker: int, maker: int, lots: int) -> None:
        """Books a trade on both accounts."""
        if self.count:
            signed = -lots if side else lots
            self.held(taker, symbol).position += signed
            self.held(maker, symbol).position -= signed
