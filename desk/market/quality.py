"""What is wrong with kept bars: days or minutes that are missing, outliers, likely splits, impossible values.

Nothing is corrected here: a finding says what, where and why, for a person or for a backfill. Returns are judged by the
robust z of Iglewicz and Hoaglin (1993): 0.6745 (r - median) / median absolute deviation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Literal

from desk.instruments import Instrument
from desk.market.calendar import last_closed, session, trading_days
from desk.market.events import STEP_US, Interval, Kline, from_us, to_us

Kind = Literal["gap", "stale", "outlier", "split", "negative", "zero_volume", "broken", "restated", "disagreement"]
MOST_Z, LEAST_JUMP = 10.0, {"1d": 0.08, "1m": 0.02}
"""A return is an outlier from this robust z on, if it also moves the price by at least so much (in logarithms)."""

NEAR_SPLIT = 0.06
_RATIOS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 50.0, 1.5)
STALE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Finding:
    """One thing that is odd: `start_us` to `end_us` is where; `kind` "gap" and "stale" are closed by a backfill."""

    kind: Kind
    instrument: str
    start_us: int
    end_us: int
    detail: str
    source: str = ""

    def as_row(self) -> dict[str, str]:
        """With times in words, for a command or a log."""
        return {
            "kind": self.kind,
            "instrument": self.instrument,
            "start": from_us(self.start_us).isoformat(),
            "end": from_us(self.end_us).isoformat(),
            "source": self.source,
            "detail": self.detail,
        }


def check_bars(instrument: Instrument, interval: Interval, bars: Sequence[Kline], now: datetime) -> list[Finding]:
    """Findings over one series (one bar for each interval, oldest first), by time. Empty when all is well."""
    if not bars:
        return []
    found = [*find_gaps(instrument, interval, bars), *_values(bars), *_jumps(instrument.id, interval, bars)]
    stale = find_stale(instrument, interval, bars[-1], now)
    return sorted([*found, *([stale] if stale else [])], key=lambda f: (f.start_us, f.kind))


def find_gaps(instrument: Instrument, interval: Interval, bars: Sequence[Kline]) -> list[Finding]:
    """Stretches without a bar between the first and the last, where the calendar has a session."""
    if len(bars) < 2:
        return []
    had = {bar.event_us for bar in bars}
    wanted = _expected(instrument, interval, bars[0].event_us, bars[-1].event_us)
    gaps, missing = list[Finding](), list[int]()
    for at in [*wanted, -1]:
        if at >= 0 and at not in had:
            missing.append(at)
        elif missing:
            end = missing[-1] + STEP_US[interval]
            what = "days" if interval == "1d" else "minutes"
            gaps.append(Finding("gap", instrument.id, missing[0], end, f"{len(missing)} {what} missing"))
            missing = []
    return gaps


def find_stale(instrument: Instrument, interval: Interval, last: Kline, now: datetime) -> Finding | None:
    """That the newest bar is older than the newest session or, of minutes around the clock, than five minutes."""
    if interval == "1d":
        due = _midnight_us(last_closed(instrument.asset_class, now))
    else:
        newest = last_closed(instrument.asset_class, now)
        closed = session(instrument.asset_class, newest)
        running = session(instrument.asset_class, now.date())
        due = to_us(closed.closes) - STEP_US["1m"] if closed else 0
        if running and running.opens < now < running.closes:
            due = to_us(now - STALE_AFTER)
    if last.event_us >= due:
        return None
    begins = last.event_us + STEP_US[interval]
    return Finding("stale", instrument.id, begins, due + STEP_US[interval], "nothing newer is kept", last.source)


def _expected(instrument: Instrument, interval: Interval, first_us: int, last_us: int) -> list[int]:
    kind = instrument.asset_class
    days = trading_days(kind, from_us(first_us).date(), from_us(last_us).date())
    if interval == "1d":
        return [_midnight_us(day) for day in days]
    wanted = list[int]()
    for day in days:
        found = session(kind, day)
        if found is not None:
            low, high = max(first_us, to_us(found.opens)), min(last_us + 1, to_us(found.closes))
            wanted += range(low, high, STEP_US[interval])
    return wanted


def _values(bars: Sequence[Kline]) -> list[Finding]:
    """Values that cannot be, or hardly."""
    found = list[Finding]()
    for bar in bars:
        for kind, why in judge_bar(bar):
            found.append(Finding(kind, bar.instrument, bar.event_us, bar.end_us, why, bar.source))
    return found


def judge_bar(bar: Kline) -> list[tuple[Kind, str]]:
    """What is odd about one bar by itself."""
    found = list[tuple[Kind, str]]()
    if bar.close <= 0:
        found.append(("negative", f"closes at {bar.close:f}"))
    if bar.volume == 0:
        found.append(("zero_volume", "no volume"))
    if bar.volume is not None and bar.volume < 0:
        found.append(("broken", f"volume {bar.volume:f}"))
    if bar.high is not None and bar.low is not None:
        inside = [value for value in (bar.open, bar.close) if value is not None]
        if bar.high < bar.low or any(not bar.low <= value <= bar.high for value in inside):
            found.append(("broken", f"open or close outside low {bar.low:f} to high {bar.high:f}"))
    return found


def _jumps(instrument: str, interval: Interval, bars: Sequence[Kline]) -> list[Finding]:
    positive = [bar for bar in bars if bar.close > 0]
    returns = [math.log(float(b.close) / float(a.close)) for a, b in pairwise(positive)]
    if len(returns) < 10:
        return []
    middle = median(returns)
    spread = median(abs(r - middle) for r in returns) or 1e-9
    found = list[Finding]()
    for n, change in enumerate(returns):
        z = 0.6745 * (change - middle) / spread
        if abs(z) <= MOST_Z or abs(change) < LEAST_JUMP[interval]:
            continue
        bar, after = positive[n + 1], returns[n + 1] if n + 1 < len(returns) else 0.0
        before = returns[n - 1] if n else 0.0
        if n and abs(before + change) < abs(change) / 4:
            continue  # the way back from an outlier that is told already
        kind, why = _name_jump(change, after)
        found.append(Finding(kind, instrument, bar.event_us, bar.end_us, f"{why}, robust z {z:.0f}", bar.source))
    return found


def _name_jump(change: float, after: float) -> tuple[Kind, str]:
    percent = f"moves {100 * math.expm1(change):+.1f} %"
    if abs(change + after) < abs(change) / 4:
        return "outlier", f"{percent} and comes back: a bad price"
    ratio = likely_split(change)
    if ratio:
        return "split", f"{percent}: looks like a split {ratio}"
    return "outlier", percent


def likely_split(change: float) -> str:
    """The usual ratio that a jump (in logarithms) is near, as "4:1" or "1:10"; empty when none."""
    for ratio in _RATIOS:
        if abs(abs(change) - math.log(ratio)) < NEAR_SPLIT:
            new, old = (3, 2) if ratio == 1.5 else (int(ratio), 1)
            return f"{new}:{old}" if change < 0 else f"{old}:{new}"
    return ""


def _midnight_us(day: date) -> int:
    return to_us(datetime(day.year, day.month, day.day, tzinfo=UTC))
