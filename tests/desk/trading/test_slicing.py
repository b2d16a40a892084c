"""Plans: whole lots that sum exactly, rise, and lie between start and end, whatever is asked."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.instruments import AssetClass
from desk.market.volume import VolumeCurve, curve_of
from desk.trading.impact import Liquidity, expected_cost, linear_impact, timing_risk
from desk.trading.slicing import (
    RISK_AVERSION,
    Impact,
    Kind,
    Plan,
    Urgency,
    due_at,
    plan_shortfall,
    plan_twap,
    plan_volume,
    plan_vwap,
    trajectory_rate,
    usual_slices,
    volume_due,
)

OPEN = datetime(2022, 12, 28, 14, 30, 30, tzinfo=UTC)
STOCKS = curve_of(AssetClass.STOCK)
ENDLESS = VolumeCurve(0, 86_400, False, "flat")
IMPACT = Impact(sigma=2.5, eta=3e-7, gamma=3e-8, days=0.15)

lots = st.integers(1, 10**9)
slices = st.integers(1, 600)
spans = st.tuples(st.integers(0, 20_000), st.integers(10, 3_300)).map(
    lambda pair: (OPEN + timedelta(seconds=pair[0]), OPEN + timedelta(seconds=pair[0] + pair[1]))
)


def check(plan: Plan, wanted: int, start: datetime, end: datetime) -> None:
    assert sum(each.lots for each in plan) == wanted == plan[-1].total
    assert all(each.lots >= 1 and isinstance(each.lots, int) for each in plan)
    assert all(start < each.at < end for each in plan)
    assert all(a.at < b.at and a.total < b.total for a, b in pairwise(plan))
    assert due_at(plan, start) == 0
    assert due_at(plan, end) == wanted


@given(lots, spans, slices)
def test_twap_is_exact_to_a_lot(wanted, span, count):
    plan = plan_twap(wanted, span[0], span[1], count)
    check(plan, wanted, *span)
    number = min(wanted, count, 500)
    assert len(plan) == number
    assert {each.lots for each in plan} <= {wanted // number, -(-wanted // number)}
    for k, each in enumerate(plan, 1):  # never more than half a lot from the straight line
        assert abs(each.total * number - wanted * k) * 2 <= number


@given(lots, spans, slices)
def test_vwap_follows_the_curve_to_half_a_lot(wanted, span, count):
    plan = plan_vwap(wanted, span[0], span[1], count, STOCKS)
    check(plan, wanted, *span)
    number = min(wanted, count, 500)
    step = (span[1] - span[0]) / number
    for each in plan:
        ends = span[0] + step * round((each.at - span[0]) / step + 0.5)
        ideal = wanted * STOCKS.share(span[0], ends) / STOCKS.share(*span)
        assert abs(each.total - ideal) <= 0.5 + 1e-9 * wanted or ends > span[1] - step / 2


@given(lots, spans, slices, st.sampled_from(list(Urgency)), st.floats(0, 1e4), st.floats(1e-12, 1e3))
def test_shortfall_plans_are_whole_and_exact_for_any_market(wanted, span, count, urgency, sigma, eta):
    plan = plan_shortfall(wanted, span[0], span[1], count, urgency, Impact(sigma, eta, eta / 10, 0.15))
    check(plan, wanted, *span)


@given(st.integers(0, 10**9), st.integers(1, 5_000), lots)
def test_participation_is_never_above_its_share_of_all_volume(printed, rate, wanted):
    due = volume_due(printed, rate, wanted)
    assert 0 <= due <= wanted
    assert due * 10_000 <= rate * (due + printed)


@given(lots, spans, st.integers(1, 100), st.integers(1, 5_000), st.data())
def test_a_volume_plan_rises_and_never_passes_the_quantity(wanted, span, count, rate, data):
    prints = sorted(data.draw(st.lists(st.integers(0, 10**7), min_size=count, max_size=count)))
    plan = plan_volume(wanted, span[0], span[1], count, prints, rate)
    assert sum(each.lots for each in plan) == volume_due(prints[-1], rate, wanted)
    assert all(span[0] < each.at < span[1] and each.lots >= 1 for each in plan)


def test_urgency_brings_forward():
    start, end = OPEN, OPEN + timedelta(hours=1)
    first = [plan_shortfall(10_000, start, end, 10, urgency, IMPACT)[0].lots for urgency in Urgency]
    assert first == sorted(first)
    assert first[0] < 1.2 * 1_000 < 2 * 1_000 < first[-1]
    no_risk = plan_shortfall(10_000, start, end, 10, Urgency.HIGH, IMPACT._replace(sigma=0.0))
    assert {each.lots for each in no_risk} == {1_000}


def test_the_trajectory_is_that_of_the_paper():
    """Almgren and Chriss (2000), the worked example: lambda 1e-6 gives a kappa of 0.61 a day."""
    impact = Impact(sigma=0.95, eta=2.5e-6, gamma=2.5e-7, days=5)
    kappa = trajectory_rate(1e-6, impact, 5)
    assert kappa == pytest.approx(0.61, abs=0.01)
    assert RISK_AVERSION[Urgency.MEDIUM] == 1e-6
    plan = plan_shortfall(1_000_000, OPEN, OPEN + timedelta(hours=5), 5, Urgency.MEDIUM, impact)
    left = [1_000_000 - each.total for each in plan]
    exact = [1e6 * math.sinh(kappa * (5 - j)) / math.sinh(kappa * 5) for j in range(1, 6)]
    assert left == [pytest.approx(x, abs=0.5) for x in exact]


def test_the_impact_model_is_that_of_the_paper():
    """Almgren et al. (2005), IBM: 10 % of a day's volume in half a day is 20 bp permanent, 8 temporary."""
    plan = plan_twap(656_100, OPEN, OPEN + timedelta(seconds=11_700), 100)
    market = Liquidity(sigma=0.0157, spread=0.0, daily_lots=6_561_000, session_s=23_400)
    found = expected_cost(plan, OPEN, market, 0.0, 0.5)
    theta = (1_728 / 6.561) ** 0.25 / 200**0.25  # the paper knows IBM's shares outstanding
    assert 2 * found.permanent * theta == pytest.approx(19.9, abs=0.2)
    assert found.temporary == pytest.approx(8.5, abs=0.2)
    assert found.total == pytest.approx(found.permanent + found.temporary)
    assert found.low < found.total < found.high


