"""Strategies that solve for their weights at each rebalancing, from the covariance of the days just behind.

It is shrunk (Ledoit and Wolf 2004, scikit-learn), as the desk's own moments are (`desk/portfolio/moments.py`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from desk.backtest.market import Market
from desk.backtest.portfolio import Decide, Seen
from desk.backtest.sight import Knobs, alive, due, trailing_returns
from desk.portfolio.parity import parity_weights
from desk.portfolio.qp import Programme, solve_programme
from desk.risk.measures import Matrix, Vector

STILL = 1e-9
"""A deviation below this is a price that does not move; such an instrument is left out."""


def minimum_variance(knobs: Knobs, _: Market) -> Decide:
    """Long-only weights of least variance over the last `window` daily returns (Markowitz 1952); cash before that."""

    def solve(covariance: Matrix) -> Vector:
        n = len(covariance)
        return solve_programme(Programme(covariance, np.zeros(n), np.ones(n), 1.0, np.zeros(n), np.ones(n))).x

    return _solving(knobs, solve)


def equal_risk(knobs: Knobs, _: Market) -> Decide:
    """Weights of equal risk contributions over the last `window` daily returns (Spinu 2013); cash before that."""
    return _solving(knobs, parity_weights)


def _solving(knobs: Knobs, solve: Callable[[Matrix], Vector]) -> Decide:

    from sklearn.covariance import ledoit_wolf

    def decide(seen: Seen) -> Vector | None:
        if not due(seen, knobs["every"]):
            return None
        weights = np.zeros(seen.closes.shape[1])
        returns = trailing_returns(seen, knobs["window"])
        if returns is None:
            return weights
        inside = np.flatnonzero(alive(seen) & (returns.std(axis=0) > STILL))
        if inside.size == 1:
            weights[inside] = 1.0
        elif inside.size:
            weights[inside] = np.clip(solve(ledoit_wolf(returns[:, inside])[0]), 0.0, None)
        return weights / weights.sum() if weights.any() else weights

    return decide
