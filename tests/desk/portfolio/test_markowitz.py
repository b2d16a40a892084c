from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from desk.errors import DataError, InputError
from desk.portfolio.markowitz import (
    Moments,
    Objective,
    Vector,
    estimate_moments,
    given_targets,
    moments_of,
    optimality_gap,
    solve,
    volatility_of,
)
from desk.portfolio.solver import answer
from tests.desk.history_feed import history_feed


class Direct:
    """The solver without its process."""

    def ask(self, request: Mapping[str, object]) -> dict[str, object]:
        return answer(json.loads(json.dumps(request)))


class Saying:
    """A solver that answers as it was told."""

    def __init__(self, reply: dict[str, object]) -> None:
        self.reply = reply

    def ask(self, request: Mapping[str, object]) -> dict[str, object]:
        return self.reply


SOLVER = Direct()
FOUR = ("XNAS:AAPL", "XNAS:MSFT", "XNYS:JPM", "XNYS:XOM")


def made_up(count: int, seed: int = 3) -> Moments:
    source = np.random.default_rng(seed)
    common = source.normal(0.0005, 0.01, (600, 1))
    return moments_of(
        tuple(f"X:{n}" for n in range(count)), common + source.normal(0.0002, 0.012, (600, count)), SOLVER
    )


def by_scipy(objective: Objective, moments: Moments, cap: float) -> Vector:
    from scipy.optimize import LinearConstraint, minimize

    n = len(moments.instruments)

    def loss(w: Vector) -> float:
        variance = float(w @ moments.covariance @ w)
        return variance * 100 if objective == "minimum_variance" else -float(moments.mean @ w) / variance**0.5

    start: np.ndarray[tuple[int], np.dtype[np.float64]] = np.full(n, 1 / n)
    found = minimize(
        loss,
        start,
        method="SLSQP",
        bounds=[(0.0, cap)] * n,
        constraints=LinearConstraint(np.ones((1, n)), 1.0, 1.0),
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    return np.asarray(found.x)


@pytest.mark.parametrize("objective", ["minimum_variance", "maximum_sharpe"])
@pytest.mark.parametrize(("count", "cap"), [(2, 1.0), (6, 0.4), (12, 0.15)])
def test_the_solution_is_the_one_another_solver_finds(objective: Objective, count: int, cap: float) -> None:
    moments = made_up(count)
    found = solve(objective, moments, SOLVER, cap=cap)
    weights = np.array(list(found.weights.values()))
    assert weights.sum() == pytest.approx(1)
    assert weights.min() >= 0
    assert weights.max() <= cap + 1e-9
    assert found.gap <= 1e-4
    assert weights == pytest.approx(by_scipy(objective, moments, cap), abs=2e-3)


def test_a_portfolio_that_is_not_optimal_has_a_gap() -> None:
    moments = made_up(5)
    equal = np.full(5, 0.2)
    for objective in ("minimum_variance", "maximum_sharpe"):
        assert optimality_gap(objective, equal, moments.covariance, moments.mean, 1.0) > 1e-3


def test_real_history_gives_less_risk_than_equal_weights(tmp_path: Path) -> None:
    moments = estimate_moments(history_feed(tmp_path), FOUR, SOLVER)
    assert moments.days == 504
    found = solve("minimum_variance", moments, SOLVER)
    assert found.volatility < volatility_of(dict.fromkeys(FOUR, 0.25), moments)
    assert found.volatility == pytest.approx(volatility_of(found.weights, moments))


def test_constraints_that_cannot_be_kept_are_named(tmp_path: Path) -> None:
    moments = made_up(4)
    with pytest.raises(InputError, match=r"4 instruments with at most 20\.0% each reach only 80\.0%.*25\.0%"):
        solve("minimum_variance", moments, SOLVER, cap=0.2)
    with pytest.raises(InputError, match="not between 0 and 100"):
        solve("minimum_variance", moments, SOLVER, cap=1.5)
    with pytest.raises(InputError, match=r"above the risk-free 90\.0%"):
        solve("maximum_sharpe", moments, SOLVER, risk_free=0.9)
    with pytest.raises(InputError, match="at least two"):
        estimate_moments(history_feed(tmp_path), FOUR[:1], SOLVER)
    with pytest.raises(DataError, match="share daily closes only up to 2019-01-0"):
        estimate_moments(history_feed(tmp_path), ("XNAS:AAPL", "OTC:WTI"), SOLVER)


def test_weights_a_person_gave_are_checked_and_kept() -> None:
    moments = made_up(2)
    assert given_targets({"X:0": 0.4, "X:1": 0.6}, moments).weights == pytest.approx({"X:0": 0.4, "X:1": 0.6})
    with pytest.raises(InputError, match=r"add up to 90\.0%"):
        given_targets({"X:0": 0.3, "X:1": 0.6}, moments)
    with pytest.raises(InputError, match="below zero"):
        given_targets({"X:0": -0.3, "X:1": 1.3}, moments)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([0.25, 0.25, 0.25, 0.25], "away from optimal"),
        ([0.9, 0.9, 0.1, 0.1], "not used"),
        ([1.5, -0.5, 0.0, 0.0], "not used"),
        ([1.0, 0.0], "4"),
        ([float("nan")] * 4, "finite"),
        ("none", "finite"),
        (None, "finite"),
    ],
)
def test_a_solver_is_never_believed(weights: object, words: str) -> None:
    with pytest.raises(DataError, match=words):
        solve("minimum_variance", made_up(4), Saying({"weights": weights}))


def test_a_problem_without_solution_is_an_error_of_the_solver() -> None:
    broken = {"call": "weigh", "objective": "maximum_sharpe", "mean": [-1.0, -1.0], "covariance": [[1, 0], [0, 1]]}
    assert "error" in SOLVER.ask({**broken, "cap": 1.0, "risk_free": 0.5})
