"""Rules that nobody had to train: hold for ever, or hold while a fast average is above a slow one.

A forecaster maps closes (T,) to decisions (T,): the share of wealth to hold after close t, from 0 to 1.
Decision t may use closes up to t only.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from desk.forecast.features import Vector, check_closes, trailing_mean

Forecaster = Callable[[Vector], Vector]

FAST, SLOW = 20, 100
YEAR, SKIPPED = 252, 21
STRETCH, CHEAP, FAIR = 20, -1.0, 0.0


def buy_and_hold(closes: Vector) -> Vector:
    """All of it, always: the baseline."""
    return np.ones(check_closes(closes).size)


def moving_average(closes: Vector, fast: int = FAST, slow: int = SLOW) -> Vector:
    """All of it while the mean of the last `fast` closes is above that of the last `slow`, else nothing.

    Nothing before the first full slow window (Brock, Lakonishok and LeBaron 1992).
    """
    above = trailing_mean(check_closes(closes), fast) > trailing_mean(closes, slow)
    above[: slow - 1] = False
    return np.asarray(above, dtype=np.float64)


def momentum(closes: Vector, year: int = YEAR, skipped: int = SKIPPED) -> Vector:
    """All of it while the return over the year that ended a month ago is above zero, else nothing; nothing at first.

    Time-series momentum (Moskowitz, Ooi and Pedersen 2012), the last month left out (Jegadeesh 1990).
    """
    logs, held = np.log(check_closes(closes)), np.zeros(closes.size)
    if closes.size > year:
        held[year:] = logs[year - skipped : closes.size - skipped] > logs[: closes.size - year]
    return held


def mean_reversion(closes: Vector, window: int = STRETCH) -> Vector:
    """All of it from a close `CHEAP` deviations under the mean of `window` closes until one at `FAIR`, else nothing."""
    logs = np.log(check_closes(closes))
    mean = trailing_mean(logs, window)
    spread = np.sqrt(np.maximum(trailing_mean(logs**2, window) - mean**2, 1e-18))
    away, held, holds = (logs - mean) / spread, np.zeros(closes.size), False
    for row, stretch in enumerate(away.tolist()):
        holds = row >= window and (stretch < CHEAP or (holds and stretch < FAIR))
        held[row] = holds
    return held
