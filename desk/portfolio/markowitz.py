"""Mean and variance (Markowitz 1952): least variance, best Sharpe ratio, a wanted return or risk, and the frontier.

All are quadratic programmes of `desk.portfolio.qp`, whose answers are checked. The best Sharpe ratio is the one of
least variance per unit of excess return, scaled back to a sum of one (Cornuejols and Tütüncü 2006, sec. 8.2).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.errors import DataError, InputError
from desk.portfolio.limits import Limits, Rows, bounds_of, check_limits, find_conflict, rows_of
from desk.portfolio.lp import solve_linear
from desk.portfolio.moments import Moments
from desk.portfolio.qp import Answer, Programme, solve_programme
from desk.risk.measures import portfolio_deviation

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
STEPS = 60
"""Halvings of the price of risk when a risk is wanted."""


class Weighed(NamedTuple):
    """Weights (n,) that sum to one, and the residual of the optimality conditions that was checked."""

    weights: Vector
    residual: float


def minimum_variance(moments: Moments, limits: Limits) -> Weighed:
    """The least variance under the limits. InputError says which limits cannot be kept."""
    return _quadratic(moments, limits, np.zeros(len(moments.instruments)))


def maximum_sharpe(moments: Moments, limits: Limits, risk_free: float = 0.0) -> Weighed:
    """The most excess return per volatility; `risk_free` a year. InputError when no excess return can be had."""
    _check(moments, limits)
    excess = moments.mean - risk_free
    best = _most_return(moments, limits)
    if best <= risk_free:
        raise InputError(
            f"maximum Sharpe needs an expected return above the risk-free {risk_free:.1%}, but the best these "
            f"instruments reach under the limits is {best:.1%}; ask for minimum variance instead"
        )
    low, high = bounds_of(limits, moments.instruments)
    n = excess.size
    if limits.only_bounds and limits.least == 0:
        answer = solve_programme(
            Programme(moments.covariance, np.zeros(n), excess, 1.0, np.zeros(n), np.where(high > 0, np.inf, 0.0))
        )
        weights = answer.x / answer.x.sum()
        if (weights <= high + 1e-12).all():
            return Weighed(weights, answer.residual)
    rows = _homogeneous(rows_of(limits, moments.instruments), low, high)
    size = rows.rows.shape[1]
    quadratic = np.zeros((size, size))
    quadratic[:n, :n] = moments.covariance
    budget = np.concatenate((excess, np.zeros(size - n)))
    answer = solve_programme(
        Programme(quadratic, np.zeros(size), budget, 1.0, np.zeros(size), np.full(size, np.inf), rows.rows, rows.most)
    )
    scaled = np.clip(answer.x[:n] / answer.x[:n].sum(), low, high)
    return Weighed(scaled / scaled.sum(), answer.residual)


def target_return(moments: Moments, limits: Limits, wanted: float) -> Weighed:
    """The least variance with an expected return of at least `wanted` a year; InputError when it cannot be reached."""
    least = minimum_variance(moments, limits)
    if float(moments.mean @ least.weights) >= wanted:
        return least
    best = _most_return(moments, limits)
    if wanted > best + 1e-12:
        raise InputError(
            f"an expected return of {wanted:.1%} cannot be reached: the best these instruments give under the limits "
            f"is {best:.1%}"
        )
    return _quadratic(moments, limits, np.zeros(len(moments.instruments)), (-moments.mean, -wanted))


def target_risk(moments: Moments, limits: Limits, wanted: float) -> Weighed:
    """The most expected return with a volatility of at most `wanted` a year; InputError when even the least is above.

    The price of risk is halved until the volatility fits: return is bought while risk is cheaper than that price.
    """
    least = minimum_variance(moments, limits)
    floor = _volatility(moments, least.weights)
    if floor > wanted:
        raise InputError(
            f"a volatility of {wanted:.1%} cannot be reached: the least these instruments have under the limits is "
            f"{floor:.1%}"
        )
    low, high, best = 0.0, 1.0, least
    while high < 1e9 and _volatility(moments, _priced(moments, limits, high).weights) <= wanted:
        low, high = high, high * 4
    for _ in range(STEPS):
        middle = (low + high) / 2
        found = _priced(moments, limits, middle)
        if _volatility(moments, found.weights) <= wanted:
            low, best = middle, found
        else:
            high = middle
        if high - low <= 1e-10 * high:
            break
    return best


def frontier(moments: Moments, limits: Limits, points: int = 20) -> list[Weighed]:
    """Portfolios of least variance from the least one to the most expected return, evenly spaced in return."""
    if not 2 <= points <= 200:
        raise InputError(f"{points} points of the frontier are not between 2 and 200")
    least = minimum_variance(moments, limits)
    first, last = float(moments.mean @ least.weights), _most_return(moments, limits)
    wanted = np.linspace(first, last, points)[1:]
    return [least, *(target_return(moments, limits, min(float(level), last)) for level in wanted)]


def _priced(moments: Moments, limits: Limits, price: float) -> Weighed:
    return _quadratic(moments, limits, -price * moments.mean)


def _quadratic(moments: Moments, limits: Limits, linear: Vector, more: tuple[Vector, float] | None = None) -> Weighed:
    """The least of w'Cw / 2 + linear·w under the limits, and `more[0]`·w <= `more[1]`."""
    _check(moments, limits)
    low, high = bounds_of(limits, moments.instruments)
    rows = rows_of(limits, moments.instruments)
    n, extra = linear.size, rows.extra
    if more is not None:
        rows = Rows(
            np.vstack((rows.rows, np.concatenate((more[0], np.zeros(extra))))), np.append(rows.most, more[1]), (), extra
        )
    if not rows.most.size:
        answer = solve_programme(Programme(moments.covariance, linear, np.ones(n), 1.0, low, high))
        return _cleaned(answer, n, low, high)
    quadratic = np.zeros((n + extra, n + extra))
    quadratic[:n, :n] = moments.covariance
    budget = np.concatenate((np.ones(n), np.zeros(extra)))
    answer = solve_programme(
        Programme(
            quadratic,
            np.concatenate((linear, np.zeros(extra))),
            budget,
            1.0,
            np.concatenate((low, np.zeros(extra))),
            np.concatenate((high, np.full(extra, np.inf))),
            rows.rows,
            rows.most,
        )
    )
    return _cleaned(answer, n, low, high)


