"""The embedded market feed: the last bundled day, replayed again and again.

Closes are real where the instrument's label says so; the path within the day and the spread are
made up, the same in every process. The clock moves only while the feed runs, starts at 15:00 UTC
of the last bundled stock day, and begins the session anew when it ends. Each asset class stands
on the last day of its own data. Bars end the day before: the replayed day is not over.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from desk.clock import Clock
from desk.errors import DataError, DataFolderError
from desk.instruments import AssetClass, Instruments
from desk.market.feed import Bar, Quote, SessionClock
from desk.market.history import History
from desk.market.hours import HOURS
from desk.market.paths import POINTS, PathDay, draw_path

OPEN_MINUTE = 14 * 60 + 30
SESSION_SECONDS = 23_400.0
START_SECONDS = 1_800.0
SPREAD: dict[AssetClass, float] = {
    AssetClass.STOCK: 0.0002,
    AssetClass.INDEX: 0.0,
    AssetClass.BOND: 0.0020,
    AssetClass.COMMODITY: 0.0004,
    AssetClass.FOREX: 0.00008,
    AssetClass.CRYPTO: 0.0006,
}
"""Ask minus bid as a share of the price; at least one tick except for an index."""


class _Track(NamedTuple):
    day: datetime
    previous_ticks: int
    path: list[int]
    opens: float
    seconds: float
    spread: float


class ReplayFeed:
    """MarketFeed over the bundled history. Two feeds with the same clock give the same quotes.

    `clock_file` keeps where the clock stood; it is read at the start when it exists and written by
    `save`. `speed` is market seconds per wall second. Safe for several threads.
    """

    def __init__(self, clock_file: Path, wall: Clock, speed: float = 1.0, history: History | None = None) -> None:
        if not 0 < speed <= 10_000:
            raise ValueError(f"speed {speed} is not between 0 and 10000")
        self._file, self._wall, self._speed = clock_file, wall, speed
        self.history = history or History()
        self._lock = threading.Lock()
        self._tracks: dict[str, _Track] = {}
        self._days = self._class_days()
        self._opened = {kind: _midnight(day) + timedelta(minutes=OPEN_MINUTE) for kind, day in self._days.items()}
        self._stock_opened = self._opened[AssetClass.STOCK]
        self._base = START_SECONDS
        self._since = wall.now()
        self.restore()

    label = "replay of bundled history; the last session repeats, intraday path and spread simulated"

    @property
    def instruments(self) -> Instruments:
        """Every bundled instrument."""
        return self.history.instruments

    def now(self) -> datetime:
        """The market clock: an instant of the last bundled stock day, inside trading hours."""
        return self._stock_opened + timedelta(seconds=self._elapsed() % SESSION_SECONDS)

    def clocks(self) -> list[SessionClock]:
        """Where each asset class stands: the same time of day, on the last day of its data."""
        offset = timedelta(seconds=self._elapsed() % SESSION_SECONDS)
        return [SessionClock(kind, opened + offset, "replay") for kind, opened in self._opened.items()]

    @property
    def sessions(self) -> int:
        """How often the session has begun anew."""
        return int(self._elapsed() // SESSION_SECONDS)

    def quote(self, instrument: str) -> Quote:
        """The quote now, on the instrument's own last day."""
        track = self._tracks.get(instrument) or self._make_track(instrument)
        offset = self._elapsed() % SESSION_SECONDS
        second_of_day = OPEN_MINUTE * 60 + offset
        share = (second_of_day - track.opens) / track.seconds
        last = track.path[min(int(share * (POINTS - 1)), POINTS - 1)]
        spread = max(1, round(last * track.spread)) if track.spread else 0
        bid = max(1, last - spread // 2)
        at = track.day + timedelta(seconds=second_of_day)
        return Quote(instrument, bid, bid + spread, last, track.previous_ticks, at, True)

    def bars(self, instrument: str, start: date | None = None, end: date | None = None) -> list[Bar]:
        """Daily bars in `[start, end]`, oldest first; the day being replayed is not among them."""
        return self.history.bars(instrument, start, end, before=self.market_day(instrument))

    def market_day(self, instrument: str) -> date:
        """The day being replayed for the instrument; the cut-off for anybody who reads history."""
        return self.history.last_day(instrument)

    def session_end(self, at: datetime) -> datetime:
        """When the session being replayed ends and begins anew, on the day of `at`."""
        return _midnight(at.date()) + timedelta(minutes=OPEN_MINUTE, seconds=SESSION_SECONDS)

    def save(self) -> None:
        """Writes where the clock stands. DataFolderError when the file cannot be written."""
        draft = self._file.with_name(f"{self._file.name}.{os.getpid()}.tmp")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps({"version": 1, "elapsed": self._elapsed()}))
            draft.replace(self._file)
        except OSError as error:
            raise DataFolderError(f"the market clock cannot be kept in {self._file.name} ({error})") from None

    def restore(self) -> None:
        """Continues where `save` stopped; without a file the clock starts at 15:00 UTC.

        DataError when the file is damaged.
        """
        try:
            kept = json.loads(self._file.read_text())
            elapsed = float(kept["elapsed"])
            if not math.isfinite(elapsed) or elapsed < 0:
                raise ValueError(elapsed)
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"market clock file {self._file.name} is damaged ({error}); delete it") from None
        with self._lock:
            self._base, self._since = elapsed, self._wall.now()

    def close(self) -> None:
        """Saves the clock; a folder that cannot be written is no reason to fail while stopping."""
        with contextlib.suppress(DataFolderError):
            self.save()

    def _elapsed(self) -> float:
        return self._base + max(0.0, (self._wall.now() - self._since).total_seconds()) * self._speed

    def _class_days(self) -> dict[AssetClass, date]:
        days: dict[AssetClass, date] = {}
        for instrument in self.history.instruments:
            last = self.history.last_day(instrument.id)
            days[instrument.asset_class] = max(last, days.get(instrument.asset_class, last))
        return days

    def _make_track(self, instrument: str) -> _Track:
        known = self.history.instruments.get(instrument)
        series = self.history.series(instrument)
        tick, scale = float(known.tick), 10**series.places
        recent = series.close[-61:-1] / scale
        ranged = series.low is not None and series.high is not None
        day = PathDay(
            instrument=instrument,
            day=self.history.last_day(instrument),
            previous=float(recent[-1]),
            close=float(series.close[-1]) / scale,
            recent=recent,
            low=float(series.low[-1]) / scale if ranged and series.low is not None else None,
            high=float(series.high[-1]) / scale if ranged and series.high is not None else None,
        )
        opens, closes = HOURS[known.asset_class]
        track = _Track(
            day=_midnight(day.day),
            previous_ticks=round(day.previous / tick),
            path=draw_path(day, tick).tolist(),
            opens=opens * 60.0,
            seconds=(closes - opens) * 60.0,
            spread=SPREAD[known.asset_class],
        )
        return self._tracks.setdefault(instrument, track)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
