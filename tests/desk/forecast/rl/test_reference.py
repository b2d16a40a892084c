from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import ttest_ind

from desk.errors import DataError, InputError
from desk.forecast.rl.cartpole import CART, FORCE, HALF, POLE, STEP, CartPoles
from evals.research.reference import RECORD, SEEDS, differ, learn_ours, learn_peers
from evals.research.tasks import build_task


def test_the_interval_is_welchs() -> None:
    dice = np.random.default_rng(2)
    one, other = dice.normal(1, 2, 8), dice.normal(0, 5, 8)
    told = ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    found = differ(one, other)
    assert [found["low"], found["high"]] == pytest.approx([told.low, told.high], abs=1e-3)
    assert differ(np.full(8, 500.0), np.full(8, 500.0)) == {"estimate": 0.0, "low": 0.0, "high": 0.0}


def test_the_record_holds_both_sides_on_the_same_seeds_and_steps_and_its_own_intervals() -> None:
    record = json.loads(RECORD.read_text())
    assert set(record) == {"cartpole", "balancing"}
    for body in record.values():
        assert body["seeds"] == list(SEEDS)
        assert len(body["runs"]["peer"]["curves"]) == len(body["runs"]["ours"]["curves"]) == len(SEEDS)
        assert body["about"]["apart_from_gymnasium"] < 1e-6
        for judged in (part for part in body.values() if isinstance(part, dict) and "difference" in part):
            assert judged["difference"] == pytest.approx(
                differ(np.array(judged["ours"]), np.array(judged["peer"])), abs=2e-3
            )
            assert judged["at_least_equal"] == (judged["difference"]["high"] >= 0)


def test_ours_of_the_record_are_learned_again() -> None:
    """The first seed's training on the pole begins as the record's curve does."""
    task, record = build_task("cartpole"), json.loads(RECORD.read_text())["cartpole"]
    assert record["steps"] == task.settings.steps(task.world.count)
    told = learn_ours(task, SEEDS[:1])
    assert told.curves[0][0] == pytest.approx(record["runs"]["ours"]["curves"][0][0], rel=1e-2)
    assert len(told.curves[0]) == task.settings.rounds


def test_without_the_training_environment_the_peer_is_named(tmp_path) -> None:
    with pytest.raises(DataError, match="make train-rl-peers"):
        learn_peers("cartpole", [1], None, tmp_path / "python")
    with pytest.raises(InputError, match="task 'chess' is not known"):
        build_task("chess")


def test_a_push_on_a_still_pole_is_newtons() -> None:
    """The cart gains F / (M + m / 4) of speed, the pole turns the other way: three quarters of that over its half."""
    world = CartPoles(1)
    world.reset(np.random.default_rng(0))
    world.state[0] = 0.0
    seen, _, done = world.step(np.ones((1, 1)))
    gained = STEP * FORCE / (CART + POLE / 4)
    assert not done[0]
    assert seen[0] == pytest.approx([0.0, gained, 0.0, -0.75 * gained / HALF])