def _cleaned(answer: Answer, n: int, low: Vector, high: Vector) -> Weighed:
    weights = np.clip(answer.x[:n], low, high)
    return Weighed(weights / weights.sum(), answer.residual)


def _homogeneous(rows: Rows, low: Vector, high: Vector) -> Rows:
    """Limits on w as limits on y = k w with k = sum of y: rows (A - b 1') y <= 0, bounds included."""
    n = low.size
    ones = np.concatenate((np.ones(n), np.zeros(rows.extra)))
    unit = np.hstack((np.eye(n), np.zeros((n, rows.extra))))
    capped, floored = high < 1, low > 0
    parts = [
        rows.rows - np.outer(rows.most, ones),
        unit[capped] - np.outer(high[capped], ones),
        np.outer(low[floored], ones) - unit[floored],
    ]
    stacked = np.vstack(parts)
    return Rows(stacked, np.zeros(len(stacked)), (), rows.extra)


def _most_return(moments: Moments, limits: Limits) -> float:
    """The most expected return under the limits."""
    low, high = bounds_of(limits, moments.instruments)
    rows = rows_of(limits, moments.instruments)
    if limits.only_bounds:
        weights, left = low.copy(), 1.0 - float(low.sum())
        for index in np.argsort(-moments.mean, kind="stable").tolist():
            room = min(float(high[index] - low[index]), left)
            weights[index] += room
            left -= room
        return float(moments.mean @ weights)
    extra = rows.extra
    found = solve_linear(
        np.concatenate((-moments.mean, np.zeros(extra))),
        rows.rows,
        rows.most,
        np.concatenate((np.ones(low.size), np.zeros(extra))),
        np.concatenate((low, np.zeros(extra))),
        np.concatenate((high, np.full(extra, np.inf))),
    )
    if found is None:
        raise DataError("the most return under these limits was not found; loosen a limit")
    return -found.value


def _check(moments: Moments, limits: Limits) -> None:
    check_limits(limits, moments.instruments)
    low, high = bounds_of(limits, moments.instruments)
    plain = limits.only_bounds and low.sum() <= 1 <= high.sum() + 1e-12
    conflict = None if plain else find_conflict(limits, moments.instruments)
    if conflict is not None:
        raise InputError(f"no portfolio is possible: {conflict}")


def _volatility(moments: Moments, weights: Vector) -> float:
    return portfolio_deviation(weights, moments.covariance)
