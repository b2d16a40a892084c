"""The confidence of an answer and the cut below which nothing is said."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evals.numbers.fit import CUT, Sample, fit
from rag.tableqa.answer import answer
from rag.tableqa.confidence import RULES, Weights, confidence, load_weights
from tests.rag.tableqa.examples import ask, context


def test_the_shipped_weights_are_of_these_rules_and_of_many_cases():
    weights = load_weights()
    assert weights.rules == RULES
    assert weights.cases > 800
    assert weights.weights["score"] > 0


def test_below_the_cut_nothing_is_said_but_why():
    found = answer(context(), "What were pumps in 2020?", cut=1.0)
    assert found.abstained
    assert "below 1.00" in found.reason
    assert found.cells
    assert not answer(context(), "What were pumps in 2020?", cut=0.0).abstained


def test_a_row_named_whole_is_surer_than_one_named_by_half():
    whole = ask("What were total sales in 2021?").confidence
    half = ask("What were the sales of bolts and nuts to sailors in 2021?").confidence
    assert whole > half + 0.2


@given(st.dictionaries(st.sampled_from(["score", "covered", "op:sum", "never seen"]), st.floats(-5, 5)))
def test_a_confidence_is_a_probability(found):
    assert 0 <= confidence(found, load_weights()) <= 1


def test_fitting_finds_what_tells_right_from_wrong():
    random = np.random.default_rng(7)
    samples = []
    for _ in range(400):
        score = float(random.uniform(0, 1))
        samples.append(Sample({"op:look-up": 1.0, "score": score}, bool(random.uniform(0, 1) < score)))
    weights = fit(samples)
    assert weights.weights["score"] > 1
    low, high = (confidence({"op:look-up": 1.0, "score": s}, weights) for s in (0.1, 0.9))
    assert low < 0.35
    assert high > 0.65
    assert weights.cut == CUT == load_weights().cut


def test_rare_features_have_no_weight():
    samples = [Sample({"op:rare": 1.0} if i < 2 else {"op:often": 1.0}, i % 2 == 0) for i in range(40)]
    assert set(fit(samples).weights) == {"op:often"}
    assert isinstance(fit(samples), Weights)
