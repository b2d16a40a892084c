"""What verdicts say of a level: never more than the policy allows, never without enough of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.fraud.feedback import POLICY, Judged, chance_below, count, weigh

SCORES = st.integers(75, 99).map(lambda n: n / 100)
VERDICTS = st.lists(st.tuples(SCORES, st.booleans()), max_size=40)


def judged(*pairs: tuple[float, bool], kind: str = "fan_in", at: str = "2024") -> list[Judged]:
    return [Judged(f"c{n}", kind, score, confirmed, at) for n, (score, confirmed) in enumerate(pairs)]


def step_of(verdicts, level: float = 0.75, moved: str = "", policy=POLICY):
    (step,) = weigh(verdicts, {"fan_in": level}, 0.75, {"fan_in": moved} if moved else {}, policy)
    return step


@given(VERDICTS.filter(bool), SCORES)
def test_a_step_stays_within_every_bound(pairs, level):
    step = step_of(judged(*pairs), level)
    moved = round(step.after - step.before, 2)
    assert -POLICY.least_step <= moved <= POLICY.most_step
    assert moved == 0 or POLICY.lowest <= step.after <= POLICY.highest
    assert moved <= 0 or (step.recall >= POLICY.recall_floor and step.now.precision > step.then.precision)
    assert moved == 0 or len(pairs) >= POLICY.least
    assert step.why


@given(VERDICTS.filter(bool), st.randoms(use_true_random=False))
def test_the_order_of_verdicts_makes_no_difference(pairs, draw):
    verdicts = judged(*pairs)
    first = step_of(verdicts)
    draw.shuffle(verdicts)
    assert step_of(verdicts) == first


def test_false_alerts_near_the_level_raise_it_past_them_and_no_further():
    low, high = [(0.76, False)] * 6, [(0.9, True)] * 8
    step = step_of(judged(*low, *high))
    assert (step.after, step.now.cleared, step.recall) == (0.77, 0, 1.0)
    assert step.then == (8, 6, round(9 / 16, 4))


def test_confirmed_cases_down_there_hold_the_level():
    step = step_of(judged(*[(0.76, False)] * 9, (0.76, True), *[(0.9, True)] * 8))
    assert step.after == step.before == 0.75  # a ninth of the confirmed would be lost
    assert "no level within the bounds tells these apart" in step.why


def test_recall_counts_all_that_was_ever_confirmed():
    lost = [(0.76, True)] * 2
    verdicts = judged(*lost, *[(0.79, False)] * 9, *[(0.9, True)] * 20)
    assert step_of(verdicts, 0.78).after == 0.78
    assert step_of(verdicts, 0.78, policy=replace(POLICY, recall_floor=0.9)).after == 0.8


def test_few_verdicts_or_old_ones_move_nothing():
    some = [(0.76, False)] * (POLICY.least - 1)
    assert step_of(judged(*some)).why.startswith("7 verdicts since its last step; 8 are needed")
    many = judged(*[(0.76, False)] * 20)
    assert step_of(many).after > 0.75
    assert step_of(many, moved="2025").after == 0.75


def test_sure_precision_lowers_the_level_by_the_least_and_never_below_the_lowest():
    good = judged(*[(0.85, True)] * 40)
    assert step_of(good, 0.78).after == 0.77
    assert step_of(good).after == 0.75
    below = judged(*[(0.85, True)] * 40, *[(0.79, False)] * 12)
    assert step_of(below, 0.8).after == 0.8, "what was cleared below would come back"


def test_the_posterior_is_that_of_a_flat_prior():
    assert count([], 0.75).precision == 0.5
    assert chance_below(count([], 0.75), 0.9) == pytest.approx(0.9)
    assert chance_below(count(judged((0.8, True)), 0.75), 0.9) == pytest.approx(0.81)
    assert weigh([], {}, 0.75, {}) == []
