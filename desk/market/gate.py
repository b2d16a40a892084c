"""What is odd about live events as they come: bad prices, impossible times, crossed quotes. It flags and drops nothing.

A price is an outlier when it lies farther from the median of the last prices than both a share of it and so many
median absolute deviations. After `GIVE_IN` outliers in a row the market has moved, and the new level is believed.
"""

from __future__ import annotations

from collections import deque
from statistics import median

from desk.market.events import Flag, Kline, Tick, Trade
from desk.market.quality import judge_bar

WINDOW, AGAIN, LEAST = 63, 16, 15
MOST_DEVIATIONS, LEAST_SHARE = 20.0, 0.03
GIVE_IN = 8
FUTURE_US = 5_000_000
_ODD: dict[str, Flag] = {"negative": Flag.NEGATIVE, "zero_volume": Flag.ZERO_VOLUME, "broken": Flag.BROKEN}


class _Track:
    """The last prices of one instrument at one source."""

    __slots__ = ("event_us", "fresh", "middle", "outliers", "prices", "spread")

    def __init__(self) -> None:
        self.prices: deque[float] = deque(maxlen=WINDOW)
        self.middle = self.spread = 0.0
        self.fresh = self.outliers = self.event_us = 0

    def judge(self, price: float) -> bool:
        """Whether it is an outlier; else it joins the last prices."""
        if len(self.prices) >= LEAST:
            far = abs(price - self.middle)
            if far > LEAST_SHARE * abs(self.middle) and far > MOST_DEVIATIONS * self.spread:
                self.outliers += 1
                if self.outliers < GIVE_IN:
                    return True
                self.prices.clear()
        self.outliers = 0
        self.prices.append(price)
        self.fresh += 1
        if self.fresh >= AGAIN or len(self.prices) <= LEAST:
            self.fresh = 0
            self.middle = median(self.prices)
            self.spread = median([abs(p - self.middle) for p in self.prices])
        return False


class Gate:
    """One for all events of a process, one thread at a time for each source. `known_us` never goes back through it."""

    def __init__(self) -> None:
        self._tracks: dict[tuple[str, str, str], _Track] = {}
        self._known = 0

    def trade(self, trade: Trade) -> Trade:
        """The trade with its flags, and a knowledge time that does not go back."""
        track = self._track("trade", trade.source, trade.instrument)
        flags, known = self._times(track, trade.event_us, trade.known_us)
        price, quantity = float(trade.price), trade.quantity
        if price <= 0:
            flags |= Flag.NEGATIVE
        if not quantity or quantity.is_signed():
            flags |= Flag.ZERO_VOLUME if not quantity else Flag.BROKEN
        if track.judge(price):
            flags |= Flag.OUTLIER
        return trade._replace(flags=int(flags), known_us=known) if flags or known != trade.known_us else trade

    def tick(self, tick: Tick) -> Tick:
        """The quote with its flags."""
        track = self._track("tick", tick.source, tick.instrument)
        flags, known = self._times(track, tick.event_us, tick.known_us)
        bid, ask = float(tick.bid), float(tick.ask)
        if bid > ask:
            flags |= Flag.CROSSED
        elif track.judge((bid + ask) / 2):
            flags |= Flag.OUTLIER
        if bid <= 0:
            flags |= Flag.NEGATIVE
        return tick._replace(flags=int(flags), known_us=known) if flags or known != tick.known_us else tick

    def kline(self, kline: Kline) -> Kline:
        """The bar with its flags."""
        flags = 0
        for kind, _ in judge_bar(kline):
            flags |= _ODD[kind]
        return kline._replace(flags=int(flags)) if flags else kline

    def _times(self, track: _Track, event_us: int, known_us: int) -> tuple[int, int]:
        flags, known = 0, known_us
        if known_us < self._known:
            flags, known = int(Flag.CLOCK_BACK), self._known
        self._known = known
        if event_us > known + FUTURE_US:
            flags |= Flag.FUTURE
        elif event_us < track.event_us:
            flags |= Flag.OUT_OF_ORDER
        else:
            track.event_us = event_us
        return flags, known

    def _track(self, kind: str, source: str, instrument: str) -> _Track:
        key = (kind, source, instrument)
        found = self._tracks.get(key)
        if found is None:
            found = self._tracks[key] = _Track()
        return found
