"""How much others trade: the shape of a day, and what was printed between two moments.

No intraday volume is bundled, so both are models and say so in their `label`: the day's turnover is
a round figure per asset class, its shape a U for classes with a session (Jain and Joh 1988 found it
on the NYSE) and flat for those that trade around the clock. A feed with printed volume brings its
own `MarketVolume`.
"""

from __future__ import annotations

import hashlib
import struct
import threading
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import NamedTuple, Protocol

from desk.instruments import AssetClass, Instrument
from desk.market.hours import CALLED, HOURS

BIN_S = 10
"""Simulated prints are made up for every ten seconds of the day."""

TURNOVER: dict[AssetClass, int] = {
    AssetClass.STOCK: 1_000_000_000,
    AssetClass.INDEX: 1_000_000_000,
    AssetClass.BOND: 200_000_000,
    AssetClass.COMMODITY: 2_000_000_000,
    AssetClass.FOREX: 20_000_000_000,
    AssetClass.CRYPTO: 1_000_000_000,
}
"""Assumed turnover of one instrument on one day, in whole USD: an order of magnitude, not a measurement."""

_FLOOR, _BEND = 0.6, 1.2
"""Density of the U at x in [0, 1] of the session: 0.6 + 1.2 (2x - 1)^2; its mean is 1, its ends 1.8."""


class VolumeCurve(NamedTuple):
    """Which share of a day's volume has traded by a second of the UTC day; `label` says where that is from."""

    opens: int
    closes: int
    bent: bool
    label: str

    def by(self, second: float) -> float:
        """From 0 at the open to 1 at the close, never falling."""
        x = min(1.0, max(0.0, (second - self.opens) / (self.closes - self.opens)))
        return _FLOOR * x + _BEND / 6 * ((2 * x - 1) ** 3 + 1) if self.bent else x

    def share(self, start: datetime, end: datetime) -> float:
        """The share of the day's volume between two moments of one day."""
        second = second_of_day(start)
        return self.by(second + (end - start).total_seconds()) - self.by(second)


def second_of_day(at: datetime) -> float:
    """Seconds since midnight UTC."""
    return at.hour * 3600 + at.minute * 60 + at.second + at.microsecond / 1e6


def curve_of(kind: AssetClass) -> VolumeCurve:
    """The model curve of an asset class."""
    opens, closes = HOURS[kind]
    shape = "U-shaped" if kind in CALLED else "flat"
    return VolumeCurve(opens * 60, closes * 60, kind in CALLED, f"model: {shape} curve, no intraday volume data")


class MarketVolume(Protocol):
    """Volume of one source, in whole lots. `label` says what it is."""

    @property
    def label(self) -> str:
        """What the figures are, for a screen."""
        ...

    def daily(self, instrument: Instrument) -> int:
        """Lots expected on a whole day, at least 1."""
        ...

    def printed(self, instrument: Instrument, start: datetime, end: datetime) -> int:
        """Lots that others traded from `start` to `end` of one day; 0 when `end` is not later."""
        ...


class ModelVolume:
    """`MarketVolume` made up from `TURNOVER`, the day's curve and noise; the same in every process.

    `worth(id)` is what one unit of an instrument is worth in whole USD; it is asked once a day and
    instrument. Raises what `worth` raises.
    """

    label = "simulated volume: assumed turnover, model curve, made-up prints"

    def __init__(self, worth: Callable[[str], Decimal]) -> None:
        self._worth, self._lock = worth, threading.Lock()
        self._days: dict[tuple[str, date], list[float]] = {}
        self._daily: dict[str, int] = {}

    def daily(self, instrument: Instrument) -> int:
        """See `MarketVolume.daily`."""
        known = self._daily.get(instrument.id)
        if known is None:
            lot = self._worth(instrument.id) * instrument.lot
            known = self._daily[instrument.id] = max(1, int(TURNOVER[instrument.asset_class] / lot))
        return known

    def printed(self, instrument: Instrument, start: datetime, end: datetime) -> int:
        """See `MarketVolume.printed`."""
        if end <= start:
            return 0
        with self._lock:
            day = self._day(instrument, start.date())
        second = second_of_day(start)
        return int(_at(day, second + (end - start).total_seconds()) - _at(day, second))

    def _day(self, instrument: Instrument, day: date) -> list[float]:
        """Cumulative lots at the end of every bin of the day."""
        known = self._days.get((instrument.id, day))
        if known is None:
            curve, total = curve_of(instrument.asset_class), self.daily(instrument)
            edges = [curve.by(second) for second in range(0, 86_401, BIN_S)]
            noise = _noise(instrument.id, day, len(edges) - 1)
            bins = [total * (end - start) * n for (start, end), n in zip(pairwise(edges), noise, strict=True)]
            known = self._days[instrument.id, day] = list(accumulate(bins, initial=0.0))
        return known


def _at(day: list[float], second: float) -> float:
    n, rest = divmod(min(second, 86_400.0), BIN_S)
    index = int(n)
    if index + 1 >= len(day):
        return day[-1]
    return day[index] + (day[index + 1] - day[index]) * rest / BIN_S


def _noise(id: str, day: date, count: int) -> list[float]:
    """Between a quarter and seven quarters, one on average; the same for an instrument and day in every process."""
    drawn = hashlib.shake_128(f"{id} {day.isoformat()}".encode()).digest(4 * count)
    return [0.25 + 1.5 * number / 0xFFFFFFFF for (number,) in struct.iter_unpack(">I", drawn)]
