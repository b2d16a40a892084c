from __future__ import annotations

from pathlib import Path

import pytest

from desk.errors import DataError, InputError
from desk.portfolio.limits import Limits
from desk.portfolio.moments import estimate_moments, moments_of, volatility_of
from desk.portfolio.optimise import Wish, optimise
from tests.desk.history_feed import history_feed
from tests.desk.portfolio.test_optimise import SOLVER

FOUR = ("XNAS:AAPL", "XNAS:MSFT", "XNYS:JPM", "XNYS:XOM")


class Saying:
    """A solver that answers as it was told."""

    def __init__(self, reply: dict[str, object]) -> None:
        self.reply = reply

    def ask(self, _request: object) -> dict[str, object]:
        return self.reply


def test_real_history_gives_less_risk_than_equal_weights(tmp_path: Path) -> None:
    moments = estimate_moments(history_feed(tmp_path), FOUR, SOLVER)
    assert moments.days == 504
    found = optimise(Wish("minimum_variance", Limits()), moments, SOLVER)
    assert found.volatility < volatility_of(dict.fromkeys(FOUR, 0.25), moments)
    assert found.volatility == pytest.approx(volatility_of(found.weights, moments))


def test_the_factor_model_is_near_the_shrunk_one(tmp_path: Path) -> None:
    feed = history_feed(tmp_path)
    shrunk = estimate_moments(feed, FOUR, SOLVER)
    factor = estimate_moments(feed, FOUR, SOLVER, estimator="factor")
    equal = dict.fromkeys(FOUR, 0.25)
    assert volatility_of(equal, factor) == pytest.approx(volatility_of(equal, shrunk), rel=0.15)


def test_histories_that_cannot_be_weighed_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least two"):
        estimate_moments(history_feed(tmp_path), FOUR[:1], SOLVER)
    with pytest.raises(DataError, match="share daily closes only up to 2019-01-0"):
        estimate_moments(history_feed(tmp_path), ("XNAS:AAPL", "OTC:WTI"), SOLVER)


@pytest.mark.parametrize("covariance", [[[1.0]], [[float("nan")] * 2] * 2, "none", None])
def test_a_solver_is_never_believed(covariance: object) -> None:
    import numpy as np

    with pytest.raises(DataError, match="finite"):
        moments_of(("X:0", "X:1"), np.zeros((300, 2)), Saying({"covariance": covariance}))


def test_a_problem_without_solution_is_an_error_of_the_solver() -> None:
    broken = {"call": "weigh", "objective": "maximum_sharpe", "mean": [-1.0, -1.0], "covariance": [[1, 0], [0, 1]]}
    assert "error" in SOLVER.ask({**broken, "cap": 1.0, "risk_free": 0.5})
