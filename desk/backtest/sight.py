"""What strategies look at: whether it is time, what has a price, the returns just behind."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from desk.backtest.market import filled
from desk.backtest.portfolio import Seen
from desk.risk.measures import Vector

Knobs = Mapping[str, int]
HOLES = 10
"""Rows without a price after which an instrument counts as gone."""


def due(seen: Seen, every: int) -> bool:
    """Whether to rebalance after this close: each `every` rows from the first; 0 means at the first of each month."""
    row = len(seen.days) - 1
    if every:
        return row % every == 0
    return row == 0 or seen.days[row].month != seen.days[row - 1].month


def alive(seen: Seen) -> NDArray[np.bool_]:
    """(n,): what had a positive price on one of the last HOLES rows."""
    return np.asarray((seen.closes[-HOLES:] > 0).any(axis=0))


def trailing_returns(seen: Seen, window: int) -> Vector | None:
    """(window, n) daily log returns, holes as no move; None before there are as many."""
    if len(seen.days) <= window:
        return None
    table = filled(seen.closes[-window - 1 :])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num(np.diff(np.log(np.where(table > 0, table, np.nan)), axis=0))


def shared(raw: Vector) -> Vector:
    """Weights (n,) in proportion to `raw`, which is not negative; all zero when that is."""
    total = float(raw.sum())
    return raw / total if total > 0 else raw
