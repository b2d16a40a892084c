from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from desk.backtest.costs import Costs, costs_of
from desk.backtest.engine import run_backtest
from desk.backtest.gated import GateVenue
from desk.errors import DataError, InputError
from desk.forecast.baseline import moving_average
from desk.instruments import AssetClass, Instrument
from desk.market.history import History

FREE = Costs(0.0, 0.0, 0.0)
AAPL = History().closes(["XNAS:AAPL"]).closes[-1500:, 0]


def test_a_decision_trades_at_the_next_close_in_whole_units() -> None:
    closes, decisions = np.array([10.0, 20.0, 40.0, 40.0]), np.array([1.0, 0.0, 0.0, 0.0])
    run = run_backtest(closes, decisions, FREE, cash=105.0)
    assert run.wealth.tolist() == [105, 105, 205, 205]  # 5 units bought at 20, sold at 40
    assert run.measures.trades == 2
    late = run_backtest(closes, decisions, FREE, cash=105.0, delay=2)
    assert late.wealth[-1] == 105


def test_costs_are_commission_and_half_the_spread_on_both_sides() -> None:
    closes, decisions = np.full(5, 100.0), np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    run = run_backtest(closes, decisions, Costs(10.0, 1.0, 5.0), cash=10_150.0)
    assert run.measures.trades == 2
    bought, sold = 101 * 100 * 1.0005, 101 * 100 * 0.9995
    assert run.measures.costs == pytest.approx((bought + sold) * 0.001 + 101 * 100 * 0.001)
    assert run.wealth[-1] == pytest.approx(10_150 - run.measures.costs)


def test_buying_never_spends_more_than_the_cash() -> None:
    source = np.random.default_rng(1)
    decisions = (source.random(1500) > 0.5).astype(np.float64)
    costs = Costs(50.0, 10.0, 100.0)
    cash: list[float] = []

    class Watcher:
        held, left = 0.0, 5_000.0

        def trade(self, day: int, close: float, units: float) -> object:
            from desk.backtest.engine import PlainVenue

            done = PlainVenue(costs).trade(day, close, units)
            self.held, self.left = self.held + done.units, self.left - done.paid - done.fee
            cash.append(self.left)
            assert self.held >= 0
            assert units == int(units)
            return done

    run_backtest(AAPL, decisions, costs, cash=5_000.0, venue=Watcher())  # type: ignore[arg-type]
    assert len(cash) > 100
    assert min(cash) >= 0


def test_the_gate_and_the_plain_twin_agree() -> None:
    apple = Instrument("XNAS:AAPL", "Apple", AssetClass.STOCK, "USD", Decimal("0.01"))
    days = [date(2015, 1, 1) + timedelta(days=n) for n in range(AAPL.size)]
    costs, cash = costs_of(AssetClass.STOCK), 20_000.0
    decisions = moving_average(AAPL)
    venue = GateVenue(apple, days, AAPL, costs, cash)
    gated = run_backtest(AAPL, decisions, costs, cash=cash, venue=venue)
    plain = run_backtest(AAPL, decisions, costs, cash=cash)
    assert venue.refused == 0
    assert gated.measures.trades == plain.measures.trades > 5
    assert gated.wealth == pytest.approx(plain.wealth, rel=0.01)


def test_nonsense_is_refused() -> None:
    closes = np.full(10, 5.0)
    with pytest.raises(InputError, match="between 0 and 1"):
        run_backtest(closes, np.full(10, 2.0), FREE)
    with pytest.raises(InputError, match="not one history"):
        run_backtest(closes, np.ones(9), FREE)
    with pytest.raises(InputError, match="trade at the close that decided it"):
        run_backtest(closes, np.ones(10), FREE, delay=0)
    with pytest.raises(DataError):
        run_backtest(np.zeros(10), np.ones(10), FREE)
