"""What a plan assumes about the future, stated once, in real terms and before anybody's costs.

Half of each figure is measured on the bundled history (S&P 500 and 20-year Aaa bonds, monthly, 1990 to
2018), half is a cautious view in the range of published long-run capital-market assumptions (the yearly
outlooks of large asset managers and the long-run records of Dimson, Marsh and Staunton). The bundled
series are prices only, so dividends and coupons are added as below; inflation is the average of the US
consumer price index over the same decades, rounded up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from desk.errors import DataError
from desk.market.feed import MarketFeed
from desk.risk.measures import Vector

STOCKS, BONDS = "INDEX:SPX", "OTC:AAA20Y"
DIVIDENDS, COUPON, INFLATION, COST = 0.018, 5.0, 0.026, 0.005
"""Yearly dividend yield, coupon per hundred of face value, inflation, and all-in cost of the products."""

CAUTIOUS_STOCKS, CAUTIOUS_BONDS = (0.035, 0.18), (0.008, 0.08)
"""The cautious view: real yearly return and volatility."""

CASH_RETURN = 0.0
MIXES = {0: (0.0, 0.3), 1: (0.2, 0.6), 2: (0.5, 0.45), 3: (0.75, 0.25), 4: (0.9, 0.1)}
"""Stocks and bonds per suitability band; the rest is cash."""


class Mix(NamedTuple):
    """A mix's expected real yearly return before costs, its volatility, and how uncertain the return itself is."""

    stocks: float
    bonds: float
    mean: float
    deviation: float
    doubt: float


@dataclass(frozen=True)
class Outlook:
    """Real yearly mean and deviation of stocks and bonds, their correlation, and the years behind it."""

    stocks: tuple[float, float]
    bonds: tuple[float, float]
    correlation: float
    years: float

    def mix(self, band: int) -> Mix:
        """The assumptions for a suitability band. `doubt` is the standard error of the mean over the years."""
        stocks, bonds = MIXES[band]
        cash = 1 - stocks - bonds
        mean = stocks * self.stocks[0] + bonds * self.bonds[0] + cash * CASH_RETURN
        s, b = stocks * self.stocks[1], bonds * self.bonds[1]
        deviation = float(np.sqrt(s * s + b * b + 2 * self.correlation * s * b))
        return Mix(stocks, bonds, mean, deviation, deviation / float(np.sqrt(self.years)))


def read_outlook(feed: MarketFeed) -> Outlook:
    """Blends history and the cautious view. DataError when the two series share less than ten years."""
    stocks, bonds = _monthly(feed, STOCKS), _monthly(feed, BONDS)
    months = sorted(stocks.keys() & bonds.keys())
    if len(months) < 121:
        raise DataError(f"{STOCKS} and {BONDS} share {len(months)} months; a plan needs ten years of both")
    s, b = (np.array([series[month] for month in months]) for series in (stocks, bonds))
    up_s, up_b = s[1:] / s[:-1] - 1, b[1:] / b[:-1] - 1 + COUPON / 12 / b[:-1]
    correlation = float(np.corrcoef(up_s, up_b)[0, 1])
    return Outlook(
        _blend(up_s, DIVIDENDS, CAUTIOUS_STOCKS),
        _blend(up_b, 0.0, CAUTIOUS_BONDS),
        max(0.0, correlation),
        len(up_s) / 12,
    )


def _blend(monthly: Vector, income: float, cautious: tuple[float, float]) -> tuple[float, float]:
    """Geometric past return, so that one number means the same in both halves; the higher volatility of the two."""
    past = float(np.prod(1 + monthly) ** (12 / monthly.size)) - 1 + income - INFLATION
    return (past + cautious[0]) / 2, max(float(monthly.std(ddof=1)) * np.sqrt(12), cautious[1])


def _monthly(feed: MarketFeed, instrument: str) -> dict[tuple[int, int], float]:
    """The last close of each month."""
    return {(bar.day.year, bar.day.month): float(bar.close) for bar in feed.bars(instrument)}
