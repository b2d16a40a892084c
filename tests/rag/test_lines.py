"""Product lines of the bundled reports."""

import pytest

from rag.lines import ProductLines


@pytest.fixture(scope="module")
def lines(documents) -> ProductLines:
    return ProductLines(documents.values())


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ("What did iPhone bring in last fiscal year (2024)?", 201_183_000_000),
        ("iPhone 2022?", 205_489_000_000),
        ("How much was Apple's services in 2022?", 78_129_000_000),
        ("How much did Apple make with iPads in 2024?", 26_694_000_000),
    ],
)
def test_a_brand_names_its_company_and_asks_for_its_sales(answerer, asked, value):
    assert value in [fact.value for fact in answerer.answer(asked).facts]


def test_general_words_name_nobody_and_a_companys_own_lines_are_its_own(lines):
    assert lines.find("How much was services in 2022?") is None
    assert lines.find("china?") is None
    found = lines.find("and services?", "Apple Inc.")
    assert found is not None
    assert (found[0].label, found[0].company, found[1:]) == ("Services", "Apple Inc.", (4, 12))
    assert lines.find("and services?", "Oracle Corporation") is None


@pytest.mark.parametrize("asked", ["What risks does Apple name?", "hello", "", "Why did iPhone sales fall in 2023?"])
def test_a_question_for_more_than_the_line_keeps_its_words(lines, asked):
    assert lines.complete(asked).replace("Apple's iPhone", "iPhone") == asked


def test_no_filings_have_no_lines():
    assert ProductLines([]).complete("iPhone 2022?") == "iPhone 2022?"
