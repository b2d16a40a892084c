"""Whether value at risk was right: how often losses went beyond it, and whether those days come in clusters.

Kupiec (1995) compares the number of breaches with the expected one; Christoffersen (1998) asks whether a breach makes
one the next day more likely, and both together. All are likelihood ratios, chi-squared with one, one and two degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from desk.errors import DataError
from desk.risk.measures import Vector
from desk.risk.var_forecasts import METHODS

PASSES = 0.05
"""A method is rejected when chance alone gives such a count less often than this."""

LEAST_DAYS = 250


@dataclass(frozen=True)
class VarBacktest:
    """One method on one series. p-values in [0, 1]; `worst` is the largest loss beyond the forecast, as a share.

    `independence` and `both` are None when no breach has a day after it to look at.
    """

    method: str
    days: int
    breaches: int
    expected: float
    kupiec: float
    independence: float | None
    both: float | None
    mean_var: float
    worst: float

    @property
    def passes(self) -> bool:
        """Whether the number of breaches is one that chance explains."""
        return self.kupiec > PASSES


def backtest_var(method: str, returns: Vector, days: int, level: float = 0.99) -> VarBacktest:
    """The last `days` of simple daily returns judged, those before only warm up. DataError for too short a history."""
    losses, forecast = -returns[-days:], METHODS[method][1](returns, level)[-days:]
    if days < LEAST_DAYS or returns.size <= days or not np.isfinite(forecast).all():
        raise DataError(
            f"{returns.size} daily returns are too few to judge {days} days of value at risk; ask for fewer, at least "
            f"{LEAST_DAYS}"
        )
    breached = losses > forecast
    count = int(breached.sum())
    kupiec, independence = _coverage(count, days, 1 - level), _independence(breached)
    return VarBacktest(
        method=method,
        days=days,
        breaches=count,
        expected=days * (1 - level),
        kupiec=_chance(kupiec, 1),
        independence=None if independence is None else _chance(independence, 1),
        both=None if independence is None else _chance(kupiec + independence, 2),
        mean_var=float(forecast.mean()),
        worst=float((losses - forecast).max()),
    )


def _coverage(count: int, days: int, share: float) -> float:
    return 2 * (_likelihood(count, days, count / days) - _likelihood(count, days, share))


def _independence(breached: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float | None:
    before, after = breached[:-1], breached[1:]
    if not before.any():
        return None
    calm, stirred = int((~before).sum()), int(before.sum())
    from_calm, from_stirred = int((after & ~before).sum()), int((after & before).sum())
    share = (from_calm + from_stirred) / before.size
    apart = _likelihood(from_calm, calm, from_calm / calm) if calm else 0.0
    apart += _likelihood(from_stirred, stirred, from_stirred / stirred)
    return max(0.0, 2 * (apart - _likelihood(from_calm + from_stirred, before.size, share)))


def _likelihood(count: int, days: int, share: float) -> float:
    """The binomial log-likelihood without its constant; 0 · ln 0 is 0."""
    hit = count * math.log(share) if count else 0.0
    missed = (days - count) * math.log(1 - share) if count < days else 0.0
    return hit + missed


def _chance(ratio: float, degrees: int) -> float:
    """How often chance alone gives a likelihood ratio at least as large."""
    from scipy.special import chdtrc

    return float(chdtrc(degrees, max(0.0, ratio)))
