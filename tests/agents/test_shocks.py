"""Suppositions and named scenarios are read from words; anything else is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.shocks import find_scenario, find_shock
from desk.risk.stress import HISTORY, SHOCKS, read_shock


@pytest.mark.parametrize(
    ("question", "shock"),
    [
        ("What if stocks fall 20 %?", "equity=-20"),
        ("what if stocks fall 20% and oil rises by 30 percent", "equity=-20,oil=30"),
        ("Suppose the dollar gains 10 per cent", "dollar=10"),
        ("scenario: S&P 500 down 12.5 %, crypto minus 60 %", "equity=-12.5,crypto=-60"),
        ("If bond prices were to drop by about 8%, what do I lose?", "bonds=-8"),
        ("Stocks fell 20 % this year", ""),
        ("What if I buy 20 Apple?", ""),
        ("if oil is at 30 %", ""),
        ("", ""),
    ],
)
def test_a_supposed_move(question, shock):
    assert find_shock(question) == shock


@given(st.text(max_size=200), st.integers(1, 99))
def test_whatever_is_read_can_be_applied_or_is_refused_in_words(noise, by):
    text = find_shock(f"what if {noise} the market falls {by} % {noise}")
    assert not text or read_shock(text).name


def test_every_name_leads_to_a_scenario():
    keys = {each.key for each in HISTORY} | {each.key for each in SHOCKS}
    for question in ("the covid crash?", "after Lehman", "2008 again", "a recession", "dotcom", "like 2018"):
        assert find_scenario(question) in keys, question
    assert find_scenario("How risky is our book?") == ""
