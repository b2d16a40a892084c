"""What a policy's outputs mean: one of several choices, or numbers around a mean; and scores as weights."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from desk.forecast.features import Matrix, Vector

LOG_2PI = float(np.log(2 * np.pi))


class Slopes(NamedTuple):
    """Over the outputs (n, outputs) and over the head's own parameters (free,)."""

    outputs: Matrix
    free: Vector


class Head(Protocol):
    """A distribution of actions. `outputs` of the network and `free` parameters of its own describe it."""

    @property
    def outputs(self) -> int:
        """Numbers that the network gives."""
        ...

    @property
    def free(self) -> int:
        """Parameters of its own."""
        ...

    def sample(self, said: Matrix, own: Vector, rng: np.random.Generator) -> Matrix:
        """Actions (n, k) drawn."""
        ...

    def best(self, said: Matrix) -> Matrix:
        """The likeliest actions (n, k)."""
        ...

    def log_chance(self, said: Matrix, own: Vector, actions: Matrix) -> Vector:
        """The logarithm of each action's density (n,)."""
        ...

    def entropy(self, said: Matrix, own: Vector) -> Vector:
        """Of each row (n,)."""
        ...

    def slopes(self, said: Matrix, own: Vector, actions: Matrix, by: Vector, entropy: float) -> Slopes:
        """Of the sum of `by` (n,) times the log chances and `entropy` times the entropies."""
        ...


class Categorical(NamedTuple):
    """One of `choices`; an action is its number (n, 1)."""

    choices: int

    @property
    def outputs(self) -> int:
        """See `Head`."""
        return self.choices

    @property
    def free(self) -> int:
        """See `Head`."""
        return 0

    def sample(self, said: Matrix, own: Vector, rng: np.random.Generator) -> Matrix:
        """See `Head`. By the largest of the scores with Gumbel noise."""
        return self.best(said + rng.gumbel(size=said.shape))

    def best(self, said: Matrix) -> Matrix:
        """See `Head`."""
        found: Matrix = said.argmax(axis=1)[:, None].astype(np.float64)
        return found

    def log_chance(self, said: Matrix, own: Vector, actions: Matrix) -> Vector:
        """See `Head`."""
        logs = _log_shares(said)
        chosen: Vector = np.take_along_axis(logs, actions.astype(np.int64), axis=1)[:, 0]
        return chosen

    def entropy(self, said: Matrix, own: Vector) -> Vector:
        """See `Head`."""
        logs = _log_shares(said)
        found: Vector = -(np.exp(logs) * logs).sum(axis=1)
        return found

    def slopes(self, said: Matrix, own: Vector, actions: Matrix, by: Vector, entropy: float) -> Slopes:
        """See `Head`."""
        logs = _log_shares(said)
        shares = np.exp(logs)
        found = -shares * by[:, None]
        found[np.arange(len(found)), actions[:, 0].astype(np.int64)] += by
        if entropy:
            found -= entropy * shares * (logs - (shares * logs).sum(axis=1, keepdims=True))
        return Slopes(found, np.zeros(0))


class Gaussian(NamedTuple):
    """`numbers` around a mean each, independent; the logarithms of the deviations are parameters of its own."""

    numbers: int

    @property
    def outputs(self) -> int:
        """See `Head`."""
        return self.numbers

    @property
    def free(self) -> int:
        """See `Head`."""
        return self.numbers

    def sample(self, said: Matrix, own: Vector, rng: np.random.Generator) -> Matrix:
        """See `Head`."""
        drawn: Matrix = said + np.exp(own) * rng.normal(size=said.shape)
        return drawn

    def best(self, said: Matrix) -> Matrix:
        """See `Head`."""
        return said

    def log_chance(self, said: Matrix, own: Vector, actions: Matrix) -> Vector:
        """See `Head`."""
        off = (actions - said) * np.exp(-own)
        found: Vector = -0.5 * (off**2).sum(axis=1) - own.sum() - 0.5 * self.numbers * LOG_2PI
        return found

    def entropy(self, said: Matrix, own: Vector) -> Vector:
        """See `Head`."""
        return np.full(len(said), own.sum() + 0.5 * self.numbers * (1 + LOG_2PI))

    def slopes(self, said: Matrix, own: Vector, actions: Matrix, by: Vector, entropy: float) -> Slopes:
        """See `Head`."""
        narrow = np.exp(-own)
        off = (actions - said) * narrow
        return Slopes(off * narrow * by[:, None], ((off**2 - 1) * by[:, None]).sum(axis=0) + entropy * len(said))


def to_simplex(scores: Matrix) -> Matrix:
    """(n, k): shares that are positive and sum to one in each row; equal scores give equal shares."""
    return np.exp(_log_shares(scores))


def _log_shares(scores: Matrix) -> Matrix:
    high = scores - scores.max(axis=1, keepdims=True)
    found: Matrix = high - np.log(np.exp(high).sum(axis=1, keepdims=True))
    return found
