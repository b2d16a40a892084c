import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.news.sentiment import score_text

CASES = [
    ("positive", "Operating profit rose to EUR 13.1 m from EUR 8.7 m"),
    ("positive", "Net sales increased by 12 % in the third quarter"),
    ("positive", "Costs fell by a tenth"),
    ("positive", "Net loss narrowed to 5 million from 8 million"),
    ("positive", "The maker of pumps wins a large order from Brazil"),
    ("positive", "Bank raises dividend"),
    ("positive", "Broker upgrades the retailer to buy"),
    ("positive", "Cash flow was 7.4 million, compared to negative 68.6 million a year earlier"),
    ("positive", "$XYZ to the moon 🚀"),
    ("negative", "Operating profit fell to 3 million from 5 million"),
    ("negative", "Debt rose sharply"),
    ("negative", "Despite record sales, profit misses estimates"),
    ("negative", "The airline swings to a loss"),
    ("negative", "Oil slides on demand fears"),
    ("negative", "Shop chain cuts full-year guidance"),
    ("negative", "The mill will lay off 200 people"),
    ("negative", "Earnings were 0.12, compared with 0.31 a year before"),
    ("neutral", "The company will publish its results on Friday"),
    ("neutral", "The firm declined to comment"),
    ("neutral", "Profit before taxes is reported next week"),
    ("neutral", "The board met in Oslo"),
    ("neutral", ""),
]


@pytest.mark.parametrize(("label", "text"), CASES)
def test_our_own_sentences(label, text):
    assert score_text(text).label == label


def test_a_negator_turns_an_event_round():
    assert (
        score_text("The plant did not receive a new order").score < score_text("The plant receives a new order").score
    )


def test_evidence_is_quoted_from_the_text():
    text = "Net sales increased, but the company warned of weak demand"
    for item in score_text(text).evidence:
        assert text[item.start : item.end] == item.text


@given(st.text(max_size=300))
def test_any_text_has_a_score(text):
    result = score_text(text)
    assert -1 <= result.score <= 1
    assert bool(result.evidence) or result.label == "neutral"
