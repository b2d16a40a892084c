"""Yahoo's charts: daily and minute history with splits, and the last price. Its prices are of 32-bit precision.

Closes are adjusted for splits by Yahoo, not for dividends. A day is the exchange's own, whatever its time zone. Yahoo
tells no bid and offer here: a quote is the last price on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from desk.clock import Clock
from desk.errors import DataError, NotFound
from desk.instruments import AssetClass, Instrument
from desk.market.calendar import session
from desk.market.events import STEP_US, Flag, Interval, Kline, Tick, from_us, to_us
from desk.market.source import read_decimal
from desk.wire import SourceWire

NAME = "Yahoo"
AGENT = {"User-Agent": "Mozilla/5.0 (compatible; tenor)"}
"""Yahoo answers 429 to who names no browser."""

_FLOAT32 = Context(prec=7)
_INDEX = {"SPX": "^GSPC", "IXIC": "^IXIC"}
_COMMODITY = {"WTI": "CL=F", "XAU": "GC=F"}
_MINUTES_BACK = timedelta(days=7)
"""Yahoo keeps minutes for so long."""


@dataclass(frozen=True)
class _Chart:
    """One answer: `meta`, and columns side by side; `splits` by the second at which they take effect."""

    meta: Mapping[str, object]
    times: Sequence[object]
    columns: Mapping[str, Sequence[object]]
    splits: Mapping[int, str]


def symbol_of(instrument: Instrument) -> str:
    """Yahoo's symbol; "" for what it has none for. Commodities are the front future, and labelled by the source."""
    name = instrument.symbol
    match instrument.asset_class:
        case AssetClass.STOCK:
            return name.replace(".", "-")
        case AssetClass.INDEX:
            return _INDEX.get(name, "")
        case AssetClass.FOREX:
            return f"{name}=X"
        case AssetClass.COMMODITY:
            return _COMMODITY.get(name, "")
        case AssetClass.CRYPTO:
            return f"{name.removesuffix('USD')}-USD" if instrument.currency == "USD" else ""
    return ""


class YahooCharts:
    """MarketSource."""

    name = NAME

    def __init__(self, wire: SourceWire, wall: Clock) -> None:
        self._wire, self._wall = wire, wall

    def serves(self, instrument: Instrument, interval: Interval | None = None) -> bool:
        """See `MarketSource`: all that has a symbol there."""
        return bool(symbol_of(instrument))

    def klines(self, instrument: Instrument, interval: Interval, start: datetime, end: datetime) -> list[Kline]:
        """See `MarketSource`. Days without a price (null) are left out; a bar that a split begins is flagged."""
        if interval == "1m":
            start = max(start, self._wall.now() - _MINUTES_BACK)
        if start >= end:
            return []
        chart = self._chart(instrument, interval, start, end)
        found = [self._kline(instrument, interval, chart, n) for n in range(len(chart.times))]
        begins, ends = to_us(start), to_us(end)
        return [kline for kline in found if kline is not None and kline.closed and begins <= kline.event_us < ends]

    def tick(self, instrument: Instrument) -> Tick:
        """See `MarketSource`."""
        now = self._wall.now()
        meta = self._chart(instrument, "1d", now - timedelta(days=5), now).meta
        price = _price(meta.get("regularMarketPrice"))
        at = meta.get("regularMarketTime")
        if price is None or not isinstance(at, int):
            raise DataError(f"{NAME} has no last price of {instrument.id}")
        return Tick(instrument.id, NAME, at * 1_000_000, to_us(now), price, price, last=price)

    def close(self) -> None:
        """See `MarketSource`."""
        self._wire.close()

    def _chart(self, instrument: Instrument, interval: Interval, start: datetime, end: datetime) -> _Chart:
        symbol = symbol_of(instrument)
        params: dict[str, str | int] = {"period1": int(start.timestamp()), "period2": int(end.timestamp()) + 1}
        path = f"/v8/finance/chart/{symbol}"
        status, told = self._wire.json(path, {**params, "interval": interval, "events": "div,splits"})
        chart = told.get("chart") if isinstance(told, dict) else None
        if not isinstance(chart, dict):
            raise DataError(f"{NAME} answered {path} in another form (HTTP {status})")
        if chart.get("error"):
            why = str(chart["error"].get("description", ""))[:120] if isinstance(chart["error"], dict) else ""
            if status == 404:
                raise NotFound(f"{NAME} has no {symbol} (any more): {why}")
            raise DataError(f"{NAME} refused {symbol} (HTTP {status}): {why}")
        return _read_chart(chart, symbol, instrument.currency)

    def _kline(self, instrument: Instrument, interval: Interval, chart: _Chart, n: int) -> Kline | None:
        close = _price(chart.columns["close"][n])
        at = chart.times[n]
        if close is None or not isinstance(at, int):
            return None
        o, h, low = (_price(chart.columns[field][n]) for field in ("open", "high", "low"))
        volume = chart.columns["volume"][n]
        amount = Decimal(volume) if isinstance(volume, int) and self._has_volume(instrument) else None
        now = to_us(self._wall.now())
        begins, ends = at * 1_000_000, at * 1_000_000 + STEP_US[interval]
        if interval == "1d":
            begins, ends = self._day(instrument, chart, at)
        flags = int(Flag.SPLIT) if any(begins <= split * 1_000_000 < ends for split in chart.splits) else 0
        return Kline(instrument.id, NAME, begins, now, ends, interval, o, h, low, close, amount, ends <= now, flags)

    def _has_volume(self, instrument: Instrument) -> bool:
        return instrument.asset_class is not AssetClass.FOREX  # Yahoo fills in zeros

    def _day(self, instrument: Instrument, chart: _Chart, at: int) -> tuple[int, int]:
        """Midnight (UTC) of the exchange's day, and when its session ends."""
        try:
            zone = ZoneInfo(str(chart.meta.get("exchangeTimezoneName") or "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            raise DataError(f"{NAME} names a time zone that is none: {chart.meta['exchangeTimezoneName']}") from None
        day = from_us(at * 1_000_000).astimezone(zone).date()
        midnight = to_us(datetime(day.year, day.month, day.day, tzinfo=UTC))
        found = session(instrument.asset_class, day)
        return midnight, to_us(found.closes) if found else midnight + STEP_US["1d"]


def _read_chart(chart: Mapping[str, object], symbol: str, currency: str) -> _Chart:
    try:
        found = chart["result"]
        if not isinstance(found, list):
            raise TypeError
        result = found[0]
        meta, times = result["meta"], result.get("timestamp") or []
        columns = result["indicators"]["quote"][0] if times else {}
        splits = (result.get("events") or {}).get("splits") or {}
        ratios = {int(s["date"]): str(s.get("splitRatio", "")) for s in splits.values()}
        whole = all(len(columns[field]) == len(times) for field in ("open", "high", "low", "close", "volume") if times)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{NAME} answered {symbol} in another form ({type(error).__name__})") from None
    if not whole:
        raise DataError(f"{NAME} answered {symbol} with columns of different lengths")
    if meta.get("currency") != currency:
        raise DataError(f"{NAME} quotes {symbol} in {str(meta.get('currency'))[:8]!r}, not in {currency}")
    return _Chart(meta, times, columns, ratios)


def _price(value: object) -> Decimal | None:
    """A price of seven digits, what a 32-bit number holds; None for null."""
    return None if value is None else _FLOAT32.plus(read_decimal(value, NAME, "a price"))
