from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.backtest.market import Action, Market, mend_market
from desk.backtest.portfolio import Seen, run_portfolio
from desk.backtest.report import by_month, by_year, drawdowns, tell
from desk.backtest.venues import CostlyVenue, FreeVenue
from desk.errors import DataError, InputError
from desk.instruments import AssetClass, Instrument

NAN = np.nan


def made(closes, *, kinds=None, currencies=None, rates=None, volumes=None, actions=()):
    table = np.array(closes, dtype=np.float64)
    n = table.shape[1]
    kinds, currencies = kinds or [AssetClass.STOCK] * n, currencies or ["USD"] * n
    known = tuple(
        Instrument(f"XNAS:{chr(65 + k)}", chr(65 + k), kinds[k], currencies[k], Decimal("0.01")) for k in range(n)
    )
    days = tuple(date(2020, 1, 1) + timedelta(days=k) for k in range(len(table)))
    ones = np.ones_like(table)
    return Market(
        known,
        days,
        table,
        ones if rates is None else np.array(rates, dtype=np.float64),
        np.full_like(table, NAN) if volumes is None else np.array(volumes, dtype=np.float64),
        actions=tuple(actions),
    )


def always(*weights, only=None):
    """Wishes these weights after every close, or after the rows given."""

    def decide(seen: Seen):
        return np.array(weights) if only is None or len(seen.days) - 1 in only else None

    return decide


def free(market, decide, **more):
    return run_portfolio(market, decide, FreeVenue(), fractional=True, cash=1000.0, **more)


def test_a_decision_trades_at_the_next_close_and_not_before():
    run = free(made([[10.0], [20.0], [40.0], [40.0]]), always(1.0, only=[0]))
    assert run.wealth.tolist() == [1000, 2000, 2000]
    assert run.weights[:, 0] == pytest.approx([1, 1, 1])
    late = free(made([[10.0], [20.0], [40.0], [40.0]]), always(1.0, only=[1]))
    assert late.wealth.tolist() == [1000, 1000, 1000]


def test_warm_up_is_seen_and_not_judged():
    seen_rows = []

    def decide(seen: Seen):
        seen_rows.append(len(seen.days))
        return np.ones(1)

    run = free(made([[1.0], [2.0], [4.0], [8.0], [4.0]]), decide, first=3)
    assert seen_rows == [1, 2, 3, 4, 5]
    assert run.wealth.tolist() == [2000, 1000]
    assert run.days[0] == date(2020, 1, 4)
    assert run.returns.tolist() == [1.0, -0.5]


def test_the_future_is_not_in_what_a_strategy_can_reach():
    def peek(seen: Seen):
        whole = seen.closes
        while whole.base is not None:
            whole = whole.base
        assert np.isnan(whole[len(seen.days) :]).all()
        with pytest.raises(ValueError, match="read-only"):
            seen.closes[0] = 1.0
        return

    assert free(made([[1.0], [2.0], [3.0]]), peek).stopped is None


def test_a_split_and_a_dividend_leave_wealth_where_it_was():
    split = Action(date(2020, 1, 3), "XNAS:A", "split", 2.0)
    paid = Action(date(2020, 1, 4), "XNAS:A", "dividend", 5.0)
    run = free(made([[100.0], [100.0], [50.0], [45.0]], actions=[split, paid]), always(1.0, only=[0]))
    assert run.wealth == pytest.approx([1000, 1000, 1000])
    short = free(
        made([[100.0], [100.0], [50.0], [45.0]], actions=[split, paid]), always(-1.0, only=[0]), borrow_pct=Decimal(0)
    )
    assert short.wealth == pytest.approx([1000, 1000, 1000])


