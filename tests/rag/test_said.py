"""How computations are said: two items and what joins them, or a definition within the question."""

from __future__ import annotations

import pytest

from rag.formula.defined import read_definitions
from rag.formula.parse import Unreadable
from rag.formula.said import read_inline, read_shape, straighten
from rag.formula.tree import Operator, items


@pytest.mark.parametrize(
    ("words", "part", "sign", "whole"),
    [
        ("percentage of net sales did spend on technology and content", "technology and content", "/", "net sales"),
        ("share of total revenue came from services", "services", "/", "total revenue"),
        ("capex as a % of revenue", "capex", "/", "revenue"),
        ("gross margin in percent of revenue", "gross margin", "/", "revenue"),
        ("capex-to-operating-cash-flow ratio", "capex", "/", "operating-cash-flow"),
        ("ratio of debt to equity", "debt", "/", "equity"),
        ("multiple of net earnings was operating cash flow", "operating cash flow", "/", "net earnings"),
        ("many times larger than equity were total liabilities", "total liabilities", "/", "equity"),
        ("revenue per diluted share", "revenue", "/", "diluted share"),
        ("many dollars of R&D for every dollar of SG&A", "R&D", "/", "SG&A"),
        ("cash return through dividends and buybacks combined", "dividends", "+", "buybacks"),
        ("gap between revenue and cost of sales", "revenue", "-", "cost of sales"),
    ],
)
def test_two_items_and_what_joins_them(words: str, part: str, sign: Operator, whole: str):
    shape = read_shape(words)
    assert shape is not None
    assert (shape.part, shape.sign, shape.whole) == (part, sign, whole)


@pytest.mark.parametrize("words", ["", "total revenue", "dividends and buybacks", "revenue of the company", "to of in"])
def test_one_item_is_no_computation(words: str):
    assert read_shape(words) is None


@pytest.mark.parametrize(
    ("asked", "formula"),
    [
        ("What is R&D intensity (R&D divided by revenue)?", "R&D divided by revenue"),
        ("What was coverage, i.e. operating profit / interest expense?", "operating profit / interest expense"),
        ("What was net debt (long-term debt less cash)?", "long-term debt less cash"),
        ("What is retention? Use 1 - dividends paid / net income.", "1 - dividends paid / net income"),
        (
            "Turnover taken as cost of sales over the average of opening and closing inventories?",
            "cost of sales over average inventories",
        ),
    ],
)
def test_a_definition_within_the_question(asked: str, formula: str):
    assert read_inline(asked, asked) == formula


@pytest.mark.parametrize(
    "asked", ["What was revenue (in millions)?", "What was the segment's margin (profit / segment sales)?", ""]
)
def test_what_defines_nothing(asked: str):
    assert read_inline(asked, asked) == ""


@pytest.mark.parametrize("word", ["as a share of ", "of and ", "percentage of ", "(a over ", "is of ", "X is a less "])
def test_a_long_question_says_no_computation(word: str):
    text = word * (2_000 // len(word))
    assert read_shape(text) is None
    assert len(read_inline(text, text)) <= 500


def test_definitions_within_definitions_are_read_before_rows():
    known = read_definitions(
        ["FCF conversion is defined as FCF / EBITDA, where FCF = cash from operations - capex and EBITDA = EBIT + D&A."]
    )
    assert {item.target.key for item in items(known["fcf conversion"])} == {
        "operating_cash",
        "capex",
        "operating_income",
        "depreciation",
    }


def test_what_cannot_be_read_is_no_definition():
    with pytest.raises(Unreadable):
        read_definitions(["Joy is defined as: * revenue."])


@pytest.mark.parametrize(
    ("asked", "straight"),
    [
        ("Rent took up what share of sales?", "what share of sales was Rent?"),
        ("What were sales, going by the income statement?", "What were sales?"),
        ("What were sales?", "What were sales?"),
    ],
)
def test_a_question_comes_first(asked: str, straight: str):
    assert straighten(asked) == straight
