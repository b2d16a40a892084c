"""What a schedule should cost against the price at its start, by published models.

- The half spread and the commission of every lot: the fixed part of Almgren and Chriss (2000), eq. 7.
- Impact: Almgren, Thum, Hauptmann and Li, "Direct estimation of equity market impact" (Risk, July
  2005): permanent I = gamma sigma (X/V) (Theta/V)^(1/4), of which half is paid on average, and
  temporary eta sigma (X / (V T))^(3/5), T in volume time. Fitted to 29,509 large US orders:
  gamma = 0.314 +- 0.041, eta = 0.142 +- 0.0062.
- The band: 95 % of outcomes, from the price moving while one trades (sigma^2 times the sum of the
  squared share that is left, Almgren and Chriss eq. 5) and from the errors of the two coefficients.

For what is no US stock the coefficients are borrowed; every figure says `published model`. All
results are basis points of the value at the arrival price; positive costs the trader.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from desk.trading.slicing import Impact, Plan

GAMMA, GAMMA_ERROR = 0.314, 0.041
ETA, ETA_ERROR = 0.142, 0.0062
TEMPORARY_POWER = 0.6
INVERSE_TURNOVER = 200.0
"""Theta/V where the shares outstanding are not known: half a per cent of them trade a day."""

NORMAL_95 = 1.96
BPS = 10_000.0
LEAST_RETURNS = 20
LABEL = "published model (Almgren-Chriss 2000, Almgren et al. 2005)"


class Liquidity(NamedTuple):
    """One instrument as the models see it: daily volatility and spread as shares of the price, lots a day.

    `session_s` is the length of its trading day in seconds.
    """

    sigma: float
    spread: float
    daily_lots: int
    session_s: float


class Expected(NamedTuple):
    """Basis points; `total` is the sum of the four before, `risk` one standard deviation of an outcome."""

    spread: float
    commission: float
    permanent: float
    temporary: float
    total: float
    risk: float
    low: float
    high: float


def expected_cost(
    plan: Plan, start: datetime, market: Liquidity, commission_bps: float, volume_time: float
) -> Expected:
    """The cost of a plan that begins at `start` and whose span is `volume_time` of a day's volume.

    An empty plan costs nothing.
    """
    if not plan:
        return Expected(0, 0, 0, 0, 0, 0, 0, 0)
    lots = plan[-1].total
    share = lots / market.daily_lots
    permanent, temporary = market_impact(market.sigma, share, volume_time)
    spread = market.spread / 2 * BPS
    total = spread + commission_bps + permanent + temporary
    risk = timing_risk(plan, start, market)
    unsure = math.hypot(risk, permanent * GAMMA_ERROR / GAMMA, temporary * ETA_ERROR / ETA)
    width = NORMAL_95 * unsure
    return Expected(spread, commission_bps, permanent, temporary, total, risk, total - width, total + width)


def market_impact(sigma: float, share: float, volume_time: float) -> tuple[float, float]:
    """Permanent (the half that is paid) and temporary impact of trading `share` of a day's volume in `volume_time`."""
    permanent = GAMMA * sigma * share * INVERSE_TURNOVER**0.25 / 2 * BPS
    return permanent, ETA * sigma * (share / max(volume_time, 1e-9)) ** TEMPORARY_POWER * BPS


def timing_risk(plan: Plan, start: datetime, market: Liquidity) -> float:
    """One standard deviation of the cost, in basis points, from the price moving while lots are left."""
    lots, before, squares, done = plan[-1].total, start, 0.0, 0
    for each in plan:
        days = max(0.0, (each.at - before).total_seconds()) / market.session_s
        squares += (1 - done / lots) ** 2 * days
        before, done = each.at, each.total
    return market.sigma * math.sqrt(squares) * BPS


def daily_volatility(closes: Sequence[float]) -> float:
    """The standard deviation of daily log returns, oldest close first; 0.02 with fewer than 20 of them."""
    returns = [math.log(b / a) for a, b in pairwise(closes) if a > 0 and b > 0]
    if len(returns) < LEAST_RETURNS:
        return 0.02
    mean = sum(returns) / len(returns)
    return math.sqrt(sum((r - mean) ** 2 for r in returns) / (len(returns) - 1))


def linear_impact(price: float, market: Liquidity, lot: float, days: float) -> Impact:
    """The linear coefficients that the trajectory needs, per unit of the instrument and USD.

    As Almgren and Chriss calibrate their example: trading 1 % of a day's volume in a day moves the
    price by the spread for the moment, 10 % of it for good. `price` is a unit's in USD.
    """
    spread, volume = max(market.spread, 1e-6) * price, market.daily_lots * lot
    return Impact(market.sigma * price, spread / (0.01 * volume), spread / (0.1 * volume), days)