def test_an_action_on_a_day_without_a_row_counts_on_the_next_and_an_unknown_one_is_refused():
    market = made([[100.0], [100.0], [50.0], [50.0]])
    days = (date(2020, 1, 1), date(2020, 1, 2), date(2020, 1, 6), date(2020, 1, 7))
    split = Action(date(2020, 1, 4), "XNAS:A", "split", 2.0)
    moved = Market(market.instruments, days, market.closes, market.rates, market.volumes, actions=(split,))
    assert free(moved, always(1.0, only=[0])).wealth == pytest.approx([1000, 1000, 1000])
    wrong = made([[1.0], [1.0], [1.0]], actions=[split._replace(instrument="XNAS:Z")])
    with pytest.raises(DataError, match="split of XNAS:Z"):
        free(wrong, always(1.0))


def test_what_is_delisted_pays_its_last_value_and_is_never_bought_again():
    gone = Action(date(2020, 1, 4), "XNAS:A", "delisted", 3.0)
    table = [[10.0, 10.0], [10.0, 10.0], [8.0, 10.0], [NAN, 10.0], [NAN, 10.0]]
    run = free(made(table, actions=[gone]), always(0.5, 0.5, only=[0, 3]))
    assert run.wealth[-1] == pytest.approx(500 / 10 * 3 + 500)
    assert run.weights[-1, 0] == 0


def test_a_missing_day_is_worth_the_last_price_and_the_order_waits():
    table = [[10.0, 10.0], [NAN, 10.0], [20.0, 10.0], [40.0, 10.0]]
    run = free(made(table), always(0.5, 0.5, only=[0]))
    assert run.wealth == pytest.approx([1000, 1000, 1500])
    nobody = made([[10.0], [10.0], [10.0], [20.0]], volumes=[[5.0], [0.0], [5.0], [5.0]])
    assert free(nobody, always(1.0, only=[0])).weights[:, 0] == pytest.approx([0, 1, 1])


def test_currencies_are_converted_at_the_rate_of_the_day():
    """Bought for 100,000 yen that are owed; what it gains is worth the rate of each day."""
    market = made([[100.0], [100.0], [110.0], [110.0]], currencies=["JPY"], rates=[[0.01], [0.01], [0.02], [0.01]])
    assert free(market, always(1.0, only=[0])).wealth == pytest.approx([1000, 1000 + 10_000 * 0.02, 1100])


def test_a_negative_price_can_be_held_and_closed_and_not_opened():
    oil = made([[20.0], [20.0], [-40.0], [-40.0], [10.0]], kinds=[AssetClass.COMMODITY])
    kept = free(mend_market(oil), always(0.5, only=[0]))
    assert kept.wealth == pytest.approx([1000, 1000 - 25 * 60, 1000 - 25 * 60, 1000 - 25 * 10])
    flat = free(mend_market(oil), always(0.5, only=[2, 3]))
    assert flat.trades == 1
    assert flat.wealth[:3] == pytest.approx([1000, 1000, 1000])
    stock = mend_market(made([[20.0], [20.0], [-40.0], [20.0]]))
    assert np.isnan(stock.closes[2, 0])
    assert "not positive" in stock.notes[0].what


def test_lost_wealth_ends_the_decisions():
    asked = []

    def decide(seen: Seen):
        asked.append(len(seen.days))
        return np.array([-1.0])

    run = free(made([[10.0], [10.0], [30.0], [30.0], [30.0]]), decide)
    assert run.wealth[1] < 0
    assert asked == [1, 2]
    told = tell(run, 252)
    assert told.total < -1
    assert told.sharpe is None or np.isfinite(told.sharpe)


def test_borrowing_to_be_short_costs_by_the_day():
    run = free(made([[10.0]] * 4), always(-1.0, only=[0]), borrow_pct=Decimal("36.5"))
    assert run.borrowed == pytest.approx(2 * 1000 * 0.365 / 365)
    assert run.wealth[-1] == pytest.approx(1000 - run.borrowed)


