"""The state of a market each day, from closes up to it: how wild, which way, how easily traded.

Each is a yes or no against the instrument's own past, so that a state means the same in every market.
"""

from __future__ import annotations

import bisect

import numpy as np
from numpy.typing import NDArray

from desk.forecast.features import Vector, check_closes, trailing_mean

MONTH, QUARTER, LONG = 21, 63, 200
SETTLED = 252
"""Rows before this one are in no state (`NONE`): their past is too short to compare with."""
NONE = -1
NAMES = ("wild", "rising", "thin")
COUNT = 2 ** len(NAMES)


def market_states(closes: Vector) -> NDArray[np.int64]:
    """(T,): 4 wild + 2 rising + thin, or `NONE`.

    Wild: the month's deviation is above the middle of its past. Rising: the close is above the mean of `LONG` days.
    Thin: the spread that the quarter's returns imply (`implied_spread`), in deviations, is above
    the middle of its past.
    """
    if check_closes(closes).size <= SETTLED:
        return np.full(closes.size, NONE, dtype=np.int64)
    logs = np.concatenate(([0.0], np.diff(np.log(closes))))
    month, quarter = _deviation(logs, MONTH), _deviation(logs, QUARTER)
    wild = month > middle_so_far(month)
    rising = closes > trailing_mean(closes, LONG)
    spread = implied_spread(logs) / np.maximum(quarter, 1e-12)
    thin = spread > middle_so_far(spread)
    states = 4 * wild.astype(np.int64) + 2 * rising.astype(np.int64) + thin.astype(np.int64)
    states[:SETTLED] = NONE
    return states


def name_state(state: int) -> str:
    """`wild, falling, thin`."""
    if state == NONE:
        return "unsettled"
    pairs = (("wild", "calm"), ("rising", "falling"), ("thin", "liquid"))
    return ", ".join(yes if state >> (2 - n) & 1 else no for n, (yes, no) in enumerate(pairs))


def implied_spread(logs: Vector, window: int = QUARTER) -> Vector:
    """(T,): the effective spread as a share of the price that bounces between bid and ask imply (Roll 1984).

    2 sqrt(-cov) of successive returns over the window; zero where they do not bounce.
    """
    before = np.concatenate(([0.0], logs[:-1]))
    covariance = trailing_mean(logs * before, window) - trailing_mean(logs, window) * trailing_mean(before, window)
    return 2 * np.sqrt(np.maximum(-covariance, 0.0))


def middle_so_far(values: Vector) -> Vector:
    """(T,): the median of the values up to and including each row."""
    seen, found = list[float](), np.empty(values.size)
    for row, value in enumerate(values.tolist()):
        bisect.insort(seen, value)
        half = len(seen) // 2
        found[row] = seen[half] if len(seen) % 2 else (seen[half - 1] + seen[half]) / 2
    return found


def _deviation(logs: Vector, window: int) -> Vector:
    mean = trailing_mean(logs, window)
    return np.sqrt(np.maximum(trailing_mean(logs**2, window) - mean**2, 0.0))
