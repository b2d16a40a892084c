"""Intervals, pass^k and paired tests against known values and by their laws."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from evals.statistics import (
    Interval,
    bootstrap,
    bootstrap_of,
    compare_passes,
    compare_scores,
    mcnemar,
    pass_hat,
    worse_by_chance,
)

verdicts = some.lists(some.tuples(some.booleans(), some.booleans()), min_size=1, max_size=60)


@given(some.integers(0, 40), some.integers(0, 40))
def test_mcnemar_is_the_exact_binomial_test(fixed, broken):
    known = 1.0 if fixed + broken == 0 else stats.binomtest(fixed, fixed + broken).pvalue
    assert mcnemar(fixed, broken) == pytest.approx(known)
    assert mcnemar(fixed, broken) == mcnemar(broken, fixed)
    one = 1.0 if fixed + broken == 0 else stats.binomtest(broken, fixed + broken, alternative="greater").pvalue
    assert worse_by_chance(fixed, broken) == pytest.approx(one)


def test_bca_is_scipys_on_skewed_values():
    values = list(np.random.default_rng(1).exponential(size=80))
    known = stats.bootstrap(
        (values,), np.mean, method="BCa", n_resamples=20_000, rng=np.random.default_rng(2)
    ).confidence_interval
    found = bootstrap(values, resamples=20_000)
    assert found == pytest.approx((known.low, known.high), rel=0.02)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    source = random.Random(5)
    inside = 0
    for _ in range(300):
        low, high = bootstrap([source.gauss(1, 2) for _ in range(40)], resamples=400)
        inside += low <= 1 <= high
    assert 0.90 <= inside / 300 <= 0.98


@given(some.lists(some.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_an_interval_is_seeded_ordered_and_within_the_values(values):
    low, high = bootstrap(values, resamples=100)
    assert (low, high) == bootstrap(values, resamples=100)
    slack = 1e-6 * (1 + max(map(abs, values)))
    assert min(values) - slack <= low <= high <= max(values) + slack


def test_equal_values_have_no_width_and_none_no_interval():
    assert bootstrap([0.5] * 9) == Interval(0.5, 0.5)
    for nothing in (lambda: bootstrap([]), lambda: bootstrap_of([], lambda _: {}), lambda: pass_hat([], 3, 1)):
        with pytest.raises(ValueError, match=r"no |at least one"):
            nothing()


def test_metrics_are_drawn_by_case_and_one_that_most_draws_lack_is_left_out():
    cases = [1.0] * 30 + [0.0] * 10

    def measure(drawn):
        return {"mean": sum(drawn) / len(drawn), "rare": 1.0 if sum(drawn) > 39 else None}

    found = bootstrap_of(cases, measure)
    assert list(found) == ["mean"]
    assert found["mean"].low < 0.75 < found["mean"].high
    assert found["mean"].low == pytest.approx(bootstrap(cases).low, abs=0.06)


def test_pass_hat_is_tau_benchs():
    assert pass_hat([8], 8, 8) == 1
    assert pass_hat([4], 8, 1) == 0.5
    assert pass_hat([4], 8, 2) == pytest.approx(4 * 3 / (8 * 7))  # two draws without putting back
    assert pass_hat([3, 0], 4, 3) == pytest.approx((1 / 4) / 2)
    with pytest.raises(ValueError, match=r"pass\^5"):
        pass_hat([1], 4, 5)


@given(some.lists(some.integers(0, 6), min_size=1, max_size=20))
def test_pass_hat_falls_with_k_and_begins_at_the_mean(passes):
    found = [pass_hat(passes, 6, k) for k in range(1, 7)]
    assert found == sorted(found, reverse=True)
    assert found[0] == pytest.approx(sum(passes) / 6 / len(passes))
    assert found[-1] == pytest.approx(sum(each == 6 for each in passes) / len(passes))


@given(verdicts)
def test_turning_two_runs_round_turns_the_difference_round(pairs):
    before, after = [list(side) for side in zip(*pairs, strict=True)]
    there, back = compare_passes(before, after), compare_passes(after, before)
    assert there.delta == pytest.approx(-back.delta)
    assert (there.p, there.fixed, there.broken) == (back.p, back.broken, back.fixed)
    assert there.low - 1e-9 <= there.delta <= there.high + 1e-9


def test_verdicts_are_plain():
    same = compare_passes([True, False], [True, False])
    assert same.verdict == "No difference that chance could not make: no case changed its verdict."
    few = compare_passes([True] * 5, [False] * 5)
    assert (few.p, few.differs) == (0.0625, False)
    assert few.verdict == "No difference that chance could not make: 5 of 5 cases changed."
    worse = compare_passes([True] * 20, [False] * 6 + [True] * 14)
    assert worse.verdict == (
        "B is worse by 30.0 points (0 cases fixed, 6 broken); chance alone is unlikely to do this."
    )
    scores = compare_scores([0.2, 0.3, 0.1, 0.4], [0.5, 0.7, 0.3, 0.8])
    assert scores.p is None
    assert scores.verdict.startswith("B is better by 32.5 points")
    with pytest.raises(ValueError, match="zip"):
        compare_passes([True], [])
