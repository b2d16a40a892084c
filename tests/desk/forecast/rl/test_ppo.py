from __future__ import annotations

import numpy as np
import pytest

from desk.errors import DataError
from desk.forecast.rl.actions import Gaussian
from desk.forecast.rl.cartpole import LIMIT, CartPoles
from desk.forecast.rl.ppo import Batch, Learner, Moments, Settings, advantages, judge
from tests.desk.forecast.rl.test_network import numeric

SMALL = Settings(rounds=3, updates=2, horizon=16, epochs=2, parts=2, hidden=(8,), entropy=0.01)


class Targets:
    """Pays most for an action that equals what is observed; an episode is five steps."""

    observed, head, count = 2, Gaussian(2), 16

    def reset(self, rng):
        self._rng, self._age = rng, 0
        self._at = rng.normal(size=(self.count, 2)) * [3.0, 0.1] + [5.0, 0.0]
        return self._at

    def step(self, actions):
        reward = -((actions - (self._at - [5.0, 0.0]) / [3.0, 0.1]) ** 2).sum(axis=1)
        self._age += 1
        self._at = self._rng.normal(size=(self.count, 2)) * [3.0, 0.1] + [5.0, 0.0]
        return self._at, reward, np.full(self.count, self._age % 5 == 0)


@pytest.mark.parametrize("world", [CartPoles(4), Targets()])
def test_the_whole_losss_gradient_is_that_of_finite_differences(world):
    """Some ratios beyond the clip, so that both sides of the surrogate count."""
    learner, dice = Learner(world, SMALL, 3), np.random.default_rng(8)
    n, head = 20, world.head
    said, own = dice.normal(size=(n, head.outputs)), np.zeros(head.free)
    drawn = head.sample(said, own, dice)
    seen = dice.normal(size=(n, world.observed))
    chances = head.log_chance(learner.actor.forward(learner.theta[: learner.actor.size], seen)[-1], own, drawn)
    off = dice.choice([-0.6, -0.1, 0.05, 0.4], n)
    batch = Batch(seen, drawn, chances + off, dice.normal(size=n), dice.normal(size=n))
    _, found = learner.loss(learner.theta, batch)
    whole = numeric(lambda at: learner.loss(at, batch)[0], learner.theta)
    assert found == pytest.approx(whole, rel=1e-5, abs=1e-7)


def test_advantages_are_those_of_the_definition():
    dice = np.random.default_rng(2)
    rewards, values, stops = dice.normal(size=(6, 2)), dice.normal(size=(7, 2)), np.zeros((6, 2))
    stops[2, 0] = 1.0
    found = advantages(rewards, values, stops, 0.9, 0.8)
    for n, t in ((0, 0), (0, 3), (1, 0)):
        total, weight = 0.0, 1.0
        for k in range(t, 6):
            on = 1 - stops[k, n]
            total += weight * (rewards[k, n] + 0.9 * values[k + 1, n] * on - values[k, n])
            weight *= 0.9 * 0.8 * on
        assert found[t, n] == pytest.approx(total)


def test_moments_are_those_of_all_rows():
    rows = np.random.default_rng(1).normal(3.0, 2.0, (90, 2))
    moments = Moments(np.zeros(2), np.ones(2), np.full(1, 1e-9))
    for part in np.array_split(rows, 7):
        moments.learn(part)
    assert moments.mean == pytest.approx(rows.mean(axis=0))
    assert moments.variance == pytest.approx(rows.var(axis=0))
    assert np.abs(moments.scale(np.array([[1e9, -1e9]]))).max() == 10.0


def test_it_balances_a_pole_for_more_than_400_steps():
    settings = Settings(rounds=10, updates=10, horizon=64, rate=2e-3, discount=0.98)
    learner = Learner(CartPoles(32), settings, 1)
    before = judge(learner.policy(), CartPoles(64), 9, 1)
    after = judge(learner.learn(), CartPoles(64), 9, 2)
    assert before.mean() < 100
    assert after.shape == (2, 64)
    assert after.mean() > 400
    assert after.max() <= LIMIT
    assert learner.curve[0].mean < learner.curve[-1].mean


def test_it_learns_numbers_too_and_says_how_wide():
    """Saying nothing loses two a step, five steps an episode; the deviations of its actions fall as well."""
    learner = Learner(Targets(), Settings(rounds=6, updates=10, horizon=20, rate=5e-3, hidden=(32,)), 4)
    assert judge(learner.policy(), Targets(), 3, 4).mean() == pytest.approx(-10.0, abs=2.0)
    assert judge(learner.learn(), Targets(), 3, 4).mean() > -1.0
    assert learner.theta[-2:].max() < 0.0


def test_one_seed_gives_the_same_weights_and_a_stopped_training_goes_on_to_them(tmp_path):
    whole = Learner(CartPoles(8), SMALL, 7)
    whole.learn()
    again = Learner(CartPoles(8), SMALL, 7)
    again.learn()
    assert again.theta.tobytes() == whole.theta.tobytes()
    other = Learner(CartPoles(8), SMALL, 8)
    other.learn()
    assert other.theta.tobytes() != whole.theta.tobytes()

    class Stopped(Exception):
        pass

    def stop(round_):
        if round_.number == 2:
            raise Stopped

    state = tmp_path / "state.npz"
    with pytest.raises(Stopped):
        Learner(CartPoles(8), SMALL, 7).learn(state, stop)
    rest = Learner(CartPoles(8), SMALL, 7)
    numbers: list[int] = []
    rest.learn(state, lambda round_: numbers.append(round_.number))
    assert numbers == [2, 3]
    assert rest.theta.tobytes() == whole.theta.tobytes()
    assert repr(rest.curve) == repr(whole.curve)
    with pytest.raises(DataError, match="another training"):
        Learner(CartPoles(8), SMALL, 9).learn(state)
