"""Figures computed over the rows of one table of an annual report."""

from decimal import Decimal

import pytest

from desk.facts import FactTable, stray_numerals

ASKED = [
    ("What were Apple's average net sales in Japan for 2022, 2023 and 2024?", "25095333333.33", "USD"),
    ("What percentage of Apple's total net sales came from the Americas in 2024?", "42.7187", "%"),
    ("What is the ratio of Apple's Products gross margin to total gross margin in 2024?", "0.6068", "ratio"),
    ("What was Apple's average provision for income taxes in 2022 and 2023?", "18020500000", "USD"),
    ("What is the percentage change in Apple's Services net sales from 2023 to 2024?", "12.8744", "%"),
    ("What was the average of Apple's effective tax rate in 2022, 2023 and 2024?", "18.3333", "%"),
]


@pytest.mark.parametrize(("question", "value", "unit"), ASKED)
def test_the_result_is_exact_and_names_its_inputs(answerer, question, value, unit):
    finding = answerer.answer(question)
    assert not finding.abstained
    result = finding.facts[-1]
    assert (result.value, result.unit) == (Decimal(value), unit)
    inputs = finding.facts[:-1]
    assert len(inputs) >= 2
    assert result.locator.startswith("derived: ")
    assert all(fact.id in result.locator for fact in inputs)
    assert {fact.unit for fact in inputs} == {inputs[0].unit}


def test_the_largest_year_is_shown_with_the_others_behind_it(answerer):
    finding = answerer.answer("In which year were Apple's net sales in Rest of Asia Pacific the highest?")
    assert [fact.value for fact in finding.facts] == [30_658_000_000, 29_615_000_000, 29_375_000_000]
    assert "largest" in finding.answer
    assert finding.answer.index("fiscal 2024") < finding.answer.index("fiscal 2023")


@pytest.mark.parametrize(
    "question",
    [
        "What were Apple's average net sales in Atlantis for 2022 and 2023?",
        "What were Apple's average net sales in Japan for 2015 and 2016?",
        "What percentage of Apple's total net sales came from Mars in 2024?",
        "What is the sum of Apple's patience and luck in 2024?",
        "What is the sum of Apple's total gross margin percentage and net income in 2024?",
        "What will Apple's average net sales in Japan be in 2026 and 2027?",
        "What were Samsung's average net sales in Japan for 2022 and 2023?",
    ],
)
def test_a_word_that_no_table_holds_is_an_abstention(answerer, question):
    assert answerer.answer(question).abstained


@pytest.mark.parametrize(("question", "value", "unit"), ASKED)
def test_quotes_are_verbatim_and_no_numeral_is_loose(answerer, documents, question, value, unit):
    finding = answerer.answer(question)
    table = FactTable(finding.facts)
    assert stray_numerals(finding.answer, [c.quote for c in finding.citations]) == []
    assert table.fill(finding.answer)[1]
    assert all(documents[c.filing].text[c.start : c.end] == c.quote for c in finding.citations)


@pytest.mark.parametrize("padding", ["2022 ", "and ", "ratio of ", "1, ", "2022 and 2021 ", " "])
def test_no_question_holds_the_answerer_up(answerer, padding):
    """Repeats that once took minutes: patterns with several gaps share a long one in every way."""
    asked = "What were Apple's net sales in 2022 " + padding * (1_900 // len(padding))
    assert answerer.answer(asked) == answerer.answer(asked)
    assert "ask for a figure in under 2,000" in answerer.answer(asked + padding * (2_000 // len(padding))).reason
