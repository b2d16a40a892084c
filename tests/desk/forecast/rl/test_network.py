from __future__ import annotations

import numpy as np
import pytest

from desk.errors import InputError
from desk.forecast.rl.actions import Categorical, Gaussian, to_simplex
from desk.forecast.rl.network import Mlp, fresh_adam

DICE = np.random.default_rng(5)
STEP = 1e-6


def numeric(function, at: np.ndarray) -> np.ndarray:
    """The gradient of a function of (k,) by central differences."""
    found = np.empty_like(at)
    for n in range(at.size):
        up, down = at.copy(), at.copy()
        up[n] += STEP
        down[n] -= STEP
        found[n] = (function(up) - function(down)) / (2 * STEP)
    return found


def test_the_networks_gradient_is_that_of_finite_differences():
    net = Mlp((3, 5, 4, 2))
    theta, seen, target = net.draw(DICE, 1.0), DICE.normal(size=(7, 3)), DICE.normal(size=(7, 2))

    def loss(at: np.ndarray) -> float:
        return float(((net.forward(at, seen)[-1] - target) ** 2).sum())

    values = net.forward(theta, seen)
    found = net.backward(theta, values, 2 * (values[-1] - target))
    assert found == pytest.approx(numeric(loss, theta), rel=1e-5, abs=1e-6)


def test_weights_begin_orthogonal_and_small_at_the_end():
    theta = Mlp((4, 8, 2)).draw(DICE, 0.01)
    first, last = theta[:32].reshape(4, 8), theta[40:56].reshape(8, 2)
    assert first @ first.T == pytest.approx(2 * np.eye(4))
    assert last.T @ last == pytest.approx(1e-4 * np.eye(2))
    with pytest.raises(InputError, match="no network"):
        Mlp((3,))


@pytest.mark.parametrize(
    ("head", "actions"), [(Categorical(4), DICE.integers(0, 4, (6, 1)).astype(float)), (Gaussian(3), None)]
)
def test_heads_slopes_are_those_of_finite_differences(head, actions):
    said, own, by = DICE.normal(size=(6, head.outputs)), DICE.normal(size=head.free) / 3, DICE.normal(size=6)
    drawn = head.sample(said, own, DICE) if actions is None else actions

    def worth(at: np.ndarray) -> float:
        outputs, free = at[: said.size].reshape(said.shape), at[said.size :]
        return float(by @ head.log_chance(outputs, free, drawn) + 0.3 * head.entropy(outputs, free).sum())

    found = head.slopes(said, own, drawn, by, 0.3)
    whole = numeric(worth, np.concatenate((said.ravel(), own)))
    assert np.concatenate((found.outputs.ravel(), found.free)) == pytest.approx(whole, rel=1e-5, abs=1e-7)


def test_samples_have_the_chances_that_the_head_tells():
    said = np.tile([0.3, -1.0, 1.2], (40_000, 1))
    drawn = Categorical(3).sample(said, np.zeros(0), DICE)[:, 0]
    shares = np.bincount(drawn.astype(int)) / 40_000
    told = [np.exp(Categorical(3).log_chance(said[:1], np.zeros(0), np.array([[float(n)]])))[0] for n in range(3)]
    assert shares == pytest.approx(told, abs=4 * 0.5 / 200)
    assert Categorical(3).best(said)[0, 0] == 2.0
    wide = Gaussian(2).sample(np.tile([1.0, -2.0], (40_000, 1)), np.log([0.5, 2.0]), DICE)
    assert wide.std(axis=0) == pytest.approx([0.5, 2.0], rel=0.03)
    assert wide.mean(axis=0) == pytest.approx([1.0, -2.0], abs=0.05)


def test_scores_become_shares():
    shares = to_simplex(np.array([[0.0, 0.0, 0.0, 0.0], [800.0, 0.0, 0.0, -800.0]]))
    assert shares[0] == pytest.approx([0.25] * 4)
    assert shares[1] == pytest.approx([1.0, 0.0, 0.0, 0.0])
    assert shares.sum(axis=1) == pytest.approx([1.0, 1.0])


def test_adam_goes_down_and_no_step_is_longer_than_the_norm_allows():
    theta, adam = np.array([3.0, -2.0]), fresh_adam(2)
    for _ in range(2_000):
        adam.step(theta, 2 * theta, 0.01, 0.5)
    assert np.abs(theta).max() < 1e-2
    one, other, small, large = np.zeros(2), np.zeros(2), fresh_adam(2), fresh_adam(2)
    small.step(one, np.array([0.3, 0.4]), 0.1, 0.5)
    large.step(other, np.array([300.0, 400.0]), 0.1, 0.5)
    assert other == pytest.approx(one)
