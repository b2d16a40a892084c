"""How much a Sharpe ratio means after so many trials.

Probabilistic Sharpe ratio and its error: Bailey and Lopez de Prado 2012 (with Mertens 2002). Deflated: the same
against what the best of N trials without any edge would show, Bailey and Lopez de Prado 2014, eq. 1 and 2. All ratios
in and out are yearly; returns are daily, (T,).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from desk.errors import DataError
from desk.risk.measures import Vector

EULER = 0.5772156649015329
NORMAL_95 = 1.959963984540054


class Deflated(NamedTuple):
    """`sharpe` with its 95 % interval, the `hurdle` that luck alone would reach over `trials`, and the probability
    that the true ratio is above the hurdle. With one trial the hurdle is 0.
    """

    sharpe: float
    low: float
    high: float
    hurdle: float
    probability: float
    trials: int


def deflate(returns: Vector, trials: Sequence[float], periods: int) -> Deflated:
    """`trials` are the yearly Sharpe ratios of everything that was tried, this one included; at least one.

    DataError for fewer than 30 returns or returns that do not vary.
    """
    if returns.size < 30 or not trials:
        raise DataError(f"{returns.size} returns and {len(trials)} trials are too few to judge a Sharpe ratio")
    deviation = float(returns.std(ddof=1))
    if not deviation > 1e-15:
        raise DataError("the returns do not vary; a Sharpe ratio is not defined")
    yearly = math.sqrt(periods)
    daily = float(returns.mean()) / deviation
    error = sharpe_error(returns, daily)
    spread = float(np.std(np.asarray(trials) / yearly, ddof=1)) if len(trials) > 1 else 0.0
    hurdle = expected_best(spread, len(trials))
    return Deflated(
        sharpe=daily * yearly,
        low=(daily - NORMAL_95 * error) * yearly,
        high=(daily + NORMAL_95 * error) * yearly,
        hurdle=hurdle * yearly,
        probability=NormalDist().cdf((daily - hurdle) / error),
        trials=len(trials),
    )


def sharpe_error(returns: Vector, daily: float) -> float:
    """The standard error of a daily Sharpe ratio of skewed, fat-tailed returns."""
    scaled = (returns - returns.mean()) / returns.std()
    skew, kurtosis = float((scaled**3).mean()), float((scaled**4).mean())
    return math.sqrt(max(1e-12, 1 - skew * daily + (kurtosis - 1) / 4 * daily**2) / (returns.size - 1))


def expected_best(deviation: float, trials: int) -> float:
    """The expected largest of `trials` Sharpe ratios that scatter around zero with this deviation; 0 for one."""
    if trials < 2:
        return 0.0
    normal = NormalDist()
    return deviation * (
        (1 - EULER) * normal.inv_cdf(1 - 1 / trials) + EULER * normal.inv_cdf(1 - 1 / (trials * math.e))
    )
