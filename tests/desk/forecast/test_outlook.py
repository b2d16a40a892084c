from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from desk.errors import InputError
from desk.forecast.features import Vector
from desk.forecast.intervals import LEAST, chance_up, conformal, coverage
from desk.forecast.outlook import return_outlook, volatility_outlook
from desk.market.history import History

AAPL = History().closes(["XNAS:AAPL"]).closes[:, 0]
HALF = slice(AAPL.size // 2, None)


def test_ninety_percent_intervals_hold_ninety_percent_of_the_second_half() -> None:
    said, up = return_outlook(AAPL, np.zeros(AAPL.size))
    wild = volatility_outlook(AAPL)
    for outlook in (said, wild):
        share, count = coverage(outlook.outcome, outlook.intervals, HALF)
        assert 0.87 <= share <= 0.93
        assert count > 4_000
    known = np.isfinite(up) & np.isfinite(said.outcome)
    above = (said.outcome > 0)[known]
    assert float(up[known].mean()) == pytest.approx(above.mean(), abs=0.02)


def test_intervals_adapt_when_the_market_turns_wild() -> None:
    dice = np.random.default_rng(1)
    outcomes = np.concatenate((dice.normal(0, 1, 1500), dice.normal(0, 4, 1500)))
    flat, ones = np.zeros(3000), np.ones(3000)
    adaptive, still = (conformal(flat, ones, outcomes, 2, gamma=g) for g in (0.01, 0.0))
    late = slice(1500, 2000)
    assert coverage(outcomes, adaptive, late)[0] > coverage(outcomes, still, late)[0]
    assert coverage(outcomes, adaptive, slice(2000, 3000))[0] == pytest.approx(0.9, abs=0.03)


def test_lopsided_outcomes_get_lopsided_intervals() -> None:
    outcomes = np.random.default_rng(2).exponential(1.0, 2000)
    said = conformal(np.zeros(2000), np.ones(2000), outcomes, 2)
    assert said.high[-1] > 2.0
    assert 0.0 < said.low[-1] < 0.3
    assert chance_up(np.zeros(2000), np.ones(2000), outcomes, 2)[-1] > 0.99


def test_nothing_is_said_before_enough_is_known() -> None:
    outcomes = np.random.default_rng(2).normal(0, 1, 400)
    said = conformal(np.zeros(400), np.ones(400), outcomes, 2)
    assert np.isnan(said.low[: LEAST + 1]).all()
    assert np.isfinite(said.low[LEAST + 1 :]).all()
    assert coverage(outcomes, said, slice(0, 50))[1] == 0
    with pytest.raises(InputError, match="not between"):
        conformal(outcomes, outcomes, outcomes, 2, level=1.0)


@pytest.mark.parametrize(
    "look",
    [
        lambda closes: return_outlook(closes, np.zeros(closes.size))[0].intervals,
        lambda closes: return_outlook(closes, np.zeros(closes.size))[1:],
        lambda closes: volatility_outlook(closes).intervals,
    ],
)
def test_poisoned_futures_change_no_interval_of_the_past(look: Callable[[Vector], tuple[Vector, ...]]) -> None:
    closes = AAPL[:1500]
    truth = look(closes)
    for day in (400, 900, 1300):
        poisoned = closes.copy()
        poisoned[day + 1 :] *= 3.0
        for before, after in zip(truth, look(poisoned), strict=True):
            assert np.array_equal(before[: day + 1], after[: day + 1], equal_nan=True)


def test_a_series_that_never_moves_has_an_interval_of_nothing() -> None:
    said, _ = return_outlook(np.full(600, 5.0), np.zeros(600))
    assert float(said.intervals.high[-1]) == pytest.approx(0.0, abs=1e-12)
    assert np.isfinite(volatility_outlook(np.full(600, 5.0)).intervals.high[-1])
