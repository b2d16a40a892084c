"""The tape: the trades of a venue, numbered without gaps; the last 10,000 are kept."""

from __future__ import annotations

from collections import deque
from datetime import datetime

from desk.market.books import Print
from desk.orders import Side
from desk.trading.messages import Event

KEPT = 10_000


class Tape:
    """Not thread-safe: its owner serialises."""

    def __init__(self) -> None:
        self._prints: deque[Print] = deque(maxlen=KEPT)
        self._seq = 0

    def add(self, instrument: str, trade: Event, at: datetime) -> None:
        """Writes a trade; this venue is a paper one, so it is labelled simulated."""
        self._seq += 1
        side = Side.SELL if trade.side else Side.BUY
        self._prints.append(Print(self._seq, instrument, trade.price, trade.qty, side, at, True))

    def since(self, seq: int, most: int) -> list[Print]:
        """Trades after `seq`, oldest first: at most the last `most` of those kept."""
        kept = min(self._seq - seq, most, len(self._prints))
        return list(self._prints)[-kept:] if kept > 0 else []
