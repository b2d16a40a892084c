"""Amounts in sentences: what is stated plainly, and of when; everything else is left alone."""

from decimal import Decimal

import pytest

from desk.facts import stray_numerals
from rag.prose import Sentence
from rag.spoken import read_sentence


def spoken(documents, text):
    found = read_sentence(documents["apple-10-k-2024"], Sentence(text, 0, len(text)))
    return [(s.label, s.value, (s.when.date or s.when.quarter or s.when.year) if s.when else None) for s in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Shipping costs, which include transport costs, were $27.7 billion and $37.9 billion in 2018 and 2019.",
         [("Shipping costs", 27_700_000_000, 2018), ("Shipping costs", 37_900_000_000, 2019)]),
        ("The allowance was $348 million and $495 million as of December 31, 2017 and 2018, respectively.",
         [("The allowance", 348_000_000, "2017-12-31"), ("The allowance", 495_000_000, "2018-12-31")]),
        ("As of September 28, 2024, the Company had $10.0 billion of commercial paper outstanding, payable soon.",
         [("commercial paper outstanding", 10_000_000_000, "2024-09-28")]),
        ("As of September 28, 2024, we had other obligations of $12.0 billion, with $4.1 billion payable soon.",
         [("other obligations", 12_000_000_000, "2024-09-28")]),
        ("Online sales rose 1.1 percent to $46.6 million for 2024, compared to net sales of $46.1 million for 2023.",
         [("Online sales", 46_600_000, 2024), ("Online sales", 46_100_000, 2023)]),
        ("Third-party guarantees totaled $838 million.", [("Third-party guarantees", 838_000_000, None)]),
        ("Cash taxes paid (net of refunds) were $1,200 million in 2018.", [("Cash taxes paid", 1_200_000_000, 2018)]),
    ],
)  # fmt: skip
def test_plain_statements_are_figures(documents, text, found):
    assert spoken(documents, text) == [(label, Decimal(value), when) for label, value, when in found]


@pytest.mark.parametrize(
    "text",
    [
        "Shipping costs increased $1.2 billion during 2024 compared to 2023.",
        "The increase in shipping costs was $1.2 billion in 2024.",
        "We expect that shipping costs would be $29 million over the next fiscal year.",
        "The Board authorized a program of $40.0 billion in 2024.",
        "Lease costs were $2.0 billion for both 2024 and 2023 and $1.9 billion for 2022.",
        "Shipping costs were $1.0 billion, $2.0 billion and $3.0 billion in 2023 and 2024.",
        "Shares were bought at $40.70 per share in 2024.",
        "Shipping costs were high in 2024.",
        "",
        "$",
        "were $1 million " * 200,
    ],
)
def test_anything_else_is_no_figure(documents, text):
    assert spoken(documents, text) == []


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What was Apple's total deferred revenue as of September 30, 2023?", 12_100_000_000),
        ("How much commercial paper did Apple have outstanding at the end of fiscal 2024?", 10_000_000_000),
        ("How large were Oracle's remaining performance obligations as of August 31, 2024?", 99_100_000_000),
        ("How high were Buckle's online sales for the 39 weeks ended November 2, 2024?", 128_000_000),
        ("What was Apple's total deferred revenue as of September 30, 2019?", None),
        ("How much junior commercial paper did Apple have outstanding at the end of fiscal 2024?", None),
        ("How much commercial paper will Apple have outstanding in 2025?", None),
    ],
)
def test_a_question_is_answered_with_the_sentence(answerer, question, value):
    found = answerer.answer(question)
    assert [fact.value for fact in found.facts] == ([] if value is None else [Decimal(value)])
    if value is not None:
        (citation,) = found.citations
        assert citation.quote in found.answer
        shown = [citation.quote, f"{citation.document}, page {citation.page}"]
        assert stray_numerals(found.answer, [question], shown) == []
