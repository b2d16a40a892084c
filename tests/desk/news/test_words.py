import re

import pytest

from desk.news.words import FOLDER, currencies, lexicon, whole_words


def matches(pattern: str, text: str) -> bool:
    return whole_words({"x": (pattern,)}).search(text) is not None


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [
        ("win/wins .. order", "it wins a very large order", True),
        ("win/wins .. order", "it wins a b c d e f order", False),
        ("win/wins ... order", "it wins a b c d e f order", True),
        ("win/wins .. order", "it wins; an order", False),
        ("record !low", "a record profit", True),
        ("record !low", "a record low", False),
        ("hack*", "hackers came", True),
        ("hack", "hackers came", False),
        ("hack", "life-hack", False),
        ('short/"fell short" of', "it fell short of hopes", True),
        ("better-than-expected", "better-than-expected sales", True),
        ("better than", "better-than", True),
    ],
)
def test_patterns(pattern, text, wanted):
    assert matches(pattern, text) is wanted


def test_every_shipped_pattern_is_lower_case_and_not_empty():
    for file in FOLDER.glob("*.yaml"):
        text = re.sub(r"^[A-Z]{3}:|#.*", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert text == text.lower(), file.name
    assert not any(lexicon().strong.search(text) for text in ("", " ", "the company"))
    assert currencies()["JPY"][0] == "jpy"


def test_every_event_can_fire_and_has_a_weight():
    words = lexicon()
    assert min(abs(weight) for weight in words.weights.values()) > 0
    assert set(words.strong.groupindex) | set(words.weak.groupindex) | set(words.slang.groupindex) == set(words.weights)
