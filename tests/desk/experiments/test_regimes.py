from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from desk.experiments.arms import follow_regimes
from desk.experiments.closes import Closes
from desk.experiments.regimes import follow_states, net_gains
from desk.forecast.features import Vector
from desk.forecast.registry import Registry
from desk.forecast.states import NONE, SETTLED, implied_spread, market_states, middle_so_far, name_state
from desk.market.history import History

STOCK = History().instruments.get("XNAS:AAPL")


def prices(days: Vector) -> Vector:
    return np.asarray(100 * np.exp(np.cumsum(days)))


def test_states_are_known_on_their_day() -> None:
    closes = History().closes(["XNAS:AAPL"]).closes[:1200, 0]
    whole = market_states(closes)
    for day in (SETTLED, 700, 1000):
        poisoned = closes.copy()
        poisoned[day + 1 :] *= 2.0
        assert np.array_equal(market_states(poisoned)[: day + 1], whole[: day + 1])
    assert (whole[:SETTLED] == NONE).all()
    assert set(np.unique(whole[SETTLED:])) <= set(range(8))
    assert name_state(6) == "wild, rising, liquid"
    assert name_state(1) == "calm, falling, thin"
    assert name_state(NONE) == "unsettled"


def test_wild_falling_and_bouncing_markets_are_told() -> None:
    dice = np.random.default_rng(2)
    calm, wild = dice.normal(0.001, 0.005, 600), dice.normal(-0.004, 0.03, 100)
    states = market_states(prices(np.concatenate((calm, wild))))
    assert (states[640:] >> 2 & 1).all()
    assert not (states[660:] >> 1 & 1).any()
    bounce = np.log(100 + 0.5 * dice.choice([-1.0, 1.0], 400))
    assert implied_spread(np.diff(bounce, prepend=bounce[0]))[-1] > 0.007
    assert middle_so_far(np.array([3.0, 1.0, 2.0])).tolist() == [3.0, 2.0, 2.0]


def test_gains_come_two_closes_after_the_decision_and_pay_for_the_trade() -> None:
    closes = np.array([100.0, 100.0, 110.0, 121.0, 121.0])
    decisions = np.array([0.0, 1.0, 0.0, 0.0, 0.0])
    assert np.allclose(net_gains(closes, decisions, 0.01), [0, 0, 0, 0.1 - 0.01, -0.01])


def test_an_arm_is_followed_only_in_the_state_where_it_is_better() -> None:
    """Two days after a rise it goes on in wild markets and back in calm ones."""
    dice, days = np.random.default_rng(5), np.zeros(5000)
    for day in range(2, 5000):
        wild = (day // 250) % 2 == 1
        size = 0.02 if wild else 0.008
        days[day] = dice.normal(0, size) + (0.35 if wild else -0.35) * size * np.sign(days[day - 2])
    closes = prices(days)
    rose = np.asarray(np.diff(closes, prepend=closes[0]) > 0, dtype=np.float64)
    arms, begins = {"goes on": rose, "goes back": 1 - rose}, {"goes on": 0, "goes back": 0}
    followed = follow_states(closes, arms, begins, 2500, 0.0003)
    states = market_states(closes)
    later = np.arange(5000) >= 3500
    in_wild, in_calm = followed.arms[later & (states >= 4)], followed.arms[later & (states < 4)]
    assert (in_wild == 0).mean() > 0.7 > 0.1 > (in_wild == 1).mean()
    assert (in_calm == 1).mean() > 0.7 > 0.1 > (in_calm == 0).mean()


def test_without_an_edge_the_baseline_is_held() -> None:
    closes = prices(np.random.default_rng(3).normal(0.0003, 0.012, 2600))
    days = [date(2001, 1, 1) + timedelta(n) for n in range(2600)]
    followed = follow_regimes(Closes(STOCK, days, closes, 1500), Registry())
    assert (followed.arms == -1).all()
    assert followed.decisions[-1500:].all()
