"""The market as one run of agents speaks of it: each price is that of the first time somebody asked for it."""

from __future__ import annotations

from datetime import date, datetime

from desk.instruments import Instruments
from desk.market.feed import Bar, MarketFeed, Quote, SessionClock


class MarketMoment:
    """A feed whose quotes stand still, so that a price which ticks between two reads is no contradiction.

    Everything else is the feed's, the clock too: what is dated, is dated by when it was said. For a single run; what
    is to trade asks the feed itself. Safe for several threads.
    """

    def __init__(self, feed: MarketFeed) -> None:
        self._feed = feed
        self._quotes: dict[str, Quote] = {}

    @property
    def instruments(self) -> Instruments:
        """See `MarketFeed`."""
        return self._feed.instruments

    def now(self) -> datetime:
        """See `MarketFeed`."""
        return self._feed.now()

    def clocks(self) -> list[SessionClock]:
        """See `MarketFeed`."""
        return self._feed.clocks()

    def quote(self, instrument: str) -> Quote:
        """The quote of the first time. NotFound for an unknown instrument, DataError when it has no price."""
        known = self._quotes.get(instrument)
        return known or self._quotes.setdefault(instrument, self._feed.quote(instrument))

    def bars(self, instrument: str, start: date | None = None, end: date | None = None) -> list[Bar]:
        """See `MarketFeed`."""
        return self._feed.bars(instrument, start, end)

    def save(self) -> None:
        """See `MarketFeed`."""
        self._feed.save()
