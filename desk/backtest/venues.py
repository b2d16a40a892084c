"""Where a portfolio's backtest trades without a gate: at the close, with spread, impact and commission, or for free."""

from __future__ import annotations

import numpy as np

from desk.backtest.book import Filled
from desk.backtest.costs import costs_of
from desk.backtest.market import Market, filled
from desk.market.volume import TURNOVER
from desk.risk.measures import Matrix, Vector
from desk.trading.impact import BPS, market_impact

SIGMA_DAYS = 63
USUAL_SIGMA = 0.02
"""The daily volatility assumed before there are enough days to measure it."""


class FreeVenue:
    """Fills everything at the close for nothing: for reference lines, never for a claim."""

    def trade_all(self, row: int, prices: Vector, units: Vector) -> Filled:
        """See `MarketVenue.trade_all`."""
        return Filled(units, units * np.nan_to_num(prices), np.zeros_like(units))


class CostlyVenue:
    """Fills everything at the close plus half the spread and the published model's impact, with the commission.

    Volume is what the market says of that day; where nobody knows it, the assumed turnover of the kind of instrument.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._costs = [costs_of(one.asset_class) for one in market.instruments]
        self._sigma = trailing_sigma(market.closes)

    def trade_all(self, row: int, prices: Vector, units: Vector) -> Filled:
        """See `MarketVenue.trade_all`."""
        paid, fees = np.zeros_like(units), np.zeros_like(units)
        for n in np.flatnonzero(units).tolist():
            price, count, costs = float(prices[n]), float(units[n]), self._costs[n]
            side = 1 if count > 0 else -1
            worse = costs.half_spread_bps + self.impact(row, n, price, count)
            at = price + side * abs(price) * worse / BPS
            paid[n], fees[n] = count * at, costs.commission(abs(count * at))
        return Filled(units, paid, fees)

    def impact(self, row: int, column: int, price: float, units: float) -> float:
        """Basis points by which the trade itself moves the price against it."""
        return impact_bps(self._market, self._sigma, row, column, price, units)


def impact_bps(market: Market, sigma: Matrix, row: int, column: int, price: float, units: float) -> float:
    """Permanent and temporary impact of trading `units` over the day, in basis points of the price."""
    volume = float(market.volumes[row, column])
    if not volume > 0:
        rate = float(market.rates[row, column])
        volume = TURNOVER[market.instruments[column].asset_class] / max(abs(price) * rate, 1e-9)
    return sum(market_impact(float(sigma[row, column]), abs(units) / volume, 1.0))


def trailing_sigma(closes: Matrix) -> Matrix:
    """(T, n): the deviation of the last 63 daily log returns known before that day; assumed 2 % before there are."""
    table = np.where(closes > 0, closes, np.nan)
    logs = np.diff(np.log(filled(table)), axis=0)
    found = np.full_like(closes, USUAL_SIGMA)
    if len(logs) < SIGMA_DAYS:
        return found
    windows = np.lib.stride_tricks.sliding_window_view(np.nan_to_num(logs), SIGMA_DAYS, axis=0)
    found[SIGMA_DAYS + 1 :] = windows.std(axis=-1, ddof=1)[:-1]
    return np.maximum(found, 1e-6)
