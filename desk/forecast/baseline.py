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