def test_timing_risk_of_an_even_plan_is_a_third():
    """Of the variance of holding all of it: the integral of (1 - t)^2."""
    plan = plan_twap(100_000, OPEN, OPEN + timedelta(seconds=23_400), 500)
    market = Liquidity(sigma=0.02, spread=0.0, daily_lots=10**6, session_s=23_400)
    assert timing_risk(plan, OPEN, market) == pytest.approx(200 / math.sqrt(3), rel=0.01)


@given(st.sampled_from(list(AssetClass)), st.floats(0, 86_400), st.floats(0, 86_400))
def test_curves_rise_from_nothing_to_all(kind, a, b):
    curve = curve_of(kind)
    assert curve.by(curve.opens) == 0
    assert curve.by(curve.closes) == pytest.approx(1)
    assert curve.by(min(a, b)) <= curve.by(max(a, b)) + 1e-12
    assert curve.label.startswith("model:")


def test_usual_slices_and_the_linear_calibration():
    assert [usual_slices(OPEN, OPEN + timedelta(minutes=m)) for m in (1, 30, 400)] == [4, 30, 120]
    market = Liquidity(sigma=0.02, spread=0.0025, daily_lots=5_000_000, session_s=23_400)
    impact = linear_impact(50.0, market, 1.0, 5.0)
    assert [impact.eta, impact.gamma] == [pytest.approx(2.5e-6), pytest.approx(2.5e-7)]  # the paper's example
    assert ENDLESS.by(43_200) == 0.5
    assert {kind.value for kind in Kind} == {"twap", "vwap", "pov", "shortfall"}
