"""One-minute bars of the running session, made from what was quoted and traded while the desk watched.

They begin when the desk starts; nothing is filled in backwards. A minute in which nothing was
looked at has no bar.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from desk.market.books import Print
from desk.market.feed import MarketFeed, quoted

KEPT_MINUTES = 240


@dataclass
class MinuteBar:
    """Last prices in ticks; `lots` and `trades` are the venue's own; `start` is market time, to the minute."""

    start: datetime
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    lots: int = 0
    trades: int = 0


class MinuteBars:
    """The last 240 minutes of every instrument. One thread at a time."""

    def __init__(self, feed: MarketFeed) -> None:
        self._feed = feed
        self._bars: dict[str, deque[MinuteBar]] = defaultdict(lambda: deque(maxlen=KEPT_MINUTES))

    def sample(self) -> None:
        """Takes every instrument's last price into the bar of its minute."""
        for instrument, quote in quoted(self._feed):
            self._take(instrument.id, quote.at, quote.last_ticks)

    def add(self, prints: Iterable[Print]) -> None:
        """Takes trades of the venue into the bars of their minutes, price and lots."""
        for done in prints:
            bar = self._take(done.instrument, done.at, done.price_ticks)
            bar.lots += done.lots
            bar.trades += 1

    def bars(self, instrument: str) -> list[MinuteBar]:
        """Oldest first; the last one is still growing; empty before the first sample."""
        return list(self._bars[instrument])

    def _take(self, instrument: str, at: datetime, ticks: int) -> MinuteBar:
        start, bars = at.replace(second=0, microsecond=0), self._bars[instrument]
        if not bars or bars[-1].start != start:
            bars.append(MinuteBar(start, ticks, ticks, ticks, ticks))
        bar = bars[-1]
        bar.high_ticks, bar.low_ticks = max(bar.high_ticks, ticks), min(bar.low_ticks, ticks)
        bar.close_ticks = ticks
        return bar
