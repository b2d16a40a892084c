"""A market feed whose prices stand where the test puts them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from desk.errors import DataError
from desk.instruments import AssetClass, Instrument, Instruments
from desk.market.feed import Bar, Quote, SessionClock

START = datetime(2024, 3, 1, 15, 0, tzinfo=UTC)
AAPL, SAP, BTC, EUR, INDEX = "XNAS:AAPL", "XETR:SAP", "BINA:BTCUSD", "FX:EURUSD", "INDX:SPX"

OPENING = {
    AAPL: (18_000, 18_002),
    SAP: (17_000, 17_004),
    BTC: (6_000_000, 6_000_500),
    EUR: (10_800, 10_802),
    INDEX: (510_000, 510_000),
}
DAYS = 120
"""How many days of history there are."""


def instruments() -> Instruments:
    cent = Decimal("0.01")
    return Instruments(
        [
            Instrument(AAPL, "Apple Inc.", AssetClass.STOCK, "USD", cent),
            Instrument(SAP, "SAP SE", AssetClass.STOCK, "EUR", cent),
            Instrument(BTC, "Bitcoin", AssetClass.CRYPTO, "USD", cent, lot=Decimal("0.0001")),
            Instrument(EUR, "Euro", AssetClass.FOREX, "USD", Decimal("0.0001")),
            Instrument(INDEX, "S&P 500", AssetClass.INDEX, "USD", cent, tradable=False),
        ]
    )


class FakeFeed:
    def __init__(self) -> None:
        self.instruments = instruments()
        self.at = START
        self.prices = dict(OPENING)
        self.previous: dict[str, int] = {}
        self.saved = START

    def now(self) -> datetime:
        return self.at

    def move(self, instrument: str, bid: int, ask: int, step: timedelta = timedelta(seconds=1)) -> None:
        self.prices[instrument] = (bid, ask)
        self.at += step

    def clocks(self) -> list[SessionClock]:
        return [SessionClock(kind, self.at, "replay") for kind in AssetClass]

    def quote(self, instrument: str) -> Quote:
        self.instruments.get(instrument)
        if instrument not in self.prices:
            raise DataError(f"{instrument} has no price at {self.at}")
        bid, ask = self.prices[instrument]
        return Quote(instrument, bid, ask, (bid + ask) // 2, self.previous.get(instrument, bid), self.at, True)

    def bars(self, instrument: str, start: date | None = None, end: date | None = None) -> list[Bar]:
        """A close a day before the clock's, each within one per cent of the same price."""
        known = self.instruments.get(instrument)
        bid, _ = OPENING[instrument]
        days = [self.at.date() - timedelta(days=back) for back in range(DAYS, 0, -1)]
        kept = [day for day in days if (start is None or day >= start) and (end is None or day <= end)]
        return [Bar(day, None, None, None, _close(known, bid, day)) for day in kept]

    def save(self) -> None:
        self.saved = self.at


def _close(instrument: Instrument, ticks: int, day: date) -> Decimal:
    wave = (day.toordinal() * len(instrument.id) * 7919) % 201 - 100
    return ticks * instrument.tick * (1 + Decimal(wave) / 10_000)
