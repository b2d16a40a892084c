"""The pole on a cart (Barto, Sutton and Anderson 1983), many side by side: a shared task to compare learners by.

The equations, bounds and 500 steps are those of Gymnasium's CartPole-v1; the time limit ends an episode like a fall.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from desk.forecast.features import Matrix, Vector
from desk.forecast.rl.actions import Categorical

GRAVITY, CART, POLE, HALF, FORCE, STEP = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02
FAR, TILTED, LIMIT = 2.4, 12 * 2 * np.pi / 360, 500
START = 0.05


class CartPoles:
    """See `Environment`: position, speed, angle and its speed are observed; the action pushes left (0) or right (1)."""

    observed, head = 4, Categorical(2)

    def __init__(self, count: int) -> None:
        self.count = count
        self.state, self._age = np.zeros((count, 4)), np.zeros(count)
        self._rng = np.random.default_rng(0)

    def reset(self, rng: np.random.Generator) -> Matrix:
        """See `Environment`."""
        self._rng = rng
        self.state, self._age = rng.uniform(-START, START, (self.count, 4)), np.zeros(self.count)
        return self.state.copy()

    def step(self, actions: Matrix) -> tuple[Matrix, Vector, NDArray[np.bool_]]:
        """See `Environment`. Each step pays 1."""
        x, speed, angle, turn = self.state.T
        push = np.where(actions[:, 0] > 0.5, FORCE, -FORCE)
        cos, sin = np.cos(angle), np.sin(angle)
        pull = (push + POLE * HALF * turn**2 * sin) / (CART + POLE)
        bend = (GRAVITY * sin - cos * pull) / (HALF * (4 / 3 - POLE * cos**2 / (CART + POLE)))
        drift = pull - POLE * HALF * bend * cos / (CART + POLE)
        moved = np.stack((x + STEP * speed, speed + STEP * drift, angle + STEP * turn, turn + STEP * bend), axis=1)
        self._age += 1
        done = (np.abs(moved[:, 0]) > FAR) | (np.abs(moved[:, 2]) > TILTED) | (self._age >= LIMIT)
        moved[done] = self._rng.uniform(-START, START, (int(done.sum()), 4))
        self._age[done] = 0
        self.state = moved
        return moved.copy(), np.ones(self.count), done
