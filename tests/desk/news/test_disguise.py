"""What a model may remember is hidden: names and years, and nothing that the headline says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.market.history import History
from desk.news.bundled import BundledNews
from desk.news.disguise import Disguise
from desk.news.entities import find_mentions
from desk.news.sentiment import score_text

KNOWN = History().instruments
NEWS = BundledNews().headlines(datetime(2030, 1, 1, tzinfo=UTC), limit=1_000)


@given(st.sampled_from(NEWS), st.text(max_size=8))
def test_no_name_is_left_and_what_is_hidden_stays_hidden(item, key: str) -> None:
    disguise = Disguise(KNOWN, key)
    hidden = disguise.hide(item.text)
    names = {each.id: (each.name, each.id, *each.aliases) for each in KNOWN}
    assert find_mentions(hidden, names) == []
    assert Disguise(KNOWN, key).hide(item.text) == hidden


def test_names_are_alike_in_all_forms_and_years_move_together() -> None:
    disguise = Disguise(KNOWN, "study")
    apple = disguise.name("XNAS:AAPL")
    text = "Apple ($AAPL) beat 2021 in 2022; AAPL up 3.2 % to $2022.50 on 2,022 sales, iPhone 14"
    hidden = disguise.hide(text)
    assert hidden.count(apple) == 3
    first, second = (int(word.strip(";")) for word in hidden.split() if word.strip(";").isdigit() and len(word) > 3)
    assert second - first == 1
    assert first < 2017
    assert "3.2 % to $2022.50 on 2,022 sales, iPhone 14" in hidden
    assert disguise.hide(hidden).count(apple) == 3


def test_another_key_is_another_disguise() -> None:
    names = {key: [Disguise(KNOWN, key).name(each.id) for each in KNOWN] for key in ("a", "b")}
    assert names["a"] != names["b"]
    assert len(set(names["a"])) == len(KNOWN)
    assert Disguise(KNOWN, "a").name("XNAS:NOPE") == "an asset"


def test_the_rules_hear_the_same_under_a_disguise() -> None:
    """The scorer knows no names of its own: nearly every label is the same, so a headline's meaning is left."""
    disguise = Disguise(KNOWN, "study")
    same = [score_text(item.text).label == score_text(disguise.hide(item.text)).label for item in NEWS]
    assert len(same) > 100
    assert sum(same) >= 0.97 * len(same)


@pytest.mark.parametrize("text", ["", "no name here", "1949 and 20500 and 3.2019 and 2019%"])
def test_other_text_is_left_alone(text: str) -> None:
    assert Disguise(KNOWN, "study").hide(text) == text
