"""The risk of what an account holds: historical scenarios from daily closes, in the base currency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from desk.errors import DataError
from desk.market.feed import MarketFeed
from desk.money import minor_digits
from desk.risk.marks import Marks
from desk.risk.whatif import ScenarioBook

SCENARIOS = 500
LEVEL = 0.95


def daily_returns(feed: MarketFeed, instruments: list[str], days: int = SCENARIOS) -> NDArray[np.float64]:
    """Simple daily returns (T, n) on the last `days` dates on which every instrument has a close.

    Raises DataError when fewer than 60 common dates exist.
    """
    closes: list[dict[object, float]] = []
    for id in instruments:
        last = feed.quote(id).at.date()
        bars = feed.bars(id, last - timedelta(days=days * 7 // 5 + 60))
        closes.append({bar.day: float(bar.close) for bar in bars})
    common = sorted(set.intersection(*(set(series) for series in closes)), key=str) if closes else []
    if len(common) < 61:
        raise DataError(f"{', '.join(instruments)} share only {len(common)} daily closes; at least 61 are needed")
    matrix = np.array([[series[day] for series in closes] for day in common[-days - 1 :]])
    returns: NDArray[np.float64] = matrix[1:] / matrix[:-1] - 1.0
    return returns


def scenario_book(feed: MarketFeed, marks: Marks, held: Mapping[str, Decimal], also: list[str]) -> ScenarioBook:
    """The account's profits over the last scenarios, ready for what-ifs on `also`.

    Amounts are units of the base currency; one day's horizon; level 95 %.
    """
    marks.refresh()
    instruments = sorted({*held, *also})
    if not instruments:
        raise DataError("the account holds nothing, so there is no market risk to measure")
    digits = minor_digits(marks.base)
    units = np.array([float(marks.unit(id).scaleb(-digits)) for id in instruments])
    book = ScenarioBook(instruments, daily_returns(feed, instruments) * units, LEVEL)
    book.hold({id: float(quantity) for id, quantity in held.items()})
    return book
