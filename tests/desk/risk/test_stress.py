"""Stretches replayed, shocks applied, sensitivities found: on the bundled history and on made-up feeds."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.errors import DataError, InputError
from desk.risk.account import daily_returns
from desk.risk.factors import FACTORS, fit_factors
from desk.risk.stress import HISTORY, SHOCKS, Stretch, apply_shock, read_shock, replay_history, stress_all
from desk.trading.liquidity import liquidity_of
from tests.desk.history_feed import history_feed

LEHMAN = next(stretch for stretch in HISTORY if stretch.key == "lehman_2008")
STOCKS_DOWN = next(shock for shock in SHOCKS if shock.key == "stocks_down")


class Young:
    """A feed whose Litecoin was listed ten closes ago."""

    def __init__(self, feed) -> None:
        self.instruments, self.now, self.quote = feed.instruments, feed.now, feed.quote
        self.clocks, self.save = feed.clocks, feed.save
        self._bars = feed.bars

    def bars(self, instrument, *args):
        bars = self._bars(instrument, *args)
        return bars[-10:] if instrument == "CRYPTO:LTCUSD" else bars


@pytest.fixture(scope="module")
def feed(tmp_path_factory):
    return history_feed(tmp_path_factory.mktemp("stress"))


def test_a_holding_moves_as_its_own_closes_did(feed):
    bars = {bar.day: bar.close for bar in feed.bars("XNYS:JPM", date(2008, 9, 1), date(2008, 12, 1))}
    found = replay_history(feed, {"XNYS:JPM": 1000.0}, LEHMAN)
    assert found.pnl == pytest.approx(1000 * (float(bars[date(2008, 11, 20)] / bars[date(2008, 9, 12)]) - 1))
    assert found.pnl < -300
    assert found.left_out == ()


def test_what_had_no_closes_then_is_named_and_not_guessed(feed):
    found = replay_history(feed, {"CRYPTO:BTCUSD": 500.0, "XNAS:AAPL": 100.0}, LEHMAN)
    assert found.left_out == ("CRYPTO:BTCUSD",)
    assert [move.instrument for move in found.moves] == ["XNAS:AAPL"]


def test_every_stretch_is_a_fall_of_the_index(feed):
    for stretch in HISTORY:
        assert replay_history(feed, {"INDEX:SPX": 1.0}, stretch).pnl < -0.05, stretch.name


def test_a_stretch_that_is_not_over_is_not_told(feed):
    keys = {row.key for row in stress_all(feed, {"XNAS:AAPL": 100.0}).rows}
    assert {stretch.key for stretch in HISTORY if stretch.last <= feed.now().date()} <= keys
    future = Stretch("later", "later", date(2030, 1, 1), date(2030, 2, 1))
    assert replay_history(feed, {"XNAS:AAPL": 100.0}, future).left_out == ("XNAS:AAPL",)


def test_a_factor_has_its_own_sensitivity_and_no_other(feed):
    for name, id in FACTORS.items():
        model = fit_factors(feed, {id: 100.0})
        assert model.betas == pytest.approx({**dict.fromkeys(FACTORS, 0.0), name: 100.0}, abs=1e-8)
        assert model.explained == pytest.approx(1.0)


def test_sensitivities_are_those_of_least_squares(feed):
    model = fit_factors(feed, {"XNYS:XOM": 200.0})
    _, returns = daily_returns(feed, [*FACTORS.values(), "XNYS:XOM"])
    design = np.column_stack([np.ones(len(returns)), returns[:, :-1]])
    wanted = np.linalg.solve(design.T @ design, design.T @ (200 * returns[:, -1]))[1:]
    assert list(model.betas.values()) == pytest.approx(list(wanted))
    assert model.betas["oil"] > 2 * model.errors["oil"] > 0


@settings(max_examples=20, deadline=None)
@given(st.floats(-5, 5).filter(lambda by: abs(by) > 1e-6))
def test_twice_the_holding_loses_twice(feed, by):
    held = {"XNAS:AAPL": 100.0, "XNYS:XOM": 50.0}
    grown = {id: value * by for id, value in held.items()}
    for before, after in (
        (replay_history(feed, held, LEHMAN), replay_history(feed, grown, LEHMAN)),
        (apply_shock(feed, held, STOCKS_DOWN), apply_shock(feed, grown, STOCKS_DOWN)),
    ):
        assert after.pnl == pytest.approx(before.pnl * by)


def test_a_class_is_shocked_directly_and_the_rest_left_alone(feed):
    crypto = next(shock for shock in SHOCKS if shock.key == "crypto_down")
    found = apply_shock(feed, {"CRYPTO:BTCUSD": 400.0, "XNAS:AAPL": 100.0}, crypto)
    assert found.pnl == pytest.approx(-200.0)


def test_nothing_held_loses_nothing(feed):
    found = stress_all(feed, {})
    assert found.lacking == ""
    assert {row.pnl for row in found.rows} == {0}
    assert fit_factors(feed, {}).explained == 0


def test_an_own_shock_is_read_and_a_wrong_one_named(feed):
    own = read_shock("equity=-20, crypto=-50")
    assert own.factors == {"equity": -0.2}
    found = apply_shock(feed, {"INDEX:SPX": 100.0, "CRYPTO:BTCUSD": 10.0}, own)
    assert found.pnl == pytest.approx(-25.0)
    for text in ("", "equity", "equity=nan", "moon=3", "equity=-101", "equity=1e9"):
        with pytest.raises(InputError):
            read_shock(text)


def test_too_little_shared_history_is_said_and_history_still_told(feed):
    young, held = Young(feed), {"XNAS:AAPL": 100.0, "CRYPTO:LTCUSD": 1.0}
    found = stress_all(young, held)
    assert "share only" in found.lacking
    assert {row.kind for row in found.rows} == {"historical"}
    with pytest.raises(DataError):
        stress_all(young, held, read_shock("equity=-20"))


def test_larger_holdings_take_longer_and_cost_more(feed):
    small = liquidity_of(feed, {"XNAS:AAPL": 1e6})
    large = liquidity_of(feed, {"XNAS:AAPL": 1e9, "XNYS:KO": 1e6})
    assert small.within_day == 1
    assert 0 < small.cost < 1e4
    assert large.rows[0].instrument == "XNAS:AAPL"
    assert large.days == pytest.approx(10.0)
    assert large.within_day == pytest.approx((1e8 + 1e6) / (1e9 + 1e6))
    assert large.cost / 1e9 > small.cost / 1e6
    assert liquidity_of(feed, {}).days == 0
    assert liquidity_of(feed, {"XNAS:AAPL": -1e6}).cost == pytest.approx(small.cost)
