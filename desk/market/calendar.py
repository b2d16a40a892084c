"""On which days and hours a live market trades, in UTC, with daylight saving.

Stocks and indices keep the hours and holidays of the New York Stock Exchange (rules as they stand since 2000, and the
days on which it was closed out of turn); bonds and commodities its days; forex Monday to Friday without Christmas and
New Year; crypto every day. Half sessions are taken as whole ones: a day is only too long by them, never missing.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from desk.instruments import AssetClass

NEW_YORK = ZoneInfo("America/New_York")
_HOURS: dict[AssetClass, tuple[time, time]] = {
    AssetClass.STOCK: (time(9, 30), time(16)),
    AssetClass.INDEX: (time(9, 30), time(16)),
    AssetClass.BOND: (time(8), time(17)),
    AssetClass.COMMODITY: (time(8), time(17)),
}
_OUT_OF_TURN = frozenset(
    [date(2001, 9, day) for day in (11, 12, 13, 14)]
    + [date(2004, 6, 11), date(2007, 1, 2), date(2012, 10, 29), date(2012, 10, 30), date(2018, 12, 5)]
    + [date(2025, 1, 9)]
)
DAY = timedelta(days=1)


class Session(NamedTuple):
    """When trading of a day opens and closes, in UTC."""

    opens: datetime
    closes: datetime


def session(kind: AssetClass, day: date) -> Session | None:
    """The session that carries the day's name; None when there is none."""
    if not _trades(kind, day):
        return None
    if kind not in _HOURS:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return Session(midnight, midnight + DAY)
    opens, closes = (datetime.combine(day, at, NEW_YORK).astimezone(UTC) for at in _HOURS[kind])
    return Session(opens, closes)


def trading_days(kind: AssetClass, start: date, end: date) -> list[date]:
    """Days with a session in `[start, end]`."""
    return [day for n in range((end - start).days + 1) if _trades(kind, day := start + n * DAY)]


def last_closed(kind: AssetClass, now: datetime) -> date:
    """The newest day whose session is over."""
    day = now.astimezone(UTC).date()
    while (found := session(kind, day)) is None or found.closes > now:
        day -= DAY
    return day


def is_open(kind: AssetClass, now: datetime) -> bool:
    """Whether a session runs."""
    found = session(kind, now.astimezone(NEW_YORK if kind in _HOURS else UTC).date())
    return found is not None and found.opens <= now < found.closes


def _trades(kind: AssetClass, day: date) -> bool:
    if kind is AssetClass.CRYPTO:
        return True
    if day.weekday() >= 5:
        return False
    if kind is AssetClass.FOREX:
        return (day.month, day.day) not in {(12, 25), (1, 1)}
    return day not in _OUT_OF_TURN and day not in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[date]:
    """The exchange's holidays of a year, moved to Friday from Saturday and to Monday from Sunday."""
    found = {
        _nth(year, 1, 0, 3),
        _nth(year, 2, 0, 3),
        _easter(year) - 2 * DAY,
        _last_monday_of_may(year),
        _observed(date(year, 7, 4)),
        _nth(year, 9, 0, 1),
        _nth(year, 11, 3, 4),
        _observed(date(year, 12, 25)),
    }
    if date(year, 1, 1).weekday() != 5:  # on a Saturday it is not made up for: that Friday ends the year
        found.add(_observed(date(year, 1, 1)))
    if year >= 2022:
        found.add(_observed(date(year, 6, 19)))
    return frozenset(found)


def _observed(day: date) -> date:
    return day + {5: -DAY, 6: DAY}.get(day.weekday(), timedelta(0))


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, 1991, ch. 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
