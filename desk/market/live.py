"""A market feed over live sources: kept bars, the newest quotes, and the replay for what no source serves.

Each asset class is live when a source serves one of its instruments, else replayed; `clocks` says which. A quote that
is too old is no quote: DataError says since when, and who was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from desk.clock import Clock
from desk.errors import DataError
from desk.instruments import Instrument, Instruments
from desk.market.archive import Archive
from desk.market.board import Board
from desk.market.calendar import is_open
from desk.market.events import Tick, from_us, to_us
from desk.market.feed import Bar, MarketFeed, Quote, SessionClock

LONGEST_CLOSED = timedelta(days=5)
"""How old a quote may be while its market is closed: a weekend with holidays."""


class LiveFeed:
    """MarketFeed. `served`: instrument id to the names of its sources, best first. Safe for several threads."""

    def __init__(
        self,
        rest: MarketFeed,
        archive: Archive,
        board: Board,
        wall: Clock,
        served: Mapping[str, tuple[str, ...]],
        why: Callable[[str], str] = lambda _: "",
    ) -> None:
        self._rest, self._archive, self._board, self._wall = rest, archive, board, wall
        self._served, self._why = dict(served), why
        self._live = {rest.instruments.get(id).asset_class for id in served}
        self._bars: dict[str, tuple[int, list[Bar]]] = {}
        self._instruments = Instruments(self._labelled(i) for i in rest.instruments)

    @property
    def instruments(self) -> Instruments:
        """Those of the replay, labelled by what serves them now."""
        return self._instruments

    def now(self) -> datetime:
        """The wall's time: the market is live."""
        return self._wall.now()

    def clocks(self) -> list[SessionClock]:
        """Live classes stand on the wall's time, the others where the replay has them."""
        now = self.now()
        return [SessionClock(c.asset_class, now, "live") if c.asset_class in self._live else c for c in
                self._rest.clocks()]  # fmt: skip

    def quote(self, instrument: str) -> Quote:
        """The newest quote of the first source whose quote is fresh; see the module for when there is none."""
        if instrument not in self._served:
            return self._rest.quote(instrument)
        known, now = self._instruments.get(instrument), self.now()
        tick = self._board.choose(instrument, now, fresh=self._fresh(known, now))
        if tick is None:
            raise DataError(self._no_price(instrument))
        if tick.bid <= 0:
            raise DataError(f"{instrument} is quoted at {tick.bid:f}; nothing is traded or valued at or below zero")
        return self._as_quote(known, tick)

    def bars(self, instrument: str, start: date | None = None, end: date | None = None) -> list[Bar]:
        """Kept daily bars whose session is over, of the best source that has each day."""
        if instrument not in self._served:
            return self._rest.bars(instrument, start, end)
        bars = self._all_bars(instrument)
        return [b for b in bars if (start is None or b.day >= start) and (end is None or b.day <= end)]

    def save(self) -> None:
        """Keeps where the replay stands."""
        self._rest.save()

    def _all_bars(self, instrument: str) -> list[Bar]:
        now, held = to_us(self.now()), self._bars.get(instrument)
        if held is None or held[0] != self._archive.version:
            version = self._archive.version
            kept = self._archive.klines(instrument, "1d", 0, now, as_of_us=now, sources=self._served[instrument])
            bars = [
                Bar(from_us(k.event_us).date(), _trim(k.open), _trim(k.high), _trim(k.low), _plain(k.close))
                for k in kept
                if k.end_us <= now
            ]
            held = self._bars[instrument] = (version, bars)
        return held[1]

    def _as_quote(self, known: Instrument, tick: Tick) -> Quote:
        last = tick.last if tick.last is not None else (tick.bid + tick.ask) / 2
        day = from_us(tick.event_us).date()
        before = [bar for bar in self._all_bars(known.id)[-10:] if bar.day < day]
        if not before:
            raise DataError(f"{known.id} has no close before {day}; run `tenor market backfill {known.id}`")
        bid, ask = _ticks(tick.bid, known, ROUND_FLOOR), _ticks(tick.ask, known, ROUND_CEILING)
        middle, close = _ticks(last, known), _ticks(before[-1].close, known)
        return Quote(known.id, bid, ask, min(max(middle, bid), ask), close, from_us(tick.event_us), False)

    def _fresh(self, known: Instrument, now: datetime) -> timedelta | None:
        return None if is_open(known.asset_class, now) else LONGEST_CLOSED

    def _no_price(self, instrument: str) -> str:
        newest, asked = self._board.newest(instrument), " and ".join(self._served[instrument])
        since = f"since {from_us(newest.event_us):%Y-%m-%d %H:%M:%S} UTC" if newest else "yet"
        why = self._why(instrument)
        return f"{instrument} has no price {since}; {asked} serves it" + (f" and {why}" if why else "")

    def _labelled(self, instrument: Instrument) -> Instrument:
        names = self._served.get(instrument.id)
        if names is None:
            return instrument
        usd = ", USDT taken as USD" if names[0] == "Binance" else ""
        return replace(instrument, simulated=False, label=f"live from {' or '.join(names)}{usd}")


def _ticks(price: Decimal, instrument: Instrument, rounding: str = ROUND_HALF_EVEN) -> int:
    return int((price / instrument.tick).to_integral_value(rounding))


def _trim(value: Decimal | None) -> Decimal | None:
    return None if value is None else _plain(value)


def _plain(value: Decimal) -> Decimal:
    """Without the zeros that storage adds: 65000.10 and not 65000.100000000000, nor 6.5E+4."""
    trimmed = value.normalize()
    exponent = trimmed.as_tuple().exponent
    return trimmed.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else trimmed
