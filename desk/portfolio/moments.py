"""Expected returns and covariance of instruments, from their daily history.

The covariance is shrunk (Ledoit and Wolf 2004, PyPortfolioOpt) or a factor model; means are drawn to their average,
because single means are mostly noise (Jorion 1986).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.errors import DataError, InputError
from desk.market.feed import MarketFeed
from desk.portfolio.worker import Solver
from desk.risk.account import Window, daily_returns
from desk.risk.measures import TRADING_DAYS, portfolio_deviation

DAYS = 504
LEAST_DAYS = 252
STALE_DAYS = 31
MEAN_SHRINKAGE = 0.5
"""How far each mean return is drawn to the average of all."""

FACTORS_SHARE = 0.1
"""Factors of the factor covariance, as a share of the instruments; at least one."""

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Estimator = Literal["shrunk", "factor"]


class Moments(NamedTuple):
    """Annual mean returns (n,) and covariance (n, n) of the instruments, from `days` daily returns of the `window`.

    `returns` (days, n) are those simple returns.
    """

    instruments: tuple[str, ...]
    mean: Vector
    covariance: Matrix
    days: int
    returns: Matrix
    window: Window | None = None


def estimate_moments(
    feed: MarketFeed, instruments: Sequence[str], solver: Solver, days: int = DAYS, estimator: Estimator = "shrunk"
) -> Moments:
    """Moments of the last `days` common daily returns, all before the market clock's day.

    InputError for fewer than two instruments; DataError for fewer than 252 common days, or when
    those end more than a month before the newest quote: old days do not say how things move now.
    """
    if len(instruments) < 2:
        raise InputError(f"{len(instruments)} instrument leaves nothing to weigh; name or hold at least two")
    window, returns = daily_returns(feed, list(instruments), days)
    newest = max(feed.quote(id).at.date() for id in instruments)
    if (newest - window.last).days > STALE_DAYS:
        raise DataError(
            f"{', '.join(instruments)} share daily closes only up to {window.last}, but quotes are of {newest}; "
            "weigh instruments whose histories end together"
        )
    if len(returns) < LEAST_DAYS:
        raise DataError(
            f"{', '.join(instruments)} share only {len(returns)} daily returns; {LEAST_DAYS} are needed to weigh them"
        )
    return moments_of(tuple(instruments), returns, solver, estimator)._replace(window=window)


def moments_of(
    instruments: tuple[str, ...], returns: Matrix, solver: Solver, estimator: Estimator = "shrunk"
) -> Moments:
    """Moments of simple daily returns (T, n), annualised with 252 days."""
    n = len(instruments)
    if estimator == "factor":
        covariance = factor_covariance(returns) * TRADING_DAYS
    else:
        reply = solver.ask({"call": "shrink", "returns": returns.tolist(), "days_a_year": TRADING_DAYS})
        covariance = read_numbers(reply.get("covariance"), (n, n))
    plain = returns.mean(axis=0) * TRADING_DAYS
    mean = (1 - MEAN_SHRINKAGE) * plain + MEAN_SHRINKAGE * plain.mean()
    return Moments(instruments, mean, covariance, len(returns), returns)


def factor_covariance(returns: Matrix) -> Matrix:
    """Daily covariance (n, n) of a statistical factor model: the first principal components plus own variances.

    Positive definite also when there are fewer days than instruments (Chamberlain and Rothschild 1983).
    """
    centred = returns - returns.mean(axis=0)
    sample = centred.T @ centred / (len(returns) - 1)
    values, vectors = np.linalg.eigh(sample)
    count = max(1, round(FACTORS_SHARE * len(values)))
    common = (vectors[:, -count:] * values[-count:]) @ vectors[:, -count:].T
    own = np.maximum(np.diag(sample) - np.diag(common), 1e-12)
    model: Matrix = common + np.diag(own)
    return model


def volatility_of(weights: Mapping[str, float], moments: Moments) -> float:
    """Annual volatility of these weights under the moments; an instrument left out weighs nothing."""
    vector = np.array([weights.get(id, 0.0) for id in moments.instruments])
    return portfolio_deviation(vector, moments.covariance)


def read_numbers(value: object, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The solver process's numbers, all finite and of this shape; DataError otherwise."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.shape != shape or not np.isfinite(array).all():
        raise DataError(f"the portfolio solver answered {array.shape} numbers where {shape} finite ones belong")
    return array
