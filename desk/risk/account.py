"""The risk of what an account holds: historical scenarios from daily closes, in the base currency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.errors import DataError
from desk.market.feed import MarketFeed
from desk.money import minor_digits
from desk.risk.marks import Marks
from desk.risk.whatif import ScenarioBook

SCENARIOS = 500
LEVEL = 0.95
LEAST_CLOSES = 61


class Window(NamedTuple):
    """The days that scenarios were drawn from: the first and last close, and how many returns lie between."""

    first: date
    last: date
    scenarios: int

    def __str__(self) -> str:
        return f"{self.scenarios} days to {self.last.isoformat()}"


def daily_returns(
    feed: MarketFeed, instruments: list[str], days: int = SCENARIOS
) -> tuple[Window, NDArray[np.float64]]:
    """Simple daily returns (T, n) on the last `days` dates on which every instrument has a close, and those dates.

    The dates end where the shortest history ends, so they may lie years before the market clock.
    Raises DataError when fewer than 60 common dates exist.
    """
    start = min((feed.quote(id).at.date() for id in instruments), default=date.min)
    closes: list[dict[date, float]] = []
    for id in instruments:
        bars = feed.bars(id, start - timedelta(days=days * 7 // 5 + 60))
        closes.append({bar.day: float(bar.close) for bar in bars})
    common = sorted(set.intersection(*(set(series) for series in closes)))[-days - 1 :] if closes else []
    if len(common) < LEAST_CLOSES:
        raise DataError(
            f"{', '.join(instruments)} share only {len(common)} daily closes; at least {LEAST_CLOSES} are needed"
        )
    matrix = np.array([[series[day] for series in closes] for day in common])
    returns: NDArray[np.float64] = matrix[1:] / matrix[:-1] - 1.0
    return Window(common[0], common[-1], len(returns)), returns


class Scenarios(NamedTuple):
    """An account's profits over the scenarios of a window, ready for what-ifs."""

    book: ScenarioBook
    window: Window


def account_scenarios(feed: MarketFeed, marks: Marks, held: Mapping[str, Decimal], also: list[str]) -> Scenarios:
    """The account's profits over the last scenarios, ready for what-ifs on `also`.

    Amounts are units of the base currency; one day's horizon; level 95 %.
    """
    marks.refresh()
    instruments = sorted({*held, *also})
    if not instruments:
        raise DataError("the account holds nothing, so there is no market risk to measure")
    digits = minor_digits(marks.base)
    units = np.array([float(marks.unit(id).scaleb(-digits)) for id in instruments])
    window, returns = daily_returns(feed, instruments)
    book = ScenarioBook(instruments, returns * units, LEVEL)
    book.hold({id: float(quantity) for id, quantity in held.items()})
    return Scenarios(book, window)
