"""The least conditional value at risk: the mean loss of the worst days (Rockafellar and Uryasev 2000)."""

from __future__ import annotations

import numpy as np

from desk.errors import DataError, InputError
from desk.portfolio.limits import Limits, bounds_of, check_limits, find_conflict, rows_of
from desk.portfolio.lp import solve_linear
from desk.portfolio.markowitz import Weighed
from desk.portfolio.moments import Matrix, Moments, Vector

LEVEL = 0.95


def minimum_cvar(moments: Moments, limits: Limits, level: float = LEVEL) -> Weighed:
    """Weights of least CVaR of one day at `level` over the days of the moments; solved as a linear programme.

    InputError for a level outside (0, 1), for one that leaves no whole day, or limits that cannot be kept.
    """
    days, n = moments.returns.shape
    if not 0 < level < 1 or days * (1 - level) < 1:
        raise InputError(f"a level of {level:.1%} leaves no whole day of {days} to average; give one such as 95 %")
    check_limits(limits, moments.instruments)
    if (conflict := find_conflict(limits, moments.instruments)) is not None:
        raise InputError(f"no portfolio is possible: {conflict}")
    low, high = bounds_of(limits, moments.instruments)
    rows = rows_of(limits, moments.instruments)
    # columns: weights, extra, the value at risk, one excess a day
    tail = np.hstack((-moments.returns, np.zeros((days, rows.extra)), -np.ones((days, 1)), -np.eye(days)))
    kept = np.hstack((rows.rows, np.zeros((rows.most.size, 1 + days))))
    free = np.zeros(rows.extra)
    found = solve_linear(
        np.concatenate((np.zeros(n + rows.extra), [1.0], np.full(days, 1 / ((1 - level) * days)))),
        np.vstack((tail, kept)),
        np.concatenate((np.zeros(days), rows.most)),
        np.concatenate((np.ones(n), free, np.zeros(1 + days))),
        np.concatenate((low, free, [-np.inf], np.zeros(days))),
        np.concatenate((high, np.full(rows.extra, np.inf), np.full(1 + days, np.inf))),
    )
    if found is None:
        raise DataError("no portfolio of least CVaR was found; loosen a limit")
    weights = np.clip(found.x[:n], low, high)
    weights = weights / weights.sum()
    here = cvar_of(weights, moments.returns, level)
    return Weighed(weights, abs(here - found.value) / max(1e-300, abs(here)))


def cvar_of(weights: Vector, returns: Matrix, level: float = LEVEL) -> float:
    """Mean loss (a share, positive is a loss) of the worst `1 - level` of the days, the last of them in part."""
    losses = np.sort(-(returns @ weights))[::-1]
    size = (1 - level) * losses.size
    whole = int(size)
    part = (size - whole) * losses[whole] if whole < losses.size else 0.0
    return float((losses[:whole].sum() + part) / size)
