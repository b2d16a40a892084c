"""One door to every way of weighing instruments: what is wanted, under which limits, and what came out.

At most `count` holdings is not a convex limit: the smallest weights are dropped one after the other and the rest is
solved again. That is a rule of thumb; `bound` says how good the best one could be at most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from desk.errors import InputError
from desk.portfolio import markowitz
from desk.portfolio.cvar import LEVEL, cvar_of, minimum_cvar
from desk.portfolio.limits import Limits
from desk.portfolio.markowitz import Weighed
from desk.portfolio.moments import Moments, Vector, read_numbers
from desk.portfolio.parity import contributions, risk_parity
from desk.portfolio.worker import Solver
from desk.risk.measures import portfolio_deviation

Objective = Literal[
    "minimum_variance",
    "maximum_sharpe",
    "target_return",
    "target_risk",
    "minimum_cvar",
    "risk_parity",
    "hierarchical",
    "equal",
]
TARGETED = ("target_return", "target_risk")
HELD = 1e-6
"""A weight below this is none."""


@dataclass(frozen=True)
class Wish:
    """What to weigh towards. `target` a year (a share) for a wanted return or risk; `risk_free` for maximum Sharpe."""

    objective: Objective
    limits: Limits = field(default_factory=Limits)
    target: float | None = None
    risk_free: float = 0.0
    level: float = LEVEL


@dataclass(frozen=True)
class Optimised:
    """Weights by instrument that sum to one, with what they would have meant over the moments' days.

    All a year except `cvar` (one day at the wish's level); shares. `contributions` are shares of the variance.
    `residual` is how far the optimality conditions are from being kept; `bound` the volatility of the minimum
    variance without the limit on the number of holdings: no portfolio under it is below. None for other wishes.
    """

    weights: Mapping[str, float]
    mean: float
    volatility: float
    sharpe: float | None
    cvar: float
    contributions: Mapping[str, float]
    residual: float
    bound: float | None = None


def optimise(wish: Wish, moments: Moments, solver: Solver) -> Optimised:
    """The weights. InputError names the limit that cannot be kept; DataError when no answer passes its check."""
    if len(moments.instruments) < 2:
        raise InputError("one instrument leaves nothing to weigh; name at least two")
    said = wish.objective.replace("_", " ")
    if wish.objective in TARGETED and wish.target is None:
        raise InputError(f"{said} needs a target: how much a year, in percent")
    if wish.objective not in TARGETED and wish.target is not None:
        raise InputError(f"{said} takes no target; ask for target_return or target_risk")
    found = _weigh(wish, moments, solver)
    if wish.limits.count is None or int((found.weights > HELD).sum()) <= wish.limits.count:
        return _described(wish, moments, found, None)
    least = wish.objective == "minimum_variance"
    bound = portfolio_deviation(found.weights, moments.covariance) if least else None
    return _described(wish, moments, _fewer(wish, moments, solver, found), bound)


def given_weights(weights: Mapping[str, float], moments: Moments) -> Optimised:
    """A person's own weights, checked. InputError when one is negative or they do not sum to one."""
    total = sum(weights.values())
    below = [id for id, weight in weights.items() if weight < 0]
    if below:
        raise InputError(f"weight {weights[below[0]]:.2%} of {below[0]} is below zero; this desk weighs long-only")
    if abs(total - 1) > 0.005:
        raise InputError(f"the weights add up to {total:.1%}, not to 100 %; change them so that they do")
    vector = np.array([weights.get(id, 0.0) / total for id in moments.instruments])
    return _described(Wish("equal"), moments, Weighed(vector, 0.0), None)


def _fewer(wish: Wish, moments: Moments, solver: Solver, found: Weighed) -> Weighed:
    """Drops the smallest holding until few enough are left."""
    count, dropped = wish.limits.count or 1, set(wish.limits.excluded)
    while (held := np.flatnonzero(found.weights > HELD)).size > count:
        dropped.add(moments.instruments[int(held[np.argmin(found.weights[held])])])
        dropped |= {id for id, weight in zip(moments.instruments, found.weights, strict=True) if weight <= HELD}
        limits = replace(wish.limits, excluded=frozenset(dropped))
        found = _weigh(replace(wish, limits=limits), moments, solver)
    return found


def _weigh(wish: Wish, moments: Moments, solver: Solver) -> Weighed:
    target = wish.target if wish.target is not None else 0.0
    ways: dict[str, Callable[[], Weighed]] = {
        "minimum_variance": lambda: markowitz.minimum_variance(moments, wish.limits),
        "maximum_sharpe": lambda: markowitz.maximum_sharpe(moments, wish.limits, wish.risk_free),
        "target_return": lambda: markowitz.target_return(moments, wish.limits, target),
        "target_risk": lambda: markowitz.target_risk(moments, wish.limits, target),
        "minimum_cvar": lambda: minimum_cvar(moments, wish.limits, wish.level),
        "risk_parity": lambda: risk_parity(moments, replace(wish.limits, count=None)),
        "hierarchical": lambda: _hierarchical(moments, wish.limits, solver),
        "equal": lambda: _equal(moments, wish.limits),
    }
    return ways[wish.objective]()


def _hierarchical(moments: Moments, limits: Limits, solver: Solver) -> Weighed:
    """Hierarchical risk parity (López de Prado 2016) by PyPortfolioOpt; it keeps exclusions and no other limit."""
    if limits != Limits(excluded=limits.excluded, count=limits.count):
        raise InputError("hierarchical risk parity keeps no caps, sectors or turnover; ask for minimum variance")
    allowed = np.array([id not in limits.excluded for id in moments.instruments])
    reply = solver.ask({"call": "hierarchical", "returns": moments.returns[:, allowed].tolist()})
    weights = np.zeros(allowed.size)
    weights[allowed] = read_numbers(reply.get("weights"), (int(allowed.sum()),))
    return Weighed(weights / weights.sum(), abs(float(weights.sum()) - 1))


def _equal(moments: Moments, limits: Limits) -> Weighed:
    allowed = np.array([float(id not in limits.excluded) for id in moments.instruments])
    if not allowed.any():
        raise InputError("everything is excluded; leave at least one instrument")
    return Weighed(allowed / allowed.sum(), 0.0)


def _described(wish: Wish, moments: Moments, found: Weighed, bound: float | None) -> Optimised:
    weights: Vector = found.weights
    mean, volatility = float(moments.mean @ weights), portfolio_deviation(weights, moments.covariance)
    shares = contributions(weights, moments.covariance)
    return Optimised(
        weights={id: float(w) for id, w in zip(moments.instruments, weights, strict=True)},
        mean=mean,
        volatility=volatility,
        sharpe=(mean - wish.risk_free) / volatility if volatility > 0 else None,
        cvar=cvar_of(weights, moments.returns, wish.level),
        contributions={id: float(s) for id, s in zip(moments.instruments, shares, strict=True)},
        residual=found.residual,
        bound=bound,
    )
