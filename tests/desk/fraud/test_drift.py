"""The population stability index: nothing for the same rows, its textbook value, and the names of what moved."""

import numpy as np
import pytest

from desk.errors import InputError
from desk.fraud.drift import LEAST, compare, record, stability

NAMES = ("amount", "rate", "flag")


def rows(seed, count=4_000, shift=0.0):
    dice = np.random.default_rng(seed)
    flag = (dice.random(count) < 0.1 + shift / 4).astype(float)
    return np.stack([dice.normal(shift, 1, count), dice.normal(0, 1, count), flag], axis=1)


def test_the_same_rows_have_not_moved_and_new_ones_of_the_same_kind_hardly():
    known = record(NAMES, rows(1))
    assert stability(known, rows(1)) == {"amount": 0.0, "rate": 0.0, "flag": 0.0}
    assert max(stability(known, rows(2)).values()) < 0.02
    found = compare(known, rows(2))
    assert found.enough
    assert found.rows == 4_000
    assert found.shifted == ()


def test_what_moved_is_named_the_most_first():
    known = record(NAMES, rows(1))
    assert compare(known, rows(2, shift=1.0)).shifted == ("amount", "flag")


def test_the_index_has_its_textbook_value():
    known = record(("flag",), np.array([[0.0], [1.0]] * 5))
    now = np.array([[0.0]] * 2 + [[1.0]] * 8)
    assert stability(known, now)["flag"] == pytest.approx(0.3 * np.log(0.8 / 0.5) - 0.3 * np.log(0.2 / 0.5))


def test_rows_that_do_not_fit_are_refused():
    known = record(NAMES, rows(1))
    for wrong in (np.zeros((0, 3)), np.zeros((5, 2))):
        with pytest.raises(InputError, match="are no rows of 3 features"):
            stability(known, wrong)
        with pytest.raises(InputError, match="are no rows of 3 features"):
            record(NAMES, wrong)


def test_with_too_little_data_nothing_is_said_and_at_the_least_chance_alone_shifts_nothing():
    known = record(NAMES, rows(1))
    assert compare(known, rows(2, LEAST - 1, shift=5.0)) == (LEAST - 1, False, {}, ())
    assert compare(known, np.zeros((0, 3))) == (0, False, {}, ())
    for seed in range(2, 22):
        assert compare(known, rows(seed, LEAST)).shifted == ()
