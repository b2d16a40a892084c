"""Forecasts of value at risk, and the tests that judge them."""

from __future__ import annotations

import numpy as np
import pytest

from desk.errors import DataError
from desk.instruments import AssetClass
from desk.market.history import History
from desk.risk.var_backtest import VarBacktest, backtest_var
from desk.risk.var_forecasts import METHODS, WINDOW, moving_deviation

TEN_YEARS = 2_517


def calm_and_wild(days: int, seed: int) -> np.ndarray:
    """Returns whose volatility moves by itself, with fat tails."""
    source = np.random.default_rng(seed)
    log_deviation = np.empty(days)
    log_deviation[0] = np.log(0.01)
    for day in range(1, days):
        log_deviation[day] = np.log(0.01) + 0.98 * (log_deviation[day - 1] - np.log(0.01)) + source.normal(0, 0.08)
    returns: np.ndarray = np.exp(log_deviation) * source.standard_t(6, days) * np.sqrt(4 / 6)
    return returns


@pytest.mark.parametrize("method", METHODS)
def test_a_forecast_knows_nothing_of_its_own_day_or_later(method: str) -> None:
    returns = calm_and_wild(900, 1)
    whole = METHODS[method][1](returns, 0.99)
    for day in (WINDOW, 700, 898):
        poisoned = returns.copy()
        poisoned[day:] = np.random.default_rng(9).normal(0, 0.5, returns.size - day)
        assert np.array_equal(METHODS[method][1](poisoned, 0.99)[: day + 1], whole[: day + 1], equal_nan=True)


def test_kupiec_is_the_likelihood_ratio_of_the_textbook() -> None:
    """Jorion (2006, table 6-2): over 255 days at 99 % fewer than 7 breaches are accepted."""
    from scipy.stats import binom, chi2

    for breaches, passes in ((3, True), (5, True), (6, True), (7, False), (8, False)):
        found = judged(breaches, 255)
        ratio = 2 * (binom.logpmf(breaches, 255, breaches / 255) - binom.logpmf(breaches, 255, 0.01))
        assert found.breaches == breaches
        assert found.kupiec == pytest.approx(chi2.sf(ratio, 1))
        assert found.passes is passes


def judged(breaches: int, days: int) -> VarBacktest:
    """A history whose normal forecast is breached on so many of the judged days, far apart."""
    returns = np.tile([0.01, -0.01], 600)[: WINDOW + 200 + days]
    at = returns.size - days + np.arange(breaches) * (days // breaches) + 3
    returns[at] = -0.06
    return backtest_var("normal", returns, days)


def test_breaches_in_a_row_are_not_independent() -> None:
    returns = np.tile([0.01, -0.01], 600)
    scattered, clustered = returns.copy(), returns.copy()
    scattered[600::60] = -0.03
    clustered[700:710] = np.linspace(-0.05, -0.9, 10)
    apart, together = (backtest_var("historical", each, 500) for each in (scattered, clustered))
    assert together.independence is not None
    assert together.independence < 0.01
    assert apart.independence is None or apart.independence > 0.05
    assert together.both is not None
    assert together.both < 0.01


def test_moving_volatility_follows_where_plain_history_does_not() -> None:
    """In worlds of moving volatility the filtered forecast passes; the normal one is breached too often."""
    passed, breaches = dict.fromkeys(METHODS, 0), dict.fromkeys(METHODS, 0)
    for seed in range(12):
        returns = calm_and_wild(2_500, seed)
        for method in METHODS:
            found = backtest_var(method, returns, 1_900)
            passed[method] += found.passes
            breaches[method] += found.breaches
    assert passed["filtered"] >= 10
    assert breaches["normal"] > 1.3 * breaches["filtered"]


def test_ten_years_of_twenty_stocks() -> None:
    """Issue 11's bar: the best method passes Kupiec for at least 18 of 20; the others are what they are."""
    history = History()
    stocks = [
        i.id
        for i in history.instruments
        if i.asset_class is AssetClass.STOCK and i.tradable and history.last_day(i.id).year == 2022
    ]
    assert len(stocks) == 20
    passed = dict.fromkeys(METHODS, 0)
    for stock in stocks:
        closes = history.closes([stock]).closes[:, 0]
        returns = closes[1:] / closes[:-1] - 1
        for method in METHODS:
            passed[method] += backtest_var(method, returns, TEN_YEARS).passes
    assert passed["filtered"] >= 18
    assert passed["normal"] < 10


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(DataError, match="too few to judge"):
        backtest_var("normal", np.full(600, 0.01), 590)
    with pytest.raises(DataError, match="nothing to forecast"):
        backtest_var("historical", np.full(300, 0.01), 250)
    with pytest.raises(DataError, match="not all numbers"):
        moving_deviation(np.array([0.01] * 100 + [np.nan]))
