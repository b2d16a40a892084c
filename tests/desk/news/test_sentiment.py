import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.news.sentiment import LONGEST, score_text

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


@pytest.mark.parametrize(
    "text", ["The bank was {}fined over a leak", "The maker does {}recall cars", "The maker did {}win the contract"]
)
def test_negation_flips_the_sign(text):
    plain, negated = score_text(text.format("")), score_text(text.format("not "))
    assert plain.score * negated.score < 0
    assert any(e.why.startswith("not: ") for e in negated.evidence)


MEASURES = [("Profit", 1), ("Revenue", 1), ("Costs", -1), ("Net debt", -1), ("Net loss", -1), ("Unemployment", -1)]
VERBS = [("rose", 1), ("fell", -1), ("increased", 1), ("declined", -1), ("climbed", 1), ("shrank", -1)]


@pytest.mark.parametrize(("measure", "good"), MEASURES)
@pytest.mark.parametrize(("verb", "up"), VERBS)
def test_direction_times_polarity(measure, good, verb, up):
    found = score_text(f"{measure} {verb} by 8 %")
    assert found.label == ("positive" if good * up > 0 else "negative")
    (piece,) = found.evidence
    assert piece.text == f"{measure} {verb}"
    assert piece.kind == "movement"


@given(now=st.integers(1, 900), then=st.integers(1, 900), bad=st.booleans())
def test_numbers_compared(now, then, bad):
    measure = "Net debt" if bad else "Net sales"
    found = score_text(f"{measure} totalled EUR {now} mn, compared with EUR {then} mn a year earlier")
    sign = (now > then) - (now < then)
    assert (found.score > 0) - (found.score < 0) == (-sign if bad else sign)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Sales were EUR 900 thousand, compared with EUR 1.2 million", "negative"),
        ("Operating profit was EUR 0.9 mn, against a loss of EUR 2.4 mn", "positive"),
        ("Operating loss was EUR 0.9 mn, against a profit of EUR 0.1 mn", "negative"),
        ("Net sales in 2009 were EUR 12 mn, up from EUR 11 mn in 2008", "positive"),
        ("Costs came to EUR 12 .5 m from EUR 14 .1 m", "positive"),
        ("Cash flow was a negative EUR 5 mn, compared to EUR 2 mn", "negative"),
        ("Claims rose less than feared", "positive"),
        ("Demand grew less than expected", "negative"),
        ("Sales rose but margins collapsed", "negative"),
        ("The company reports fine paper output on Monday", "neutral"),
        ("Tanks are delivered to the farm", "neutral"),
        ("$ABC tanks, I'm out", "negative"),
    ],
)
def test_traps(text, label):
    assert score_text(text).label == label


def test_evidence_is_quoted_from_the_text_with_its_role():
    text = "Net sales increased. The company warned of weak demand, though it won an order"
    found = score_text(text)
    assert len(found.sentences) == 2
    assert {e.kind for e in found.evidence} >= {"movement", "event"}
    for item in found.evidence:
        assert text[item.start : item.end] == item.text
        assert item.why


def test_confidence_orders_what_is_sure_before_what_is_not():
    figures = score_text("Operating profit rose to EUR 13.1 mn from EUR 8.7 mn").confidence
    event = score_text("The firm signed an agreement with a partner").confidence
    mixed = score_text("Profit fell 5 % but the firm won a large order and raised its dividend").confidence
    fact = score_text("The company is based in Oslo").confidence
    assert figures >= 0.9 > event > 0.5
    assert fact >= 0.9
    assert mixed < figures


ANY = st.text(max_size=300) | st.lists(
    st.sampled_from(["profit", "fell", "not", "$X", "5 %", "from", "EUR", "-", ".", ";", "a loss of", "🚀", "İ", "\n"]),
    max_size=40,
).map(" ".join)


@given(ANY)
def test_any_text_has_one_score(text):
    found = score_text(text)
    assert -1 <= found.score <= 1
    assert 0 <= found.confidence <= 1
    assert bool(found.evidence) or found.label == "neutral"
    assert found == score_text(text)
    if found.label != "neutral":
        assert (found.score > 0) is (found.label == "positive")
    for item in found.evidence:
        assert text[item.start : item.end] == item.text


def test_a_very_long_text_is_read_to_its_limit():
    assert score_text("Profit rose 5 %. " * 5000).label == "positive"
    assert score_text("x" * LONGEST + " profit fell").evidence == ()
