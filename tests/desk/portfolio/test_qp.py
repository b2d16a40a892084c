"""The quadratic solver against Clarabel and against what must hold of any answer."""

from __future__ import annotations

import numpy as np
import pytest

from desk.errors import DataError, InputError
from desk.portfolio.qp import RESIDUAL, Answer, Programme, residual_of, solve_programme


def factor_world(n: int, seed: int, own: tuple[float, float] = (0.01, 0.06)) -> tuple[np.ndarray, np.ndarray]:
    """A covariance of a few factors plus own variances, and mean returns."""
    source = np.random.default_rng(seed)
    loads = source.normal(0, 0.1, (n, max(2, n // 10)))
    return loads @ loads.T + np.diag(source.uniform(*own, n)), source.normal(0.08, 0.05, n)


def least_variance(covariance: np.ndarray, cap: float = 1.0) -> Programme:
    n = len(covariance)
    return Programme(covariance, np.zeros(n), np.ones(n), 1.0, np.zeros(n), np.full(n, cap))


def best_sharpe(covariance: np.ndarray, excess: np.ndarray) -> Programme:
    n = len(covariance)
    return Programme(covariance, np.zeros(n), excess, 1.0, np.zeros(n), np.full(n, np.inf))


def by_interior_point(programme: Programme) -> Answer:
    """The same problem with a limit that never binds, which the active set does not take."""
    n = programme.linear.size
    loose = Programme(
        programme.quadratic,
        programme.linear,
        programme.budget,
        programme.total,
        programme.lower,
        programme.upper,
        np.ones((1, n)),
        np.array([200.0]),
    )
    return solve_programme(loose)


@pytest.mark.parametrize("n", [2, 5, 20, 60])
@pytest.mark.parametrize("kind", ["variance", "sharpe"])
def test_both_methods_come_to_one_objective(n: int, kind: str) -> None:
    for seed in range(6):
        covariance, mean = factor_world(n, seed)
        programme = (
            least_variance(covariance, max(0.15, 1.5 / n)) if kind == "variance" else best_sharpe(covariance, abs(mean))
        )
        ours, theirs = solve_programme(programme), by_interior_point(programme)
        assert (ours.by, theirs.by) == ("active set", "interior point")
        assert ours.objective == pytest.approx(theirs.objective, rel=1e-8)
        assert ours.x == pytest.approx(theirs.x, abs=1e-5 * max(1.0, float(ours.x.max())))


def test_no_random_instance_fails_ill_conditioned_ones_included() -> None:
    """200 instances; in a third the own variances all but vanish, in a third there are fewer days than names."""
    source = np.random.default_rng(5)
    for seed in range(200):
        n = int(source.integers(2, 80))
        covariance, mean = factor_world(n, seed, (1e-9, 1e-9) if seed % 3 == 1 else (0.01, 0.06))
        if seed % 3 == 2:
            days = source.normal(0, 0.01, (max(2, n // 2), n))
            covariance = np.cov(days, rowvar=False) * 252
        for programme in (least_variance(covariance), best_sharpe(covariance, mean + 0.2)):
            answer = solve_programme(programme)
            assert answer.residual <= RESIDUAL
            assert float(programme.budget @ answer.x) == pytest.approx(1, abs=1e-9)
            assert answer.x.min() >= -1e-9


@pytest.mark.parametrize(("seed", "kind"), [(4, "variance"), (11, "sharpe"), (27, "sharpe")])
def test_five_hundred_names_with_half_as_many_days_are_solved(seed: int, kind: str) -> None:
    """Worlds in which neither the active set nor the interior point passed the check alone."""
    source, n, days = np.random.default_rng(seed), 500, 250
    factors, loads = source.normal(0, 0.01, (days, 25)), source.normal(0, 1, (25, n))
    returns = factors @ loads * 0.3 + source.normal(0, 1, (days, n)) * source.uniform(0.005, 0.03, n)
    zero, covariance, excess = np.zeros(n), np.cov(returns.T) * 252, returns.mean(axis=0) * 252 - 0.02
    budget, most = (np.ones(n), 1.0) if kind == "variance" else (excess, np.inf)
    answer = solve_programme(Programme(covariance, zero, budget, 1.0, zero, np.full(n, most)))
    assert answer.residual <= RESIDUAL
    assert budget @ answer.x == pytest.approx(1, abs=1e-9)
    assert answer.x.min() >= -1e-12


def test_a_point_that_is_not_optimal_has_a_residual() -> None:
    covariance, _ = factor_world(6, 1)
    programme = least_variance(covariance)
    best = solve_programme(programme)
    slope = covariance @ best.x
    assert residual_of(programme, best.x, float(slope[best.x > 1e-6].mean())) < 1e-9
    equal = np.full(6, 1 / 6)
    assert residual_of(programme, equal, float((covariance @ equal).mean())) > 1e-3
    beside = best.x + 0.01
    assert residual_of(programme, beside, float(slope.mean())) > 1e-3  # spends more than the budget


def test_what_has_no_answer_is_refused() -> None:
    covariance, _ = factor_world(4, 2)
    with pytest.raises(InputError, match="no portfolio keeps all"):
        solve_programme(least_variance(covariance, 0.2))
    with pytest.raises(InputError, match="lower bound"):
        solve_programme(Programme(covariance, np.zeros(4), np.ones(4), 1.0, np.full(4, 0.5), np.full(4, 0.2)))
    with pytest.raises(DataError, match="not a number"):
        solve_programme(least_variance(np.full((4, 4), np.nan)))
    with pytest.raises(InputError, match="does not belong"):
        solve_programme(Programme(covariance, np.zeros(3), np.ones(3), 1.0, np.zeros(3), np.ones(3)))
