"""Boosted trees that say how likely an account is fraud, and from where on to flag it.

Several forests of XGBoost, each from its own seed, are averaged. Their mean is calibrated by Platt's logistic
regression (Platt 1999) on predictions for rows that a model did not see, made by folds inside the training rows; the
threshold is the one of best F1 on the same predictions. No row that is scored has a say in either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from desk.errors import InputError
from desk.fraud.graph import Floats

if TYPE_CHECKING:
    from xgboost import Booster

Labels = NDArray[np.bool_]
SETTINGS = {
    "objective": "binary:logistic",
    "max_depth": 6,
    "eta": 0.07,
    "subsample": 0.8,
    "colsample_bytree": 0.5,
    "tree_method": "hist",
    "nthread": 1,  # sums in one order: the same rows give the same trees on every machine
}
ROUNDS, INNER, SEEDS = 300, 4, 3
LEAST = 10
"""Rows of either label below which nothing is learned."""
EDGE = 1e-6


@dataclass(frozen=True)
class Learned:
    """What was fitted: `slope` and `shift` map the mean log odds to calibrated ones; `threshold` is on the result."""

    boosters: tuple[Booster, ...]
    slope: float
    shift: float
    threshold: float

    def probabilities(self, features: Floats) -> Floats:
        """The calibrated probability of fraud of each row of (n, k)."""
        return _squash(self.slope * _odds(_predict(self.boosters, features)) + self.shift)


def learn(features: Floats, labels: Labels, seeds: int = SEEDS, rounds: int = ROUNDS) -> Learned:
    """Fits on (n, k) and (n,); the same rows give the same result. InputError below `LEAST` rows of a label."""
    for name, count in (("fraud", int(labels.sum())), ("other", int((~labels).sum()))):
        if count < LEAST:
            raise InputError(f"{count} rows of {name} accounts are too few to learn from; give at least {LEAST}")
    unseen = np.zeros(len(labels))
    for fold in split(labels, INNER, seed=0):
        fitted = _fit(features[~fold], labels[~fold], range(1), rounds)
        unseen[fold] = _predict(fitted, features[fold])
    slope, shift = calibrate(_odds(unseen), labels)
    threshold = best_threshold(_squash(slope * _odds(unseen) + shift), labels)
    return Learned(_fit(features, labels, range(seeds), rounds), slope, shift, threshold)


def split(labels: Labels, folds: int, seed: int) -> list[Labels]:
    """Masks of the rows of each fold: shuffled by the seed, both labels spread evenly."""
    place = np.zeros(len(labels), dtype=np.int64)
    dice = np.random.default_rng(seed)
    for label in (True, False):
        rows = np.flatnonzero(labels == label)
        place[dice.permutation(rows)] = np.arange(len(rows)) % folds
    return [place == fold for fold in range(folds)]


def calibrate(odds: Floats, labels: Labels, steps: int = 50) -> tuple[float, float]:
    """Slope and shift of the logistic regression of labels on log odds, by Newton's steps.

    Targets are smoothed as Platt has them, so that perfectly parted labels give finite numbers.
    """
    above, below = float(labels.sum()), float((~labels).sum())
    wanted = np.where(labels, (above + 1) / (above + 2), 1 / (below + 2))
    design = np.stack([odds, np.ones_like(odds)], axis=1)
    weights = np.array([1.0, 0.0])
    for _ in range(steps):
        said = _squash(design @ weights)
        bend = design.T @ (design * (said * (1 - said) + 1e-9)[:, None])
        step = np.linalg.solve(bend, design.T @ (wanted - said))
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    return float(weights[0]), float(weights[1])


def best_threshold(said: Floats, labels: Labels) -> float:
    """The threshold of best F1, in the middle between the probabilities on its two sides; flagged is above it."""
    order = np.argsort(-said, kind="stable")
    hits, ordered = np.cumsum(labels[order]), said[order]
    f1 = 2 * hits / (np.arange(1, len(said) + 1) + labels.sum())
    f1[:-1][ordered[:-1] == ordered[1:]] = 0.0  # equal ones are flagged together
    at = int(np.argmax(_smooth(f1)))
    following = ordered[at + 1] if at + 1 < len(ordered) else 0.0
    return float((ordered[at] + following) / 2)


def _smooth(values: Floats, width: int = 15) -> Floats:
    """A running mean: one lucky row does not choose the threshold."""
    width = min(width, max(1, len(values) // 50))
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), mode="valid")


def _fit(features: Floats, labels: Labels, seeds: range, rounds: int) -> tuple[Booster, ...]:
    import xgboost

    matrix = xgboost.DMatrix(features, label=labels.astype(np.float64), nthread=1)
    return tuple(xgboost.train({**SETTINGS, "seed": seed}, matrix, num_boost_round=rounds) for seed in seeds)


def _predict(boosters: tuple[Booster, ...], features: Floats) -> Floats:
    import xgboost

    matrix = xgboost.DMatrix(features, nthread=1)
    said: Floats = np.mean([booster.predict(matrix) for booster in boosters], axis=0, dtype=np.float64)
    return said


def _odds(said: Floats) -> Floats:
    bounded = np.clip(said, EDGE, 1 - EDGE)
    found: Floats = np.log(bounded / (1 - bounded))
    return found


def _squash(odds: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(odds, -60, 60)))
    return found
