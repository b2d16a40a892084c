from __future__ import annotations

import math

import numpy as np
import pytest

from desk.errors import DataError, InputError
from desk.risk import measures
from desk.risk.whatif import ScenarioBook


def test_the_tail_of_a_hundred_at_ninety_five_is_five():
    returns = np.arange(-50, 50) / 1000
    assert measures.historical_var(returns, 0.95) == pytest.approx(0.046)
    assert measures.historical_cvar(returns, 0.95) == pytest.approx(0.048)
    assert measures.tail_size(1000, 0.99) == 10
    assert measures.tail_size(10, 0.99) == 1


def test_parametric_measures_agree_with_the_normal_they_describe():
    draws = np.random.default_rng(7).normal(0.001, 0.02, 400_000)
    assert measures.parametric_var(0.001, 0.02, 0.99) == pytest.approx(measures.historical_var(draws, 0.99), rel=0.02)
    assert measures.parametric_cvar(0.001, 0.02, 0.99) == pytest.approx(measures.historical_cvar(draws, 0.99), rel=0.02)
    assert measures.parametric_var(0.0, 1.0, 0.99) == pytest.approx(2.3263479)


def test_ratios_and_drawdown_on_hand_made_returns():
    returns = np.array([0.10, -0.20, 0.05, 0.10])
    assert measures.max_drawdown(returns) == pytest.approx(0.20)
    assert measures.max_drawdown(np.array([0.1, 0.1])) == 0
    assert measures.sharpe(returns, periods=1) == pytest.approx(returns.mean() / returns.std(ddof=1))
    assert measures.sortino(returns, periods=1) == pytest.approx(returns.mean() / math.sqrt(0.04 / 4))
    assert measures.volatility(returns, periods=4) == pytest.approx(returns.std(ddof=1) * 2)
    weights = np.array([0.5, 0.5])
    assert measures.portfolio_deviation(weights, np.eye(2) * 0.04) == pytest.approx(math.sqrt(0.02))


@pytest.mark.parametrize("returns", [np.array([]), np.array([0.1]), np.array([0.1, np.nan]), np.zeros((2, 2))])
def test_nothing_is_guessed(returns: measures.Vector) -> None:
    with pytest.raises(DataError):
        measures.historical_var(returns)


def test_undefined_ratios_raise():
    with pytest.raises(DataError, match="Sharpe"):
        measures.sharpe(np.array([0.01, 0.01, 0.01]))
    with pytest.raises(DataError, match="Sortino"):
        measures.sortino(np.array([0.01, 0.02]))
    with pytest.raises(InputError, match="confidence"):
        measures.historical_var(np.array([0.1, 0.2]), 1.0)


def test_the_incremental_answer_is_the_full_one():
    dice = np.random.default_rng(3)
    names = [f"I{n}" for n in range(20)]
    changes = dice.normal(0, 2, (1000, 20))
    units = dict(zip(names, dice.integers(-50, 50, 20).astype(float), strict=True))
    book = ScenarioBook(names, changes)
    book.hold(units)
    for name, traded in [("I3", 40.0), ("I7", -90.0)]:
        found = book.what_if(name, traded)
        assert found.before == book.loss
        book.fill(name, traded)
        units[name] += traded
        pnl = changes @ np.array([units[n] for n in names])
        assert found.after == pytest.approx((measures.historical_var(pnl), measures.historical_cvar(pnl)))
        assert book.loss == pytest.approx(found.after)
    with pytest.raises(InputError, match="NONE"):
        book.what_if("NONE", 1)
