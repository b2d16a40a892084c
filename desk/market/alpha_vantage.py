"""Alpha Vantage: stocks, forex and commodities by key, within what its plan allows.

It answers HTTP 200 to everything and says in words when the key is wrong (`Error Message`) or the limit is used up
(`Note`, `Information`). Days are those of the exchange named in the answer; commodities have closes only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from desk.clock import Clock
from desk.errors import DataError, Limited, NotAdmitted, NotFound
from desk.instruments import AssetClass, Instrument
from desk.market.calendar import session
from desk.market.events import STEP_US, Interval, Kline, Tick, to_us
from desk.market.source import read_decimal
from desk.wire import SourceWire

NAME = "Alpha Vantage"
_COMMODITY = {"WTI": "WTI"}
_SERVED = frozenset({AssetClass.STOCK, AssetClass.FOREX})
_COMPACT = 100
"""Days in a compact answer."""

_FIELDS = ("1. open", "2. high", "3. low", "4. close")
Told = Mapping[str, object]


class AlphaVantage:
    """MarketSource. The key stands in the query; the wire never shows a query."""

    name = NAME

    def __init__(self, wire: SourceWire, wall: Clock, key: str) -> None:
        self._wire, self._wall, self._key = wire, wall, key

    def serves(self, instrument: Instrument, interval: Interval | None = None) -> bool:
        """See `MarketSource`: quotes of stocks and forex, days of these and of crude oil."""
        if instrument.asset_class in _SERVED:
            return interval != "1m"
        return interval == "1d" and instrument.symbol in _COMMODITY

    def klines(self, instrument: Instrument, interval: Interval, start: datetime, end: datetime) -> list[Kline]:
        """See `MarketSource`. The long answer is asked for only when the short one does not reach back to `start`."""
        if interval != "1d" or not self.serves(instrument, interval):
            return []
        commodity = _COMMODITY.get(instrument.symbol) if instrument.asset_class is AssetClass.COMMODITY else None
        if commodity:
            rows = self._commodity(commodity, instrument)
        else:
            size = "compact" if (self._wall.now() - start).days < _COMPACT else "full"
            rows = self._series(instrument, size)
        begins, ends = to_us(start), to_us(end)
        found = [kline for day in sorted(rows) if (kline := self._kline(instrument, day, rows[day])) is not None]
        return [kline for kline in found if kline.closed and begins <= kline.event_us < ends]

    def tick(self, instrument: Instrument) -> Tick:
        """See `MarketSource`. A stock's is its last price, dated by the end of its last trading day or by now."""
        now = to_us(self._wall.now())
        if instrument.asset_class is AssetClass.FOREX:
            told = self._ask(function="CURRENCY_EXCHANGE_RATE", from_currency=instrument.symbol[:3],
                             to_currency=instrument.symbol[3:])  # fmt: skip
            rate = _part(told, "Realtime Currency Exchange Rate", instrument.id)
            at = _moment(str(rate.get("6. Last Refreshed", "")), str(rate.get("7. Time Zone", "")))
            bid, ask, last = (read_decimal(rate.get(f), NAME, f) for f in
                              ("8. Bid Price", "9. Ask Price", "5. Exchange Rate"))  # fmt: skip
            return Tick(instrument.id, NAME, min(to_us(at), now), now, bid, ask, last=last)
        quote = _part(self._ask(function="GLOBAL_QUOTE", symbol=instrument.symbol), "Global Quote", instrument.id)
        if not quote:
            raise NotFound(f"{NAME} has no {instrument.symbol} (any more)")
        price = read_decimal(quote.get("05. price"), NAME, "a price")
        found = session(instrument.asset_class, _day(str(quote.get("07. latest trading day", ""))))
        at_us = min(to_us(found.closes), now) if found else now
        return Tick(instrument.id, NAME, at_us, now, price, price, last=price)

    def close(self) -> None:
        """See `MarketSource`."""
        self._wire.close()

    def _series(self, instrument: Instrument, size: str) -> dict[date, Told]:
        if instrument.asset_class is AssetClass.FOREX:
            told = self._ask(function="FX_DAILY", from_symbol=instrument.symbol[:3], to_symbol=instrument.symbol[3:],
                             outputsize=size)  # fmt: skip
            rows = _part(told, "Time Series FX (Daily)", instrument.id)
        else:
            told = self._ask(function="TIME_SERIES_DAILY", symbol=instrument.symbol, outputsize=size)
            rows = _part(told, "Time Series (Daily)", instrument.id)
        return {_day(day): row for day, row in rows.items() if isinstance(row, dict)}

    def _commodity(self, function: str, instrument: Instrument) -> dict[date, Told]:
        rows = self._ask(function=function, interval="daily").get("data")
        if not isinstance(rows, list):
            raise DataError(f"{NAME} answered {instrument.id} without data")
        values = {
            str(row["date"]): row["value"] for row in rows if isinstance(row, dict) and {"date", "value"} <= set(row)
        }
        return {_day(day): {"4. close": value} for day, value in values.items() if value != "."}  # a holiday

    def _kline(self, instrument: Instrument, day: date, row: Told) -> Kline | None:
        found = session(instrument.asset_class, day)
        midnight, now = to_us(datetime(day.year, day.month, day.day, tzinfo=UTC)), to_us(self._wall.now())
        ends = to_us(found.closes) if found else midnight + STEP_US["1d"]
        values: list[Decimal | None] = [
            read_decimal(row[field], NAME, field) if field in row else None for field in _FIELDS
        ]
        o, h, low, close = values
        if close is None:
            raise DataError(f"{NAME} sent a day of {instrument.id} without a close")
        volume = read_decimal(row["5. volume"], NAME, "a volume") if "5. volume" in row else None
        return Kline(instrument.id, NAME, midnight, now, ends, "1d", o, h, low, close, volume, ends <= now)

    def _ask(self, **params: str) -> Told:
        status, told = self._wire.json("/query", {**params, "apikey": self._key})
        if not isinstance(told, dict):
            raise DataError(f"{NAME} answered {params['function']} with no object (HTTP {status})")
        self._check(told, params.get("symbol") or params["function"])
        return told

    def _check(self, told: Told, what: str) -> None:
        """Raises for what is said in words. The words may quote the key: they are not shown."""
        wrong, said = str(told.get("Error Message", "")), f"{told.get('Note', '')}{told.get('Information', '')}".lower()
        if "apikey" in wrong.lower().replace(" ", "") or ("api key" in said and "invalid" in said):
            raise NotAdmitted(f"{NAME} does not take the key of TENOR_ALPHA_VANTAGE_KEY; correct it or unset it")
        if wrong:
            raise NotFound(f"{NAME} does not know {what} (any more), or not in this form")
        if "premium endpoint" in said:
            raise DataError(f"{NAME} has {what} in its premium plans only")
        if said:
            raise self._limit(said)

    def _limit(self, said: str) -> Limited:
        if "per day" in said and self._wire.allowance and "per minute" not in said:
            self._wire.allowance.spend()
        return self._wire.pause(60.0, "has had all requests that its plan allows for now")


def _part(told: Told, name: str, id: str) -> Told:
    found = told.get(name)
    if not isinstance(found, dict):
        raise DataError(f"{NAME} answered {id} without {name!r}")
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise DataError(f"{NAME} dates a row {text[:20]!r}") from None


def _moment(text: str, zone: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, ZoneInfoNotFoundError):
        raise DataError(f"{NAME} dates a quote {text[:20]!r} in {zone[:20]!r}") from None
