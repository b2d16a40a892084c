from decimal import Decimal

import pytest

from desk.facts import FactTable, stray_numerals

PRINTED = [
    ("What were Apple's total net sales in 2023?", [383_285_000_000]),
    ("What was Apple's revenue in fiscal 2022?", [394_328_000_000]),
    ("What were Apple's total assets in 2024?", [364_980_000_000]),
    ("How much did Apple spend on R&D in FY2024?", [31_370_000_000]),
    ("What was the net income of AAPL in 2024?", [93_736_000_000]),
    ("What was Apple's diluted EPS in 2023?", ["6.13"]),
    ("How much did Apple spend on share repurchases in 2024?", [94_949_000_000]),
    ("What was Apple's gross margin by products and services in 2024?", [109_633_000_000, 71_050_000_000]),
    ("What was Apple's gross margin percentage in 2024?", ["46.2"]),
    ("What were Apple's net sales in Greater China in 2023?", [72_559_000_000]),
    ("What was the operating income of Apple's Americas segment in 2024?", [67_656_000_000]),
    ("What were Apple's net sales in the third quarter of 2024?", [85_777_000_000]),
    ("What was Apple's inventory at September 28, 2024?", [7_286_000_000]),
    ("What were Oracle's total revenues in the quarter ended August 31, 2024?", [13_307_000_000]),
    ("What was Oracle's net income in Q1 fiscal 2025?", [2_929_000_000]),
    ("What were Oracle's total assets?", [144_214_000_000]),
    ("What was Oracle's diluted EPS last quarter?", ["1.03"]),
    ("How much did Oracle spend on research and development in the first quarter of fiscal 2025?", [2_306_000_000]),
    ("What was Buckle's net income in the third quarter?", [44_172_000]),
]

ABSENT = [
    "What were Apple's net sales in 2035?",
    "What was Apple's net income in 1999?",
    "How many employees does Tesla have?",
    "What was Apple's revenue in Atlantis?",
    "What was Apple's revenue on Mars in 2023?",
    "What was Samsung's revenue in 2023?",
    "What were Oracle's revenues in 2024?",
    "What was Apple's adjusted EBITDA in 2024?",
    "What will Apple's revenue be next year?",
    "What is the weather in Paris?",
    "",
]


@pytest.mark.parametrize(("question", "values"), PRINTED)
def test_a_printed_figure_is_read_exactly(answerer, question, values):
    finding = answerer.answer(question)
    assert not finding.abstained
    assert [fact.value for fact in finding.facts] == [Decimal(value) for value in values]


@pytest.mark.parametrize("question", ABSENT)
def test_what_is_not_there_is_an_abstention(answerer, question):
    finding = answerer.answer(question)
    assert finding.abstained
    assert finding.reason
    assert not finding.facts
    assert not finding.citations


def test_the_two_part_question_gives_both_years_and_the_product(answerer):
    finding = answerer.answer("What were Apple's net sales in 2023 and 2024, and how did iPhone do?")
    printed = [int(f.value) for f in finding.facts if not f.locator.startswith("derived")]
    assert printed == [383_285_000_000, 391_035_000_000, 200_583_000_000, 201_183_000_000]
    derived = [f for f in finding.facts if f.locator.startswith("derived")]
    assert [f.value for f in derived] == [Decimal("2.02"), Decimal("0.30")]
    assert all(finding.facts[0].id in d.locator or finding.facts[3].id in d.locator for d in derived)
    assert {c.document for c in finding.citations} == {"Apple Inc. 10-K FY2024"}


def test_citations_are_verbatim(answerer, documents):
    finding = answerer.answer("What were Apple's total net sales in 2023?")
    (citation,) = finding.citations
    assert documents[citation.filing].text[citation.start : citation.end] == citation.quote
    assert "383,285" in citation.quote
    assert "STATEMENTS OF OPERATIONS" in citation.section


def test_a_formula_names_its_inputs(answerer):
    finding = answerer.answer("What was Apple's free cash flow in 2024?")
    derived = next(f for f in finding.facts if f.locator.startswith("derived"))
    assert derived.value == 118_254_000_000 - 9_447_000_000
    assert all(f.id in derived.locator for f in finding.facts if f is not derived)


def test_prose_is_quoted_verbatim(answerer):
    finding = answerer.answer("How many employees does Apple have?")
    assert finding.citations[0].quote.endswith("approximately 164,000 full-time equivalent employees.")
    assert not finding.facts


@pytest.mark.parametrize("question", [question for question, _ in PRINTED])
def test_no_numeral_stands_outside_a_slot(answerer, question):
    finding = answerer.answer(question)
    FactTable(finding.facts).fill(finding.answer)
    assert stray_numerals(finding.answer) == []


def test_figures_agree_with_inline_xbrl(documents, answerer):
    """Oracle's diluted shares stand in millions, Apple's in thousands: both come out in shares."""
    finding = answerer.answer("What were Oracle's diluted weighted average shares in Q1 2025?")
    assert finding.abstained or [f.value for f in finding.facts] == [Decimal(2_851_000_000)]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What was Apple's cost of sales for products in 2024?", 185_233_000_000),
        ("What was Oracle's hardware revenue in the quarter ended August 31, 2024?", 655_000_000),
        ("What was Apple's Rest of Asia Pacific operating income in 2022?", 11_569_000_000),
        ("What was Oracle's cash at May 31, 2024?", 10_454_000_000),
        ("What was Apple's total net sales for the nine months ended June 29, 2024?", 296_105_000_000),
    ],
)
def test_parts_and_dates(answerer, question, value):
    assert [fact.value for fact in answerer.answer(question).facts] == [Decimal(value)]


@pytest.mark.parametrize(
    "question",
    [
        "What was Apple's net income in Europe in 2024?",
        "What was Apple's revenue from Android phones in 2024?",
        "Is Apple's revenue higher than Microsoft's?",
        "What was Oracle's gross profit in Q1 2025?",
        "What was Apple's market capitalisation in 2024?",
        "What were Apple's net sales in Q1 2024?",
    ],
)
def test_no_number_where_a_word_is_left_over(answerer, question):
    assert answerer.answer(question).facts == ()
