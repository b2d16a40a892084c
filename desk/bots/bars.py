"""Finished bars of any whole number of minutes, from the running session's one-minute bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from desk.market.minutes import MinuteBar


class Finished(NamedTuple):
    """Closes in ticks, oldest first, and when the newest finished bar began."""

    closes: list[int]
    newest: datetime


def finished(bars: Sequence[MinuteBar], minutes: int) -> Finished | None:
    """The finished bars; None when there is none yet. The newest minute still grows, and so does its bar."""
    closes: list[int] = []
    starts: list[datetime] = []
    for bar in bars:
        start = bar.start.replace(minute=bar.start.minute - bar.start.minute % minutes)
        if starts and starts[-1] == start:
            closes[-1] = bar.close_ticks
        else:
            starts.append(start)
            closes.append(bar.close_ticks)
    if len(closes) < 2:
        return None
    return Finished(closes[:-1], starts[-2])


def gap(before: datetime | None, now: datetime, minutes: int) -> int:
    """How many bars are missing between two; 0 across a new session."""
    if before is None or now.date() != before.date() or now <= before:
        return 0
    return max(0, int((now - before).total_seconds() // (60 * minutes)) - 1)
