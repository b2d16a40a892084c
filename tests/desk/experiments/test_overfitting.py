from __future__ import annotations

import numpy as np
import pytest

from desk.backtest.deflated import expected_best
from desk.errors import InputError
from desk.experiments.overfitting import adjusted, deflated_sharpe, overfitting
from desk.experiments.selection import select

DICE = np.random.default_rng(8)


def test_the_expected_best_is_the_expected_highest_of_so_many_normals() -> None:
    for trials in (2, 10, 100):
        highest = DICE.normal(0, 1, (20_000, trials)).max(axis=1).mean()
        assert expected_best(1.0, trials) == pytest.approx(highest, abs=0.07)
    assert expected_best(1.0, 1) == 0.0


def test_the_luck_of_the_published_example() -> None:
    """Bailey and Lopez de Prado 2014, section 5: yearly ratio 2.5, 100 trials of variance 1/2, five years of days
    (normal ones here)."""
    source = np.random.default_rng(0).normal(0, 1, 1250)
    target = (source - source.mean()) / source.std(ddof=1)
    returns = target + 2.5 / np.sqrt(250)
    luck = expected_best(np.sqrt(0.5 / 250), 100)
    assert luck == pytest.approx(0.1132, abs=0.0005)
    assert deflated_sharpe(returns, float(np.sqrt(0.5 / 250)), 100) == pytest.approx(0.94, abs=0.02)
    assert deflated_sharpe(np.zeros(1250), 0.1, 100) == 0.0


def test_overfitting_is_likely_among_noise_and_unlikely_with_skill() -> None:
    noise = DICE.normal(0, 0.01, (2000, 10))
    assert overfitting(noise) > 0.25
    skilled = noise.copy()
    skilled[:, 3] += 0.002
    assert overfitting(skilled) < 0.02
    halves = noise[:1600].copy()
    for arm in range(10):  # each is best in its own stretch and poor elsewhere
        halves[:, arm] -= 0.001
        halves[arm * 160 : (arm + 1) * 160, arm] += 0.012
    assert overfitting(halves) > 0.5
    with pytest.raises(InputError, match="too few for 16 blocks"):
        overfitting(noise[:20])


def test_chances_are_adjusted_step_by_step() -> None:
    assert adjusted([0.01, 0.04, 0.03], 3) == pytest.approx((0.03, 0.06, 0.06))
    assert adjusted([0.6, 0.001], 4) == pytest.approx((1.0, 0.004))
    assert adjusted([], 0) == ()


def test_a_lead_that_luck_explains_wins_nothing() -> None:
    base = np.random.default_rng(1).normal(0.0004, 0.01, 2500)
    better = base + 0.0011 + np.random.default_rng(2).normal(0, 0.01, 2500)
    few, many = (select("base", {"base": base, "better": better}, trials=n) for n in (1, 1_000))
    assert few.winner == "better"
    assert few.differences[0].deflated > many.differences[0].deflated
    assert few.differences[0].luck < many.differences[0].luck
    assert many.winner is None
    assert few.overfitting < 0.1
