"""The market feed protocol: quotes now, bars before, and the time on the market's clock.

Empty means absent (a holiday has no bar); failure raises (`DataError`, `BackEndUnreachable`).
Nothing here ever returns data from after the market clock's present.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from desk.errors import DataError
from desk.instruments import AssetClass, Instrument, Instruments


@dataclass(frozen=True)
class Quote:
    """The best bid and offer and the last trade, in integer ticks of the instrument.

    `previous_close_ticks` is the last close before the session of `at`. `simulated` is true
    when any part of it (spread, intraday path) was made up around real bars.
    """

    instrument: str
    bid_ticks: int
    ask_ticks: int
    last_ticks: int
    previous_close_ticks: int
    at: datetime
    simulated: bool


class Bar(NamedTuple):
    """One day. Open, high, low are None where the source has closes only."""

    day: date
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal


class SessionClock(NamedTuple):
    """Where the market clock stands for one asset class."""

    asset_class: AssetClass
    time: datetime
    mode: str  # "replay" or "live"


class Priced(NamedTuple):
    """An instrument and its quote now."""

    instrument: Instrument
    quote: Quote


class MarketFeed(Protocol):
    """One source of prices for all instruments it lists."""

    @property
    def instruments(self) -> Instruments:
        """What this feed can quote."""
        ...

    def now(self) -> datetime:
        """The market clock (UTC): the instant prices are for."""
        ...

    def clocks(self) -> list[SessionClock]:
        """The market clock per asset class; in replay each class may stand on its own date."""
        ...

    def quote(self, instrument: str) -> Quote:
        """The quote now. NotFound for an unknown instrument, DataError when it has no price."""
        ...

    def bars(self, instrument: str, start: date | None = None, end: date | None = None) -> list[Bar]:
        """Daily bars in `[start, end]`, oldest first, none later than the market clock's day."""
        ...

    def save(self) -> None:
        """Keeps where a clock of the feed's own stands, so that a restart goes on there; else nothing."""
        ...


def quoted(feed: MarketFeed) -> Iterator[Priced]:
    """Every instrument that has a price now; one without (its source is down) is left out."""
    for instrument in feed.instruments:
        with suppress(DataError):
            yield Priced(instrument, feed.quote(instrument.id))
