"""Target weights of a long-only portfolio: minimum variance, maximum Sharpe, or as a person gave them.

PyPortfolioOpt solves (Markowitz 1952) on a shrunk covariance (Ledoit and Wolf 2004), in a process of
its own. No solution leaves unchecked: weights sum to one, keep their bounds, and the Frank-Wolfe gap
(Jaggi 2013, sec. 2) proves that nothing feasible is better by more than `TOLERANCE` of the objective.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
TOLERANCE = 1e-4
MEAN_SHRINKAGE = 0.5
"""How far each mean return is drawn to the average of all: single means are mostly noise (Jorion 1986)."""

Objective = Literal["minimum_variance", "maximum_sharpe"]
Vector = NDArray[np.float64]


class Moments(NamedTuple):
    """Annual mean returns (n,) and covariance (n, n) of the instruments, from `days` daily returns of the `window`."""

    instruments: tuple[str, ...]
    mean: Vector
    covariance: NDArray[np.float64]
    days: int
    window: Window | None = None


@dataclass(frozen=True)
class Targets:
    """Weights that sum to one, the annual volatility they had, and the proven relative gap to the optimum."""

    weights: Mapping[str, float]
    volatility: float
    gap: float
    days: int


def estimate_moments(feed: MarketFeed, instruments: Sequence[str], solver: Solver, days: int = DAYS) -> Moments:
    """Shrunk moments of the last `days` common daily returns, all before the market clock's day.

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
    return moments_of(tuple(instruments), returns, solver)._replace(window=window)


def moments_of(instruments: tuple[str, ...], returns: NDArray[np.float64], solver: Solver) -> Moments:
    """Moments of simple daily returns (T, n), annualised with 252 days."""
    n = len(instruments)
    reply = solver.ask({"call": "shrink", "returns": returns.tolist(), "days_a_year": TRADING_DAYS})
    shrunk = _numbers(reply.get("covariance"), (n, n))
    plain = returns.mean(axis=0) * TRADING_DAYS
    mean = (1 - MEAN_SHRINKAGE) * plain + MEAN_SHRINKAGE * plain.mean()
    return Moments(instruments, mean, shrunk, len(returns))


def solve(
    objective: Objective, moments: Moments, solver: Solver, *, cap: float = 1.0, risk_free: float = 0.0
) -> Targets:
    """The long-only weights of `objective`, none above `cap`; `risk_free` a year, for maximum Sharpe only.

    InputError names the constraint that cannot be kept; DataError when the solver's answer is not optimal.
    """
    _check_cap(cap, len(moments.instruments))
    excess = moments.mean - risk_free
    if objective == "maximum_sharpe":
        _check_reward(excess, cap, risk_free)
    weights = _solve(objective, moments, solver, cap, risk_free)
    gap = optimality_gap(objective, weights, moments.covariance, excess, cap)
    if gap > TOLERANCE:
        raise DataError(f"the {objective} solution is {gap:.2e} away from optimal, above {TOLERANCE}; try another cap")
    return _targets(moments, weights, gap)


def given_targets(weights: Mapping[str, float], moments: Moments) -> Targets:
    """A person's own weights, checked. InputError when one is negative or they do not sum to one."""
    total = sum(weights.values())
    below = [id for id, weight in weights.items() if weight < 0]
    if below:
        raise InputError(f"weight {weights[below[0]]:.2%} of {below[0]} is below zero; this desk weighs long-only")
    if abs(total - 1) > 0.005:
        raise InputError(f"the weights add up to {total:.1%}, not to 100 %; change them so that they do")
    vector = np.array([weights.get(id, 0.0) / total for id in moments.instruments])
    return _targets(moments, vector, 0.0)


def volatility_of(weights: Mapping[str, float], moments: Moments) -> float:
    """Annual volatility of these weights under the moments; an instrument left out weighs nothing."""
    vector = np.array([weights.get(id, 0.0) for id in moments.instruments])
    return portfolio_deviation(vector, moments.covariance)


def optimality_gap(
    objective: Objective, weights: Vector, covariance: NDArray[np.float64], excess: Vector, cap: float
) -> float:
    """How much better, relative to the objective, any feasible portfolio could be at most; 0 is optimal.

    Minimum variance: f(w) - f* <= grad f(w)·(w - v) for the best vertex v. Maximum Sharpe is pseudo-concave:
    w is optimal when no feasible v improves (mu - k S w)·v with k = mu·w / w'Sw.
    """
    risk = covariance @ weights
    variance = float(weights @ risk)
    if objective == "minimum_variance":
        return float(2 * (risk @ weights - risk @ _best_vertex(risk, cap)) / variance)
    reward = float(excess @ weights)
    slope = excess - reward / variance * risk
    return float((slope @ _best_vertex(-slope, cap) - slope @ weights) / reward)


def _solve(objective: Objective, moments: Moments, solver: Solver, cap: float, risk_free: float) -> Vector:
    request = {
        "call": "weigh",
        "objective": objective,
        "mean": moments.mean.tolist(),
        "covariance": moments.covariance.tolist(),
        "cap": cap,
        "risk_free": risk_free,
    }
    raw = _numbers(solver.ask(request).get("weights"), (len(moments.instruments),))
    if abs(raw.sum() - 1) > 1e-5 or raw.min() < -1e-5 or raw.max() > cap + 1e-5:
        raise DataError(f"the solver's weights sum to {raw.sum():.6f} or leave their bounds; they are not used")
    clean = np.clip(np.where(raw < 1e-6, 0.0, raw), 0.0, cap)
    return np.asarray(clean / clean.sum(), dtype=np.float64)


def _numbers(value: object, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The solver's numbers, all finite and of this shape; DataError otherwise."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.shape != shape or not np.isfinite(array).all():
        raise DataError(f"the portfolio solver answered {array.shape} numbers where {shape} finite ones belong")
    return array


def _check_cap(cap: float, count: int) -> None:
    if not 0 < cap <= 1:
        raise InputError(f"the cap of {cap:.1%} per instrument is not between 0 and 100 %; give a share such as 40 %")
    if cap * count < 1 - 1e-9:
        raise InputError(
            f"the cap cannot be kept: {count} instruments with at most {cap:.1%} each reach only {cap * count:.1%}; "
            f"raise the cap to {1 / count:.1%} or add instruments"
        )


def _check_reward(excess: Vector, cap: float, risk_free: float) -> None:
    best = float(excess @ _best_vertex(-excess, cap))
    if best <= 0:
        raise InputError(
            f"maximum Sharpe needs an expected return above the risk-free {risk_free:.1%}, but the best these "
            f"instruments reach under the cap is {best + risk_free:.1%}; ask for minimum variance instead"
        )


def _best_vertex(costs: Vector, cap: float) -> Vector:
    """The feasible portfolio that minimises costs·v: the cheapest instruments, each filled to the cap."""
    vertex, left = np.zeros_like(costs), 1.0
    for index in np.argsort(costs, kind="stable"):
        vertex[index] = min(cap, left)
        left -= vertex[index]
        if left <= 0:
            break
    return vertex


def _targets(moments: Moments, weights: Vector, gap: float) -> Targets:
    named = {id: float(weight) for id, weight in zip(moments.instruments, weights, strict=True)}
    return Targets(named, portfolio_deviation(weights, moments.covariance), max(0.0, gap), moments.days)
