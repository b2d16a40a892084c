"""What one unit of anything is worth in the desk's base currency, from quotes only."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from desk.errors import DataError
from desk.instruments import AssetClass, Instrument
from desk.market.feed import MarketFeed
from desk.money import minor_digits
from desk.risk.rules import NANO

_PAIRS = frozenset({AssetClass.FOREX, AssetClass.CRYPTO})


class Mark(NamedTuple):
    """One instrument now: `worth` of a lot per tick in nano minor units of the base; prices in ticks; its own `day`."""

    worth: int
    last: int
    previous: int
    day: date


class Marks:
    """Values in minor units of `base`, kept for one second of the market clock; `version` counts those seconds.

    `now` is what the clock said when they were last refreshed; None before.

    Missing data raises (DataError, NotFound): nothing is ever valued at a guess.
    Not thread-safe: its owner serialises.
    """

    def __init__(self, feed: MarketFeed, base: str = "USD") -> None:
        self.feed, self.base = feed, base
        self._minor = Decimal(10) ** minor_digits(base)
        self._pairs = {
            instrument.symbol.replace("/", "").replace("-", ""): instrument
            for instrument in feed.instruments
            if instrument.asset_class in _PAIRS
        }
        self.now: datetime | None = None
        self._second: datetime | None = None
        self._rates: dict[str, Decimal] = {}
        self._units: dict[str, Decimal] = {}
        self._marks: dict[str, Mark] = {}
        self.version = 0

    def refresh(self) -> datetime:
        """Forgets values of an earlier second; returns the market clock's present."""
        now = self.now = self.feed.now()
        second = now.replace(microsecond=0)
        if second != self._second:
            self._second = second
            self._rates.clear()
            self._units.clear()
            self._marks.clear()
            self.version += 1
        return now

    def mark(self, instrument: Instrument) -> Mark:
        """The instrument in integers, as `desk.risk.rules` counts. Raises as `unit`, and for a worth of nothing."""
        known = self._marks.get(instrument.id)
        if known is None:
            quote = self.feed.quote(instrument.id)
            exact = instrument.tick * instrument.lot * self.rate(instrument.currency) * self._minor * NANO
            worth = int(exact.to_integral_value())
            if worth <= 0 or min(quote.last_ticks, quote.bid_ticks, quote.ask_ticks) <= 0:
                raise DataError(f"{instrument.id} has no positive price and lot value now; it cannot be traded")
            known = self._marks[instrument.id] = Mark(
                worth, quote.last_ticks, quote.previous_close_ticks or quote.last_ticks, quote.at.date()
            )
        return known

    def rate(self, currency: str) -> Decimal:
        """Base currency units per one unit of `currency`, at the last quote of the pair.

        Raises DataError when neither `CURBASE` nor `BASECUR` is quoted.
        """
        if currency == self.base:
            return Decimal(1)
        known = self._rates.get(currency)
        if known is None:
            known = self._rates[currency] = self._quoted(currency)
        return known

    def price(self, instrument: Instrument, ticks: int | Decimal) -> Decimal:
        """Base minor units for one unit of the instrument at a price of `ticks`."""
        return ticks * instrument.tick * self.rate(instrument.currency) * self._minor

    def unit(self, id: str) -> Decimal:
        """Base minor units for one unit of the instrument at its last price."""
        known = self._units.get(id)
        if known is None:
            instrument = self.feed.instruments.get(id)
            known = self._units[id] = self.price(instrument, self.feed.quote(id).last_ticks)
        return known

    def cash(self, minor: int, currency: str) -> int:
        """An amount in minor units of `currency`, in minor units of the base, rounded down."""
        if currency == self.base:
            return minor
        amount = Decimal(minor).scaleb(-minor_digits(currency))
        return int((amount * self.rate(currency) * self._minor).to_integral_value("ROUND_FLOOR"))

    def _quoted(self, currency: str) -> Decimal:
        straight = self._pairs.get(currency + self.base)
        if straight is not None:
            return self.feed.quote(straight.id).last_ticks * straight.tick
        inverse = self._pairs.get(self.base + currency)
        if inverse is None:
            raise DataError(
                f"no quote converts {currency} to {self.base}; add {currency}{self.base} to the market feed"
            )
        return 1 / (self.feed.quote(inverse.id).last_ticks * inverse.tick)
