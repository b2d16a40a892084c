"""The publisher's side of a line: what changed since the last step, as the body of a diff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from api.feed.states import Body, BookState, Side
from api.stream import quote_view
from desk.clock import to_iso
from desk.instruments import Instrument
from desk.market.books import BookSource, Level, Print
from desk.market.feed import MarketFeed, Quote
from desk.market.minutes import MinuteBar, MinuteBars

LEVELS = 20


class Line(Protocol):
    """One line at its source."""

    def whole(self) -> Body:
        """Everything as it stood at the last `change` (or now, before the first)."""
        ...

    def change(self) -> Body | None:
        """The diff since the last call; None when nothing changed."""
        ...


def _units(instrument: Instrument) -> Body:
    return {"tick": str(instrument.tick), "lot": str(instrument.lot), "currency": instrument.currency}


class BookLine:
    """The best 20 levels of each side; the venue is asked for them only when its version rose."""

    def __init__(self, books: BookSource, instrument: Instrument) -> None:
        self._books, self._instrument = books, instrument
        self._state, self._version = BookState(), 0
        self.change()

    def whole(self) -> Body:
        """See `Line.whole`."""
        return self._state.whole()

    def change(self) -> Body | None:
        """See `Line.change`."""
        if self._books.version(self._instrument.id) == self._version:
            return None
        depth = self._books.depth(self._instrument.id, LEVELS)
        fresh, self._version = self._version == 0, depth.version
        bids, asks = _differ(self._state.bids, depth.bids), _differ(self._state.asks, depth.asks)
        if not fresh and not bids and not asks:
            return None
        body: Body = {"time": to_iso(depth.at), "bids": bids, "asks": asks}
        first = {**_units(self._instrument), "simulated": depth.simulated} if fresh else {}
        self._state.apply({**first, **body}, fresh=fresh)
        return body


def _differ(known: Side, levels: Sequence[Level]) -> list[list[int]]:
    """Levels that are new or changed, and with 0 lots those that are gone."""
    now = dict(levels)
    changed = [[price, lots] for price, lots in levels if known.get(price) != lots]
    return changed + [[price, 0] for price in known if price not in now]


class TapeLine:
    """Trades of the instrument as they print."""

    def __init__(self, instrument: Instrument, before: Iterable[Print]) -> None:
        self._instrument = instrument
        self._before, self._new = [_print(done) for done in before], list[Body]()

    def add(self, done: Print) -> None:
        """A trade that printed."""
        self._new.append(_print(done))

    def whole(self) -> Body:
        """See `Line.whole`."""
        return {**_units(self._instrument), "trades": self._before[-50:]}

    def change(self) -> Body | None:
        """See `Line.change`."""
        new, self._new = self._new, []
        self._before = (self._before + new)[-50:]
        return {"trades": new} if new else None


def _print(done: Print) -> Body:
    return {
        "seq": done.seq,
        "price": done.price_ticks,
        "lots": done.lots,
        "taker": done.taker_side.value,
        "time": to_iso(done.at),
        "simulated": done.simulated,
    }


class BarsLine:
    """One-minute bars; a diff holds those that changed, usually the growing one."""

    def __init__(self, minutes: MinuteBars, instrument: Instrument) -> None:
        self._minutes, self._instrument = minutes, instrument
        self._told: dict[str, Body] = {}
        self.change()

    def whole(self) -> Body:
        """See `Line.whole`."""
        return {**_units(self._instrument), "bars": list(self._told.values())}

    def change(self) -> Body | None:
        """See `Line.change`."""
        now = {to_iso(bar.start): bar for bar in self._minutes.bars(self._instrument.id)}
        views = {start: _bar(start, bar) for start, bar in list(now.items())[-2:]}
        if len(now) > len(self._told) + 1:
            views = {start: _bar(start, bar) for start, bar in now.items()}
        changed = [view for start, view in views.items() if self._told.get(start) != view]
        self._told = {start: views.get(start) or self._told[start] for start in now}
        return {"bars": changed} if changed else None


def _bar(start: str, bar: MinuteBar) -> Body:
    return {
        "start": start,
        "open": bar.open_ticks,
        "high": bar.high_ticks,
        "low": bar.low_ticks,
        "close": bar.close_ticks,
        "lots": bar.lots,
        "trades": bar.trades,
    }


class QuoteLine:
    """The quote, whole each time its bid or ask moved."""

    def __init__(self, feed: MarketFeed, instrument: Instrument) -> None:
        self._feed, self._instrument = feed, instrument
        self._quote: Quote = feed.quote(instrument.id)

    def whole(self) -> Body:
        """See `Line.whole`."""
        return {"quote": quote_view(self._instrument, self._quote).model_dump()}

    def change(self) -> Body | None:
        """See `Line.change`."""
        quote = self._feed.quote(self._instrument.id)
        if (quote.bid_ticks, quote.ask_ticks) == (self._quote.bid_ticks, self._quote.ask_ticks):
            return None
        self._quote = quote
        return self.whole()
