"""Binance's public market data over REST: klines, aggregate trades, best bid and offer, depth. No key is asked.

Symbols are quoted in USDT, which is taken as USD, as the broker books it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from desk.clock import Clock
from desk.errors import DataError, NotFound
from desk.instruments import AssetClass, Instrument, Instruments
from desk.market.events import STEP_US, DepthSnapshot, Interval, Kline, Tick, Trade, to_us
from desk.market.source import read_decimal
from desk.wire import SourceWire

NAME = "Binance"
DATA_URL, STREAM_URL = "https://data-api.binance.vision", "wss://data-stream.binance.vision"
PAGE = 1000
MOST_WEIGHT = 5_400
"""Of 6,000 a minute; from here on nothing is asked until the minute is over."""
_NO_SYMBOL, _TOO_MANY = -1121, -1003


def symbols_of(instruments: Instruments) -> dict[str, str]:
    """Instrument id to Binance symbol: every crypto instrument that is quoted in USD."""
    listed = (i for i in instruments if i.asset_class is AssetClass.CRYPTO and i.currency == "USD")
    return {i.id: f"{i.symbol.removesuffix('USD')}USDT" for i in listed}


class BinanceData:
    """MarketSource. `symbols`: instrument id to symbol."""

    name = NAME

    def __init__(self, wire: SourceWire, wall: Clock, symbols: Mapping[str, str]) -> None:
        self._wire, self._wall, self.symbols = wire, wall, dict(symbols)

    def serves(self, instrument: Instrument, interval: Interval | None = None) -> bool:
        """See `MarketSource`: quotes and bars of both lengths."""
        return instrument.id in self.symbols

    def klines(self, instrument: Instrument, interval: Interval, start: datetime, end: datetime) -> list[Kline]:
        """See `MarketSource`. A bar that is not over yet is left out."""
        found, begins, ends = list[Kline](), to_us(start) // 1000, to_us(end) // 1000
        while begins < ends:
            params: dict[str, str | int] = {"interval": interval, "startTime": begins, "endTime": ends - 1}
            rows = self._rows("/api/v3/klines", {"symbol": self._symbol(instrument), **params, "limit": PAGE})
            found += [k for k in (self._kline(instrument, interval, row) for row in rows) if k.closed]
            if len(rows) < PAGE:
                break
            begins = _whole(rows[-1], 0) + STEP_US[interval] // 1000
        return found

    def tick(self, instrument: Instrument) -> Tick:
        """See `MarketSource`. Binance does not date it: it is dated by when it was had."""
        told = self._object("/api/v3/ticker/bookTicker", {"symbol": self._symbol(instrument)})
        now = to_us(self._wall.now())
        fields = ("bidPrice", "askPrice", "bidQty", "askQty")
        bid, ask, bid_size, ask_size = (read_decimal(told.get(field), NAME, field) for field in fields)
        return Tick(instrument.id, NAME, now, now, bid, ask, bid_size, ask_size)

    def trades_from(self, instrument: str, seq: int, until: int) -> Iterator[Trade]:
        """Aggregate trades numbered `seq` to `until`, in order; fewer when Binance has no more."""
        while seq <= until:
            params: dict[str, str | int] = {"symbol": self.symbols[instrument], "fromId": seq}
            rows = self._rows("/api/v3/aggTrades", {**params, "limit": min(PAGE, until - seq + 1)})
            if not rows:
                return
            for row in rows:
                trade = self._trade(instrument, row)
                if trade.seq > until:
                    return
                yield trade
            seq = _whole(rows[-1], "a") + 1

    def depth(self, instrument: str) -> DepthSnapshot:
        """The whole book, 1,000 levels a side."""
        told = self._object("/api/v3/depth", {"symbol": self.symbols[instrument], "limit": 1000})
        return read_snapshot(told)

    def close(self) -> None:
        """See `MarketSource`."""
        self._wire.close()

    def _kline(self, instrument: Instrument, interval: Interval, row: object) -> Kline:
        opens, ends = _whole(row, 0) * 1000, (_whole(row, 6) + 1) * 1000
        now = to_us(self._wall.now())
        o, h, low, c, v = (read_decimal(_at(row, n), NAME, "a kline's value") for n in range(1, 6))
        return Kline(instrument.id, NAME, opens, now, ends, interval, o, h, low, c, v, ends <= now)

    def _trade(self, instrument: str, row: object) -> Trade:
        price, quantity = (read_decimal(_at(row, field), NAME, "a trade") for field in ("p", "q"))
        event, now = _whole(row, "T") * 1000, to_us(self._wall.now())
        return Trade(instrument, NAME, event, now, _whole(row, "a"), price, quantity, _at(row, "m") == "True")

    def _symbol(self, instrument: Instrument) -> str:
        symbol = self.symbols.get(instrument.id)
        if symbol is None:
            raise NotFound(f"{instrument.id} is not asked for at {NAME}; it has crypto quoted in USD")
        return symbol

    def _object(self, path: str, params: Mapping[str, str | int]) -> Mapping[str, object]:
        told = self._told(path, params)
        if not isinstance(told, dict):
            raise DataError(f"{NAME} answered {path} with no object")
        return told

    def _rows(self, path: str, params: Mapping[str, str | int]) -> list[object]:
        told = self._told(path, params)
        if not isinstance(told, list):
            raise DataError(f"{NAME} answered {path} with no list")
        return told

    def _told(self, path: str, params: Mapping[str, str | int]) -> object:
        status, told = self._wire.json(path, params)
        if status < 400:
            return told
        code = told.get("code") if isinstance(told, dict) else None
        words = str(told.get("msg", ""))[:120] if isinstance(told, dict) else ""
        if code == _TOO_MANY:
            raise self._wire.pause(60.0, "asks for fewer requests")
        if code == _NO_SYMBOL:
            raise NotFound(f"{NAME} does not list {params.get('symbol')} (any more)")
        raise DataError(f"{NAME} answered {path} with HTTP {status}: {words} ({code})")


def read_snapshot(told: Mapping[str, object]) -> DepthSnapshot:
    """A whole book of the REST answer; DataError in another form."""
    return DepthSnapshot(_whole(told, "lastUpdateId"), read_levels(told.get("bids")), read_levels(told.get("asks")))


def read_levels(rows: object) -> tuple[tuple[Decimal, Decimal], ...]:
    """Levels as pairs of text; DataError in another form."""
    try:
        if not isinstance(rows, list | tuple):
            raise TypeError
        return tuple((Decimal(price), Decimal(size)) for price, size in rows)
    except (TypeError, ValueError, InvalidOperation):
        raise DataError(f"{NAME} sent levels of a book in another form") from None


def _whole(row: object, key: int | str) -> int:
    try:
        return int(_at(row, key))
    except ValueError:
        raise DataError(f"{NAME} sent a row whose {key!r} is no whole number") from None


def _at(row: object, key: int | str) -> str:
    try:
        if isinstance(row, Mapping):
            return str(row[key])
        if isinstance(row, list | tuple) and isinstance(key, int):
            return str(row[key])
    except LookupError:
        pass
    raise DataError(f"{NAME} sent a row without {key!r}")
