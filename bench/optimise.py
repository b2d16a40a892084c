"""`tenor bench run optimise`: long-only minimum variance and maximum Sharpe of 100 and 500 instruments.

Ours is `desk.portfolio.optimise` as the desk calls it, its check included; the peer is PyPortfolioOpt as its users
have it (`EfficientFrontier`, default solvers), in the same process on the same seeded factor worlds. `ms_100` and
`ms_500` are minimum variance, with `_sharpe` maximum Sharpe; CPU milliseconds, medians. Correct when our objective is
no worse than the peer's and equal within its own precision, and equal within 1e-8 to an interior-point method's.
The ratios are the smaller of the two objectives'; where the peer finds no solution that is said in the notes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bench.one_thread import measure_alone
from bench.report import Report, median
from desk.portfolio import markowitz
from desk.portfolio.limits import Limits
from desk.portfolio.moments import Matrix, Moments, Vector
from desk.portfolio.qp import Programme, solve_programme

SEED, RISK_FREE, ROUNDS, PEER_ROUNDS = 20_260_801, 0.02, 9, 3
SAME, PEERS_PRECISION = 1e-8, 1e-4


class _World(NamedTuple):
    moments: Moments
    deviation: Callable[[Vector], float]
    sharpe: Callable[[Vector], float]


def run() -> Report:
    """In a process of its own, because numpy reads how many threads it may use when it is loaded."""
    return measure_alone("optimise")


def measure() -> Report:
    """The figures, in this process."""
    metrics: dict[str, float | None] = {}
    ratios: dict[str, float] = {}
    notes: list[str] = []
    correct = True
    for count in (100, 500):
        world = _make_world(count)
        found: list[float] = []
        for name in ("minimum variance", "maximum Sharpe"):
            ours, theirs = _compete(world, name)
            metrics[f"ms_{count}{'_sharpe' if 'Sharpe' in name else ''}"] = round(ours.ms, 3)
            correct = correct and _as_good(world, name, ours.weights, theirs)
            if theirs is None:
                notes.append(f"PyPortfolioOpt found no {name} of {count} instruments")
            else:
                found.append(theirs.ms / ours.ms)
        ratios[f"pypfopt_{count}"] = round(min(found), 1)
    return Report("optimise", correct, metrics, ratios, notes=notes)


class _Timed(NamedTuple):
    ms: float
    weights: Vector


def _compete(world: _World, name: str) -> tuple[_Timed, _Timed | None]:
    from pypfopt.exceptions import OptimizationError

    moments = world.moments
    ways: dict[str, Callable[[], Vector]] = {
        "minimum variance": lambda: markowitz.minimum_variance(moments, Limits()).weights,
        "maximum Sharpe": lambda: markowitz.maximum_sharpe(moments, Limits(), RISK_FREE).weights,
    }
    ours = ways[name]
    ours()
    spent = [_cpu_ms(ours) for _ in range(ROUNDS)]
    try:
        theirs = [_cpu_ms(lambda: _by_pypfopt(name, moments)) for _ in range(PEER_ROUNDS)]
    except OptimizationError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return _Timed(median([ms for ms, _ in spent]), spent[0][1]), None
    return (
        _Timed(median([ms for ms, _ in spent]), spent[0][1]),
        _Timed(median([ms for ms, _ in theirs]), theirs[0][1]),
    )


def _cpu_ms(solve: Callable[[], Vector]) -> tuple[float, Vector]:
    began = time.process_time_ns()
    weights = solve()
    return (time.process_time_ns() - began) / 1e6, weights


def _by_pypfopt(name: str, moments: Moments) -> Vector:
    from pypfopt import EfficientFrontier

    peer = EfficientFrontier(moments.mean, moments.covariance)
    if name == "minimum variance":
        peer.min_volatility()
    else:
        peer.max_sharpe(risk_free_rate=RISK_FREE)
    return np.asarray(peer.weights, dtype=np.float64)


def _as_good(world: _World, name: str, ours: Vector, theirs: _Timed | None) -> bool:
    measure = world.deviation if name == "minimum variance" else world.sharpe
    sign = 1 if name == "minimum variance" else -1
    best = measure(_by_interior_point(world.moments, name))
    if abs(measure(ours) / best - 1) > SAME:
        return False
    return theirs is None or sign * (measure(ours) / measure(theirs.weights) - 1) < PEERS_PRECISION


def _by_interior_point(moments: Moments, name: str) -> Vector:
    """The same problem with a limit that never binds, which only the interior-point method takes."""
    n = moments.mean.size
    budget = np.ones(n) if name == "minimum variance" else moments.mean - RISK_FREE
    high = np.ones(n) if name == "minimum variance" else np.full(n, np.inf)
    loose = Programme(
        moments.covariance, np.zeros(n), budget, 1.0, np.zeros(n), high, np.ones((1, n)), np.array([200.0])
    )
    found = solve_programme(loose).x
    weights: Vector = found / found.sum()
    return weights


def _make_world(count: int) -> _World:
    """Mean and covariance of a seeded factor world; the daily returns are not used here."""
    source = np.random.default_rng(SEED + count)
    loads = source.normal(0.0, 0.1, (count, count // 10))
    covariance: Matrix = loads @ loads.T + np.diag(source.uniform(0.01, 0.06, count))
    mean = source.normal(0.08, 0.05, count)
    names = tuple(f"X:{n}" for n in range(count))

    def deviation(weights: Vector) -> float:
        return float(np.sqrt(weights @ covariance @ weights))

    def sharpe(weights: Vector) -> float:
        return float((mean - RISK_FREE) @ weights) / deviation(weights)

    return _World(Moments(names, mean, covariance, 0, np.zeros((0, count))), deviation, sharpe)
