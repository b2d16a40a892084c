"""One-day value at risk forecast anew each day, by four methods; the forecast for a day uses only days before it.

All take simple daily returns (T,), oldest first, and give losses (T,), positive, NaN until `WARM_UP` days are known.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from desk.errors import DataError
from desk.risk.measures import EWMA_DECAY, Vector, tail_size

WINDOW = 500
WARM_UP = 500
SEED_DAYS = 60
"""Days whose variance starts the moving one."""

STUDENT_FREEDOM = 5.0
"""Degrees of freedom of the fat-tailed method; daily stock returns are commonly fitted by 4 to 6."""

Method = Callable[[Vector, float], Vector]


def historical(returns: Vector, level: float) -> Vector:
    """The smallest loss of the tail of the last `WINDOW` days (historical simulation)."""
    return _after_window(_tail_losses(returns, level))


def normal(returns: Vector, level: float) -> Vector:
    """Normal quantile times the exponentially weighted deviation (J.P. Morgan RiskMetrics 1996, §5.3)."""
    return _blank(NormalDist().inv_cdf(level) * moving_deviation(returns))


def student(returns: Vector, level: float) -> Vector:
    """As `normal`, with the quantile of a Student t of `STUDENT_FREEDOM`, scaled to unit variance."""
    from scipy.special import stdtrit

    unit = float(stdtrit(STUDENT_FREEDOM, level)) * np.sqrt((STUDENT_FREEDOM - 2) / STUDENT_FREEDOM)
    return _blank(unit * moving_deviation(returns))


def filtered(returns: Vector, level: float) -> Vector:
    """Historical simulation of returns in units of their day's deviation, times today's (Hull and White 1998)."""
    deviation = moving_deviation(returns)
    return _after_window(_tail_losses(returns / deviation, level)) * deviation


METHODS: dict[str, tuple[str, Method]] = {
    "historical": ("historical simulation", historical),
    "normal": ("normal with moving volatility", normal),
    "student": ("Student t with moving volatility", student),
    "filtered": ("filtered historical simulation", filtered),
}


def moving_deviation(returns: Vector, decay: float = EWMA_DECAY) -> Vector:
    """(T,): the deviation expected for each day from the days before it; never zero."""
    if returns.ndim != 1 or returns.size <= SEED_DAYS or not np.isfinite(returns).all():
        raise DataError(
            f"{returns.size} daily returns are too few or not all numbers; more than {SEED_DAYS} are needed"
        )
    variance = np.empty(returns.size)
    variance[0] = float(np.var(returns[:SEED_DAYS]))
    for day, value in enumerate(returns[:-1].tolist()):
        variance[day + 1] = decay * variance[day] + (1 - decay) * value * value
    deviation: Vector = np.sqrt(np.maximum(variance, 1e-16))
    return deviation


def _tail_losses(values: Vector, level: float) -> Vector:
    """For each whole window the smallest loss of its tail, by the last day of the window."""
    if values.size <= WINDOW:
        raise DataError(f"{values.size} daily returns leave nothing to forecast after {WINDOW}; give a longer history")
    place = tail_size(WINDOW, level) - 1
    tails: Vector = -np.partition(sliding_window_view(values, WINDOW)[:-1], place, axis=1)[:, place]
    return tails


def _after_window(tails: Vector) -> Vector:
    return np.concatenate((np.full(WINDOW, np.nan), tails))


def _blank(losses: Vector) -> Vector:
    losses = losses.copy()
    losses[:WARM_UP] = np.nan
    return losses
