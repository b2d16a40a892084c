"""Binance's stream messages in the desk's form: aggregate trades, klines, best bid and offer, changes of depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from desk.errors import DataError
from desk.market.binance import NAME
from desk.market.events import STEP_US, DepthDiff, Interval, Kline, MarketEvent, Tick, Trade

Message = Mapping[str, object]
STREAMS = ("aggTrade", "kline_1m", "bookTicker", "depth@100ms")
"""What is subscribed to for each symbol."""

_DIGITS = frozenset("0123456789")
_INTERVALS: dict[object, Interval] = {"1m": "1m", "1d": "1d"}


class BinanceReader:
    """Reads messages of the combined stream; `symbols`: instrument id to symbol."""

    def __init__(self, symbols: Mapping[str, str]) -> None:
        self._ids = {symbol: id for id, symbol in symbols.items()}
        self._readers: dict[object, Callable[[Message, str, int], MarketEvent | None]] = {
            "aggTrade": _trade,
            "kline": _kline,
            "depthUpdate": _diff,
            None: _tick,
        }

    def read(self, message: Message, known_us: int) -> MarketEvent | None:
        """The event; None for a message or symbol of no interest, DataError for one in another form."""
        inner = message.get("data", message)
        if not isinstance(inner, dict):
            raise DataError(f"{NAME} sent a message without an object")
        id, reader = self._ids.get(inner.get("s", "")), self._readers.get(inner.get("e"))
        if id is None or reader is None:
            return None
        try:
            return reader(inner, id, known_us)
        except (LookupError, TypeError, ValueError, InvalidOperation) as error:
            raise DataError(f"{NAME} sent a message in another form ({type(error).__name__})") from None


def _number(text: object) -> Decimal:
    """Exact and finite: `NaN` is a number to Decimal, and none here. What begins with a digit is no `NaN`."""
    if type(text) is not str:
        raise TypeError(text)
    found = Decimal(text)
    if text[0] not in _DIGITS and not found.is_finite():
        raise ValueError(text)
    return found


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return value


def _trade(told: Message, id: str, known_us: int) -> Trade:
    event = _whole(told["T"]) * 1000
    price, quantity = _number(told["p"]), _number(told["q"])
    return Trade(id, NAME, event, known_us, _whole(told["a"]), price, quantity, told["m"] is True)


def _kline(told: Message, id: str, known_us: int) -> Kline | None:
    k = told["k"]
    if not isinstance(k, dict):
        raise TypeError(k)
    interval = _INTERVALS.get(k["i"])
    if interval is None:
        return None
    opens = _whole(k["t"]) * 1000
    o, h, low, c, v = (_number(k[field]) for field in ("o", "h", "l", "c", "v"))
    return Kline(id, NAME, opens, known_us, opens + STEP_US[interval], interval, o, h, low, c, v, k["x"] is True)


def _tick(told: Message, id: str, known_us: int) -> Tick | None:
    """Best bid and offer; Binance does not date it, so it is dated by when it was had."""
    if "u" not in told:
        return None
    bid, ask, bid_size, ask_size = _number(told["b"]), _number(told["a"]), _number(told["B"]), _number(told["A"])
    return Tick(id, NAME, known_us, known_us, bid, ask, bid_size, ask_size)


def _diff(told: Message, id: str, known_us: int) -> DepthDiff:
    bids, asks = _levels(told["b"]), _levels(told["a"])
    event = _whole(told["E"]) * 1000
    return DepthDiff(id, NAME, event, known_us, _whole(told["U"]), _whole(told["u"]), bids, asks)


def _levels(rows: object) -> tuple[tuple[Decimal, Decimal], ...]:
    if not isinstance(rows, list):
        raise TypeError(rows)
    found = list[tuple[Decimal, Decimal]]()
    for price, size in rows:  # the busiest loop of a stream: no call for each number
        if price[0] not in _DIGITS or size[0] not in _DIGITS:
            raise ValueError(price, size)
        found.append((Decimal(price), Decimal(size)))
    return tuple(found)
