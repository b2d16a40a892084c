"""Forecasts of the next tradable return that only smooth past returns: the last one, or an exponential mean."""

from __future__ import annotations

import numpy as np

from desk.forecast.features import WARM_UP, Vector, check_closes

ALPHA = 0.02
"""Weight of the newest return in the exponential mean; half of it is gone after 34 days."""


def naive_direction(closes: Vector) -> Vector:
    """1 after a day that rose, else 0: tomorrow is said to be as today was."""
    return _held(np.concatenate(([0.0], np.diff(np.log(check_closes(closes))))))


def smoothed_direction(closes: Vector, alpha: float = ALPHA) -> Vector:
    """1 while the exponential mean of returns is above zero (simple exponential smoothing, Brown 1959)."""
    return _held(smooth(np.concatenate(([0.0], np.diff(np.log(check_closes(closes))))), alpha))


def smooth(values: Vector, alpha: float) -> Vector:
    """(T,): s = alpha x + (1 - alpha) s, from s = the first value; row t has seen values up to t only."""
    said, state = np.empty(values.size), float(values[0])
    for row, value in enumerate(values.tolist()):
        state += alpha * (value - state)
        said[row] = state
    return said


def _held(predicted: Vector) -> Vector:
    above = predicted > 0
    above[:WARM_UP] = False
    return np.asarray(above, dtype=np.float64)
