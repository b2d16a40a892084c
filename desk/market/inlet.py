"""The bounded way from the streams into the desk: quotes and running bars are conflated, trades never.

Of quotes only the newest of each source and instrument waits. A trade waits in line; when the line is full the one who
brings it is held up (so the venue's socket fills), and only after `wait_s` is it refused, counted, and left to be
brought by a backfill.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from typing import NamedTuple

from desk.market.events import Kline, Tick, Trade

MOST_TRADES, WAIT_S = 50_000, 2.0


class Batch(NamedTuple):
    """All that waited."""

    trades: list[Trade]
    klines: list[Kline]
    ticks: list[Tick]


@dataclass
class Counts:
    """Since the start. `conflated`: quotes and running bars that a newer one replaced before they were looked at."""

    events: int = 0
    conflated: int = 0
    held_up: int = 0
    dropped: int = 0


class Inlet:
    """Safe for several threads on both sides."""

    def __init__(self, most_trades: int = MOST_TRADES, wait_s: float = WAIT_S) -> None:
        self._most, self._wait_s = most_trades, wait_s
        self._trades: deque[Trade] = deque()
        self._klines: dict[tuple[str, str, str, int], Kline] = {}
        self._ticks: dict[tuple[str, str], Tick] = {}
        self._room = threading.Condition()
        self._counts = Counts()

    def put_trade(self, trade: Trade) -> bool:
        """False when it was refused."""
        with self._room:
            self._counts.events += 1
            if len(self._trades) >= self._most:
                self._counts.held_up += 1
                if not self._room.wait_for(lambda: len(self._trades) < self._most, self._wait_s):
                    self._counts.dropped += 1
                    return False
            self._trades.append(trade)
            return True

    def put_tick(self, tick: Tick) -> None:
        """Takes the place of an older one that still waits."""
        key = (tick.source, tick.instrument)
        with self._room:
            self._counts.events += 1
            self._counts.conflated += key in self._ticks
            self._ticks[key] = tick

    def put_kline(self, kline: Kline) -> None:
        """Takes the place of an earlier state of the same bar."""
        key = (kline.source, kline.instrument, kline.interval, kline.event_us)
        with self._room:
            self._counts.events += 1
            self._counts.conflated += key in self._klines
            self._klines[key] = kline

    def take(self) -> Batch:
        """Empties the inlet."""
        with self._room:
            batch = Batch(list(self._trades), list(self._klines.values()), list(self._ticks.values()))
            self._trades.clear()
            self._klines.clear()
            self._ticks.clear()
            self._room.notify_all()
        return batch

    @property
    def counts(self) -> Counts:
        """As they are now."""
        with self._room:
            return replace(self._counts)
