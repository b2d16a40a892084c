from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import DataError
from desk.risk.score import Inputs, concentration, risk_score

amounts = st.floats(0, 1e7)
inputs = st.builds(Inputs, amounts, amounts, st.floats(-1e5, 1e7), st.floats(0, 1), st.just(0.99))


@given(inputs, st.floats(0, 1e6), st.sampled_from(["volatility", "cvar", "concentration", "equity"]))
def test_more_of_any_risk_never_lowers_the_score(at, more, name):
    if name == "equity":
        riskier = at._replace(equity=at.equity - more)
    else:
        riskier = at._replace(**{name: getattr(at, name) + (more / 1e6 if name == "concentration" else more)})
    before, after = risk_score(at), risk_score(riskier)
    assert 0 <= before <= 100
    assert after >= before - 1e-9
    assert risk_score(at) == before


def test_classes_of_the_european_rules_are_sevenths_of_the_scale():
    def at(volatility: float) -> float:
        tail = volatility / math.sqrt(252) * 2.6652142  # the CVaR of a normal of this volatility
        return risk_score(Inputs(volatility * 1000, tail * 1000, 1000, 0.0))

    assert [at(v) for v in (0.005, 0.05, 0.12, 0.20, 0.30, 0.80)] == pytest.approx([100 / 7 * n for n in range(1, 7)])
    assert 600 / 7 < at(3.0) < 100


def test_concentration_adds_at_most_a_quarter_of_what_is_left():
    spread = risk_score(Inputs(200, 33.58, 1000, 0.0))
    single = risk_score(Inputs(200, 33.58, 1000, 1.0))
    assert single == pytest.approx(spread + 0.25 * spread * (100 - spread) / 100)
    assert concentration([5, -5]) == pytest.approx(0.5)
    assert concentration([]) == 0
    assert concentration([7]) == 1


def test_nothing_to_lose_is_zero_and_nothing_behind_a_risk_is_a_hundred():
    assert risk_score(Inputs(0, 0, -5, 1)) == 0
    assert risk_score(Inputs(1, 1, 0, 0)) == 100
    with pytest.raises(DataError, match="finite"):
        risk_score(Inputs(math.nan, 1, 1, 0))
