"""A small tanh network over one flat vector of parameters, its gradient by hand, and Adam (Kingma and Ba 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from desk.errors import InputError
from desk.forecast.features import Matrix, Vector

HIDDEN_GAIN = float(np.sqrt(2.0))


class Mlp:
    """Layers of `sizes` (inputs first, outputs last), tanh between them; parameters lie in `theta` (size,)."""

    def __init__(self, sizes: Sequence[int]) -> None:
        if len(sizes) < 2 or min(sizes) < 1:
            raise InputError(f"layers of {list(sizes)} are no network; give at least inputs and outputs")
        self.sizes = tuple(sizes)
        self._shapes = list(pairwise(sizes))
        self.size = sum(n * m + m for n, m in self._shapes)

    def draw(self, rng: np.random.Generator, gain: float) -> Vector:
        """Orthogonal weights (Saxe et al. 2014), `gain` on the last layer; no shift."""
        parts = []
        for place, (n, m) in enumerate(self._shapes):
            q, r = np.linalg.qr(rng.normal(size=(max(n, m), min(n, m))))
            q = q * np.sign(np.diag(r))
            weights = (q if n >= m else q.T) * (gain if place == len(self._shapes) - 1 else HIDDEN_GAIN)
            parts += [weights.ravel(), np.zeros(m)]
        return np.concatenate(parts)

    def forward(self, theta: Vector, seen: Matrix) -> list[Matrix]:
        """Each layer's values (n, size), what was `seen` (n, inputs) first, the outputs last."""
        values, layers = [seen], self._views(theta)
        for place, (weights, shift) in enumerate(layers):
            found = values[-1] @ weights
            found += shift
            if place < len(layers) - 1:
                np.tanh(found, out=found)
            values.append(found)
        return values

    def backward(self, theta: Vector, values: list[Matrix], slope: Matrix) -> Vector:
        """The gradient (size,) of a loss whose slope over the outputs is (n, outputs)."""
        found = np.empty(self.size)
        into, layers = self._views(found), self._views(theta)
        for place in range(len(layers) - 1, -1, -1):
            weights, shift = into[place]
            np.matmul(values[place].T, slope, out=weights)
            np.sum(slope, axis=0, out=shift)
            if place:
                slope = slope @ layers[place][0].T
                slope *= 1.0 - values[place] ** 2
        return found

    def _views(self, theta: Vector) -> list[tuple[Matrix, Vector]]:
        found, at = [], 0
        for n, m in self._shapes:
            found.append((theta[at : at + n * m].reshape(n, m), theta[at + n * m : at + n * m + m]))
            at += n * m + m
        return found


class Adam(NamedTuple):
    """The moments (size,) and how many steps were taken; changed in place by `step`."""

    first: Vector
    second: Vector
    taken: Vector

    def step(self, theta: Vector, gradient: Vector, rate: float, most: float) -> None:
        """Moves `theta` against the gradient, which is scaled down to the norm `most` first."""
        norm = float(np.sqrt(gradient @ gradient))
        if norm > most:
            gradient = gradient * (most / norm)
        self.taken[0] += 1.0
        a, b, n = 0.9, 0.999, float(self.taken[0])
        self.first[:] = a * self.first + (1 - a) * gradient
        self.second[:] = b * self.second + (1 - b) * gradient**2
        theta -= rate * (self.first / (1 - a**n)) / (np.sqrt(self.second / (1 - b**n)) + 1e-5)


def fresh_adam(size: int) -> Adam:
    """No step taken yet."""
    return Adam(np.zeros(size), np.zeros(size), np.zeros(1))
