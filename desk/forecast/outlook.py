"""What is said of the days to come: direction, return and volatility, each with how far past errors reached.

The next tradable return: the mean is a forecaster's (zero for none), the deviation exponentially weighted. Volatility
of the next month: a regression of its logarithm on those of the last day, week and month (HAR, Corsi 2009), fitted anew
each year on what was known.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from desk.forecast.features import DELAY, WARM_UP, Vector, build_targets, check_closes, trailing_mean
from desk.forecast.intervals import Intervals, chance_up, conformal
from desk.forecast.smoothing import smooth

MONTH, REFIT, LEAST = 21, 252, 252
ALPHA = 0.06
"""Weight of the newest square in the deviation (RiskMetrics 1996)."""
SMALL = 1e-5


class Outlook(NamedTuple):
    """Per row (T,): the outcome, the forecast of it, and its interval. Log returns; volatility per day, not year."""

    outcome: Vector
    forecast: Vector
    intervals: Intervals


def return_outlook(closes: Vector, mean: Vector) -> tuple[Outlook, Vector]:
    """The return from close t + 1 to t + 2, forecast as `mean` (T,), and the chance (T,) that it is positive."""
    logs = np.diff(np.log(check_closes(closes)), prepend=np.log(closes[0]))
    scale = np.sqrt(np.maximum(smooth(logs**2, ALPHA), SMALL**2))
    outcome = build_targets(closes)
    outcome[:WARM_UP] = np.nan
    intervals = conformal(mean, scale, outcome, DELAY + 1)
    return Outlook(outcome, mean, intervals), chance_up(mean, scale, outcome, DELAY + 1)


def volatility_outlook(closes: Vector) -> Outlook:
    """The root of the mean square of the returns of the `MONTH` days after row t; no forecast (NaN) before a fit."""
    squares = np.diff(np.log(check_closes(closes)), prepend=np.log(closes[0])) ** 2
    parts = np.column_stack([np.log(trailing_mean(squares, window) + SMALL**2) / 2 for window in (1, 5, MONTH)])
    ahead = np.full(closes.size, np.nan)
    ahead[:-MONTH] = np.log(trailing_mean(squares, MONTH)[MONTH:] + SMALL**2) / 2
    design, said = np.column_stack((parts, np.ones(closes.size))), np.full(closes.size, np.nan)
    for start in range(WARM_UP + LEAST + MONTH, closes.size, REFIT):
        known = slice(WARM_UP, start - MONTH + 1)
        weights = np.linalg.lstsq(design[known], ahead[known], rcond=None)[0]
        rows = slice(start, min(start + REFIT, closes.size))
        said[rows] = (design[rows] * weights).sum(axis=1)  # a matrix product's last bit depends on how many rows
    found = conformal(said, np.ones(closes.size), ahead, MONTH, gamma=0.02)
    return Outlook(np.exp(ahead), np.exp(said), Intervals(np.exp(found.low), np.exp(found.high)))
