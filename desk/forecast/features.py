"""Point-in-time features of one price series: row t uses closes up to and including day t, never later."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from desk.errors import DataError

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

LAGS = (0, 1, 2, 4)
WINDOWS = (5, 21, 63)
WARM_UP = 64
"""Rows before this one are not complete and hold zeros."""

DELAY = 1
"""Days between a decision and its execution: decided after close t, traded at close t + 1."""


def check_closes(closes: Vector) -> Vector:
    """The closes (T,), oldest first. DataError when there are too few or one is not a positive number."""
    if closes.ndim != 1 or closes.size < WARM_UP + 2:
        raise DataError(f"{closes.size} closes are too few for features; at least {WARM_UP + 2} are needed")
    if not np.isfinite(closes).all() or closes.min() <= 0:
        raise DataError("a close is not a positive number; mend the history first")
    return closes


def build_features(closes: Vector) -> Matrix:
    """(T, k): single daily log returns, and mean return and deviation over windows, all ending at t."""
    logs = np.concatenate(([0.0], np.diff(np.log(check_closes(closes)))))
    columns = [_lagged(logs, lag) for lag in LAGS]
    for window in WINDOWS:
        mean = trailing_mean(logs, window)
        square = trailing_mean(logs**2, window)
        columns += [mean, np.sqrt(np.maximum(square - mean**2, 0.0))]
    features = np.column_stack(columns)
    features[:WARM_UP] = 0.0
    return features


def build_targets(closes: Vector, delay: int = DELAY) -> Vector:
    """(T,): the first daily log return that a decision of day t can earn, from close t + delay to the next.

    The last `delay + 1` rows are NaN: their outcome is not known yet.
    """
    logs = np.diff(np.log(check_closes(closes)))
    targets = np.full(closes.size, np.nan)
    targets[: closes.size - delay - 1] = logs[delay:]
    return targets


def trailing_mean(values: Vector, window: int) -> Vector:
    """Mean of the last `window` values at each row; rows before the first full window hold the mean so far.

    Each row is summed from its own window only, so a value never touches a row outside it.
    """
    from numpy.lib.stride_tricks import sliding_window_view

    head = np.array([values[: row + 1].mean() for row in range(min(window - 1, values.size))])
    return np.concatenate((head, sliding_window_view(values, window).mean(axis=1)))


def _lagged(values: Vector, lag: int) -> Vector:
    return values if lag == 0 else np.concatenate((np.zeros(lag), values[:-lag]))
