"""Two clocks: the wall's, and the market's.

Prices, risk, transfers and "this week" follow the market clock; logins, expiry, rate limits
and audit follow the wall clock. Both return timezone-aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time in UTC; never goes backwards by itself."""

    def now(self) -> datetime:
        """The present instant, timezone-aware UTC."""
        ...


class WallClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, timezone-aware UTC."""
        return datetime.now(UTC)


@dataclass
class FrozenClock:
    """A clock that moves only when told to; for tests, replays and backtests."""

    at: datetime

    def now(self) -> datetime:
        """The instant it was set to."""
        return self.at

    def advance(self, step: timedelta) -> None:
        """Moves forward by `step`; a negative step is an error of the caller."""
        if step < timedelta(0):
            raise ValueError(f"a clock cannot go back: {step}")
        self.at += step


def to_iso(moment: datetime) -> str:
    """`2026-11-22T14:03:05.123456Z`: fixed width, UTC, sorts as text.

    Raises ValueError for a moment without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"moment {moment!r} has no time zone; give UTC")
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:-6] + "Z"


def from_iso(text: str) -> datetime:
    """Reads what `to_iso` wrote (and any ISO 8601 instant with a zone)."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError(f"time {text!r} has no time zone; end it with Z")
    return moment.astimezone(UTC)
