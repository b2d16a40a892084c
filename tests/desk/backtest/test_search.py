from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from desk.backtest.deflated import deflate, expected_best
from desk.backtest.market import Market
from desk.backtest.search import search, split_row
from desk.backtest.strategies import MOST_TRIALS, STRATEGIES, Strategy
from desk.errors import DataError, InputError
from desk.experiments.portfolios import runner
from desk.instruments import AssetClass, Instrument


def world(rows=900, seed=1, drift=0.0005):
    dice = np.random.default_rng(seed)
    closes = 100 * np.exp(np.cumsum(dice.normal(drift, 0.01, (rows, 2)), axis=0))
    known = tuple(Instrument(f"X:{n}", n, AssetClass.STOCK, "USD", Decimal("0.01")) for n in "AB")
    days = tuple(date(2015, 1, 1) + timedelta(days=k) for k in range(rows))
    return Market(known, days, closes, np.ones_like(closes), np.full_like(closes, np.nan))


def by(strategy):
    return lambda knobs: runner(strategy, knobs, 300, free=True)


@pytest.mark.parametrize("goal", ["sharpe", "sortino", "drawdown"])
def test_the_best_trial_of_the_goal_is_chosen_and_all_are_counted(goal):
    strategy = STRATEGIES["moving_average"]
    found = search(world(), strategy, goal, 300, by(strategy))
    assert len(found.trials) == len(strategy.sets()) == found.deflated.trials <= MOST_TRIALS
    tales = [trial.tale for trial in found.trials if trial.tale.trades]
    values = [-tale.drawdown if goal == "drawdown" else getattr(tale, goal) for tale in tales]
    chosen = found.chosen.tale
    assert max(values) == (-chosen.drawdown if goal == "drawdown" else getattr(chosen, goal))
    assert found.deflated.hurdle > 0


def test_a_trial_that_raises_is_told_and_the_others_go_on():
    def build(knobs, market):
        def decide(seen):
            if knobs["n"] == 2 and len(seen.days) == 500:
                raise ValueError("two")
            return np.ones(2) / 2

        return decide

    strategy = Strategy("odd", "odd", {"n": 1}, {"n": (1, 2, 3)}, build)
    found = search(world(), strategy, "sharpe", 300, by(strategy))
    assert [bool(trial.failed) for trial in found.trials] == [False, True, False]
    assert "ValueError: two" in found.trials[1].failed
    assert found.trials[1].failed.startswith(str(world().days[499]))
    assert found.chosen.knobs["n"] != 2


def test_nonsense_is_refused():
    hold = STRATEGIES["buy_and_hold"]
    with pytest.raises(InputError, match="no knobs"):
        search(world(), hold, "sharpe", 300, by(hold))
    with pytest.raises(InputError, match="--optimise luck"):
        search(world(), STRATEGIES["equal_weight"], "luck", 300, by(hold))
    with pytest.raises(DataError, match="too few to search"):
        split_row(100, 500)
    with pytest.raises(InputError, match="no knob 'speed'"):
        STRATEGIES["equal_weight"].turned([("speed", 3)])
    with pytest.raises(InputError, match="makes no sense"):
        STRATEGIES["moving_average"].turned([("fast", 200)])
    with pytest.raises(InputError, match="not between"):
        STRATEGIES["moving_average"].turned([("slow", 0)])


def test_the_hurdle_is_what_luck_alone_reaches():
    dice = np.random.default_rng(8)
    best = dice.normal(0, 0.05, (4_000, 40)).max(axis=1).mean()
    assert expected_best(0.05, 40) == pytest.approx(best, rel=0.03)


def test_the_deflated_ratio_promotes_noise_about_as_often_as_it_says():
    dice, promoted = np.random.default_rng(5), 0
    for _ in range(200):
        trials = dice.normal(0, 0.01, (20, 500))
        ratios = (trials.mean(axis=1) / trials.std(axis=1, ddof=1) * math.sqrt(252)).tolist()
        promoted += deflate(trials[int(np.argmax(ratios))], ratios, 252).probability > 0.95
    assert promoted <= 10


def test_an_interval_covers_the_truth():
    dice, covered = np.random.default_rng(6), 0
    for _ in range(300):
        found = deflate(dice.standard_t(5, 750) * 0.01 + 0.0005, [1.0], 252)
        truth = 0.0005 / (0.01 * math.sqrt(5 / 3)) * math.sqrt(252)
        covered += found.low <= truth <= found.high
    assert 274 <= covered <= 296


def test_what_cannot_be_judged_is_refused():
    with pytest.raises(DataError, match="too few"):
        deflate(np.ones(10), [1.0], 252)
    with pytest.raises(DataError, match="do not vary"):
        deflate(np.zeros(100), [1.0], 252)