def test_costs_are_spread_impact_and_commission_and_grow_with_size():
    market = made([[100.0]] * 4, volumes=[[10_000.0]] * 4)
    venue = CostlyVenue(market)
    small, large = venue.impact(1, 0, 100.0, 10.0), venue.impact(1, 0, 100.0, 1_000.0)
    assert 0 < small < large < 100
    run = run_portfolio(market, always(1.0, only=[0]), venue, cash=100_000.0)
    assert run.trades == 1
    units = run.traded / (100 * (1 + (2 + venue.impact(1, 0, 100.0, 998.0)) / 10_000))
    assert units == pytest.approx(998)
    assert run.wealth[-1] == pytest.approx(100_000 - run.costs)
    assert run.costs == pytest.approx(run.traded - 99_800 + run.traded / 10_000)


def test_a_strategy_that_raises_says_where_and_keeps_what_it_held():
    def decide(seen: Seen):
        if len(seen.days) == 3:
            raise ZeroDivisionError("nothing to divide")
        return np.ones(1)

    run = free(made([[1.0], [1.0], [2.0], [4.0], [8.0]]), decide)
    assert run.stopped is not None
    assert run.stopped.day == date(2020, 1, 3)
    assert "nothing to divide" in run.stopped.error
    assert run.wealth[-1] == pytest.approx(8000)
    for wrong in (np.array([3.0]), np.ones(2), np.array([NAN])):
        assert free(made([[1.0]] * 3), lambda _, w=wrong: w).stopped is not None


def test_a_jump_waits_for_its_confirmation_and_a_spike_never_counts():
    spike = mend_market(made([[10.0], [10.0], [100.0], [10.0], [10.5]]))
    assert np.isnan(spike.closes[2, 0])
    assert spike.closes[3, 0] == 10.0
    split = mend_market(made([[10.0], [10.0], [5.0], [5.1], [5.0]]))
    assert np.isnan(split.closes[2, 0])
    assert split.closes[3, 0] == 5.1
    assert "split of 2" in split.notes[0].what
    told = Action(date(2020, 1, 3), "XNAS:A", "split", 2.0)
    assert not mend_market(made([[10.0], [10.0], [5.0], [5.1], [5.0]], actions=[told])).notes


def test_a_window_without_days_is_refused():
    with pytest.raises(InputError, match="leave nothing"):
        free(made([[1.0]] * 3), always(1.0), first=3)


def test_months_years_and_drawdowns_multiply_up_to_the_whole():
    dice = np.random.default_rng(3)
    table = 100 * np.exp(np.cumsum(dice.normal(0, 0.02, (900, 1)), axis=0))
    run = free(made(table), always(1.0, only=[0]))
    whole = run.wealth[-1] / run.opening
    assert np.prod([1 + v for v in by_month(run).values()]) == pytest.approx(whole)
    assert np.prod([1 + v for v in by_year(run).values()]) == pytest.approx(whole)
    told = tell(run, 365)
    assert told.drawdown == pytest.approx(drawdowns(run).max())
    assert told.calmar == pytest.approx(told.yearly / told.drawdown)
    assert told.cvar >= told.var > 0
    assert told.exposure == pytest.approx(1.0, abs=0.01)


def test_an_unlikely_sharpe_ratio_is_suspect():
    rising = 100 * 1.002 ** np.arange(300) * (1 + 0.001 * (np.arange(300) % 2))
    assert tell(free(made(rising[:, None]), always(1.0, only=[0])), 252).suspect


@given(
    st.lists(st.tuples(st.floats(20, 900), st.floats(20, 900)), min_size=4, max_size=12),
    st.lists(st.floats(0, 0.5), min_size=12, max_size=12),
)
def test_no_instrument_ever_takes_more_than_its_share_of_whole_lots(closes, shares):
    def decide(seen: Seen):
        share = shares[len(seen.days) - 1]
        return np.array([share, 0.99 - share])

    run = run_portfolio(made(closes), decide, FreeVenue(), cash=100_000.0)
    for row, worth in enumerate(run.wealth.tolist()):
        held = run.weights[row] * worth
        assert held[0] <= shares[row] * worth + 1e-3
        assert held[1] <= (0.99 - shares[row]) * worth + 1e-3
