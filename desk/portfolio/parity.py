"""Risk parity: every instrument brings the same share of the portfolio's variance.

The weights minimise y'Cy / 2 - sum of ln y over positive y, scaled to a sum of one (Spinu 2013): a smooth convex
problem, solved by damped Newton steps.
"""

from __future__ import annotations

import numpy as np

from desk.errors import DataError, InputError
from desk.portfolio.limits import Limits
from desk.portfolio.markowitz import Weighed
from desk.portfolio.moments import Matrix, Moments, Vector

MOST_STEPS = 100
CLOSE = 1e-10


def risk_parity(moments: Moments, limits: Limits) -> Weighed:
    """Weights of equal risk contributions; the residual is the largest relative difference of a contribution.

    Every instrument gets a weight, so only exclusions can be kept: InputError for any other limit.
    """
    if limits != Limits(excluded=limits.excluded):
        raise InputError("equal risk contributions leave no room for caps, sectors, turnover or a number of holdings")
    allowed = np.array([id not in limits.excluded for id in moments.instruments])
    if not allowed.any():
        raise InputError("everything is excluded; leave at least one instrument")
    weights = np.zeros(allowed.size)
    weights[allowed] = parity_weights(moments.covariance[np.ix_(allowed, allowed)])
    shares = contributions(weights, moments.covariance)[allowed]
    return Weighed(weights, float(np.abs(shares * shares.size - 1).max()))


def contributions(weights: Vector, covariance: Matrix) -> Vector:
    """Each instrument's share (n,) of the variance; they sum to one. DataError when there is no risk at all."""
    risk = covariance @ weights
    variance = float(weights @ risk)
    if variance <= 0:
        raise DataError("the portfolio has no risk to share out")
    shares: Vector = weights * risk / variance
    return shares


def parity_weights(covariance: Matrix) -> Vector:
    """Weights (n,) of equal risk contributions for a covariance (n, n). DataError for what never moves."""
    deviation = np.sqrt(np.diag(covariance))
    if not (deviation > 0).all():
        raise DataError("an instrument that never moves has no risk to contribute; leave it out")
    correlation = covariance / np.outer(deviation, deviation)
    y = np.ones(deviation.size) / np.sqrt(correlation.sum())
    for _ in range(MOST_STEPS):
        slope = correlation @ y - 1 / y
        step = np.linalg.solve(correlation + np.diag(1 / y**2), slope)
        decrement = float(np.sqrt(max(0.0, slope @ step)))
        size = 1.0 if decrement < 0.25 else 1 / (1 + decrement)  # keeps y positive (self-concordance)
        y = y - size * step
        if decrement < CLOSE:
            found: Vector = y / deviation
            shares: Vector = found / found.sum()
            return shares
    raise DataError(f"no weights of equal risk were found in {MOST_STEPS} steps")
