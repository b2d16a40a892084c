from __future__ import annotations

import numpy as np
import pytest

from desk.backtest.engine import find_lookahead
from desk.errors import DataError
from desk.forecast.baseline import moving_average
from desk.forecast.features import DELAY, WARM_UP, Vector, build_features, build_targets, trailing_mean
from desk.forecast.linear import FIRST_FIT, predict_returns
from desk.market.history import History

AAPL = History().closes(["XNAS:AAPL"]).closes[:3000, 0]


def test_features_of_a_day_need_no_later_close() -> None:
    whole = build_features(AAPL)
    for day in (WARM_UP + 1, 700, 2000):
        assert np.array_equal(build_features(AAPL[: day + 1])[day], whole[day])


def test_a_target_is_the_first_return_a_decision_can_earn() -> None:
    targets = build_targets(AAPL)
    assert targets[10] == pytest.approx(np.log(AAPL[10 + DELAY + 1] / AAPL[10 + DELAY]))
    assert np.isnan(targets[-DELAY - 1 :]).all()
    assert not np.isnan(targets[: -DELAY - 1]).any()


def test_a_cheater_is_caught() -> None:
    def cheat(closes: Vector) -> Vector:
        return np.append(np.diff(closes) > 0, False).astype(np.float64)

    assert find_lookahead(cheat, AAPL, [100, 500, 900]) is not None


def test_ridge_finds_a_pattern_that_is_there() -> None:
    source, shocks = np.random.default_rng(5), np.zeros(3000)
    for day in range(2, 3000):
        shocks[day] = 0.6 * shocks[day - 2] + source.normal(0, 0.01)
    closes = 100 * np.exp(np.cumsum(shocks))
    predicted = predict_returns(closes)
    targets = build_targets(closes)
    known = slice(FIRST_FIT, -2)
    assert np.corrcoef(predicted[known], targets[known])[0, 1] > 0.4
    assert not predicted[:FIRST_FIT].any()


def test_the_moving_average_holds_only_above() -> None:
    rising, falling = np.linspace(100, 200, 300), np.linspace(200, 100, 300)
    assert moving_average(rising)[99:].all()
    assert not moving_average(falling).any()
    assert not moving_average(rising)[:99].any()
    assert trailing_mean(np.arange(5.0), 3) == pytest.approx([0, 0.5, 1, 2, 3])


def test_closes_that_are_no_prices_are_refused() -> None:
    with pytest.raises(DataError):
        moving_average(np.full(300, -1.0))
    with pytest.raises(DataError):
        build_features(np.ones(20))
