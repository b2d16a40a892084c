"""What live sources tell, in one form: trades, klines, quotes, changes of depth.

Times are microseconds since 1970 in UTC. `event_us` is when it happened by the source's own clock (of a kline, when
its interval began), `known_us` when this desk had it; research reads by `known_us`. Prices and sizes are exact.
`flags` is a sum of `Flag`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import IntFlag
from typing import Literal, NamedTuple

Interval = Literal["1m", "1d"]
STEP_US: dict[Interval, int] = {"1m": 60_000_000, "1d": 86_400_000_000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Flag(IntFlag):
    """What is odd about an event; nothing odd is zero. An event with a flag of `BAD` moves no quote."""

    OUTLIER = 1
    OUT_OF_ORDER = 2
    FUTURE = 4
    ZERO_VOLUME = 8
    NEGATIVE = 16
    CROSSED = 32
    SPLIT = 64
    CLOCK_BACK = 128
    BROKEN = 256


BAD = int(Flag.OUTLIER | Flag.CROSSED | Flag.BROKEN | Flag.FUTURE)


class Trade(NamedTuple):
    """One trade; `seq` is the source's own number, without gaps per instrument where the source says so."""

    instrument: str
    source: str
    event_us: int
    known_us: int
    seq: int
    price: Decimal
    quantity: Decimal
    buyer_maker: bool
    flags: int = 0


class Kline(NamedTuple):
    """One bar over `[event_us, end_us)`. `closed` is false while it may still change; such a one is never kept.

    Open, high, low and volume are None where the source has closes only.
    """

    instrument: str
    source: str
    event_us: int
    known_us: int
    end_us: int
    interval: Interval
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal
    volume: Decimal | None
    closed: bool = True
    flags: int = 0

    def values(self) -> tuple[Decimal | None, ...]:
        """What a restatement may change."""
        return self.open, self.high, self.low, self.close, self.volume


class Tick(NamedTuple):
    """The best bid and offer as one source quotes them; sizes are None where it has none. `last` where it tells it."""

    instrument: str
    source: str
    event_us: int
    known_us: int
    bid: Decimal
    ask: Decimal
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    last: Decimal | None = None
    flags: int = 0


class DepthDiff(NamedTuple):
    """Changed levels, `(price, size)`; size zero takes the level away. `first` to `last` are the source's numbers."""

    instrument: str
    source: str
    event_us: int
    known_us: int
    first: int
    last: int
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]


class DepthSnapshot(NamedTuple):
    """A whole book as it stood after the change numbered `last`."""

    last: int
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]


MarketEvent = Trade | Kline | Tick | DepthDiff


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 of a moment with a time zone."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_us(us: int) -> datetime:
    """The UTC moment."""
    return _EPOCH + timedelta(microseconds=us)
