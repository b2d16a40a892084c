"""What is learned: calibration, threshold, folds, and that too little is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import InputError
from desk.fraud.boosting import best_threshold, calibrate, learn, split


def drawn(rows=300, seed=0):
    dice = np.random.default_rng(seed)
    features = dice.normal(size=(rows, 4))
    labels = features[:, 0] + features[:, 1] ** 2 + dice.normal(0, 0.5, rows) > 1.5
    return features, labels


def test_it_learns_and_the_same_rows_give_the_same_model():
    (features, labels), (others, truth) = drawn(), drawn(seed=1)
    model, again = (learn(features, labels, rounds=40) for _ in range(2))
    said = model.probabilities(others)
    assert np.array_equal(said, again.probabilities(others))
    assert ((said > model.threshold) == truth).mean() > 0.85
    assert abs(said.mean() - truth.mean()) < 0.06


def test_too_few_of_a_label_are_refused():
    features, _ = drawn(40)
    with pytest.raises(InputError, match="9 rows of fraud accounts are too few"):
        learn(features, np.arange(40) < 9)


@given(st.integers(0, 2**31), st.integers(2, 6))
def test_folds_part_the_rows_and_spread_both_labels(seed, folds):
    labels = np.random.default_rng(seed).random(60) < 0.4
    masks = split(labels, folds, seed)
    assert (np.sum(masks, axis=0) == 1).all()
    counts = [int(labels[mask].sum()) for mask in masks]
    assert max(counts) - min(counts) <= 1


def test_calibration_undoes_a_known_tilt():
    dice = np.random.default_rng(3)
    odds = dice.normal(0, 2, 40_000)
    labels = dice.random(40_000) < 1 / (1 + np.exp(-(0.5 * odds - 1)))
    slope, shift = calibrate(odds, labels)
    assert (slope, shift) == pytest.approx((0.5, -1), abs=0.04)
    parted = calibrate(np.array([-4.0, -4.0, 4.0, 4.0]), np.array([False, False, True, True]))
    assert np.isfinite(parted).all()


def test_the_threshold_lies_between_the_labels():
    said = np.array([0.9, 0.8, 0.3, 0.2])
    assert best_threshold(said, said > 0.5) == pytest.approx(0.55)
    assert best_threshold(said, np.ones(4, dtype=bool)) == pytest.approx(0.1)
