"""Numbers as tables and sentences print them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.tableqa.amounts import find_amounts, plain, power, read_cell, write


@pytest.mark.parametrize(
    ("text", "value", "scale"),
    [
        ("$ 5,686", "5686", ""),
        ("(1,473)", "-1473", ""),
        ("$(2,227)", "-2227", ""),
        ("£(8.1m)", "-8.1", "million"),
        ("−12.5", "-12.5", ""),
        ("(35)%", "-35", "percent"),
        ("(1.9%)", "-1.9", "percent"),
        ("19.1x", "19.1", ""),
        ("13.40 (1)", "13.40", ""),
        ("5 years", "5", ""),
        (".75", "0.75", ""),
    ],
)
def test_a_cell_is_one_amount(text, value, scale):
    found = read_cell(text)
    assert found is not None
    assert (found.value, found.scale) == (Decimal(value), scale)


@pytest.mark.parametrize("text", ["—", "–", "-", "$ —", "nil"])
def test_a_dash_is_nothing_and_counts_as_zero(text):
    found = read_cell(text)
    assert found is not None
    assert found.nil
    assert found.value == 0


@pytest.mark.parametrize("text", ["", "Less than one year", "1-3 years", "30/7/2021~", "12 and 13", "n/m", "*"])
def test_words_and_several_numbers_are_no_amount(text):
    assert read_cell(text) is None


def test_the_amounts_of_a_sentence_stand_where_they_are_printed():
    text = "Costs of $1.2 billion, or 4.5% of sales, fell by (3,000) in 2021, to 1,027 employees."
    found = find_amounts(text)
    assert [a.text for a in found] == ["$1.2 billion", "4.5%", "(3,000)", "2021", "1,027"]
    assert [a.value for a in found] == [Decimal(v) for v in ("1.2", "4.5", "-3000", "2021", "1027")]
    assert all(text[a.start : a.end].strip() == a.text for a in found)


def test_letters_at_the_end_of_a_word_are_no_currency():
    assert [a.text for a in find_amounts("options of holders (2018: 40) and Rs. 70")] == ["2018", "40", "Rs. 70"]


def test_ligatures_and_typographic_signs_are_made_plain():
    assert plain("proﬁt – loss") == "profit - loss"
    assert find_amounts("a loss of −5.0 million")[0].value == Decimal("-5.0")


@given(st.decimals("-999999999", "999999999", places=2))
def test_what_is_printed_is_read(value):
    for text in (f"{value:,}", f"$ {value:,}" if value >= 0 else f"$ ({-value:,})"):
        found = read_cell(text)
        assert found is not None
        assert found.value == value


@given(st.text(max_size=40))
def test_any_text_can_be_read(text):
    read_cell(text)
    for amount in find_amounts(text):
        assert amount.value.is_finite()


@given(st.decimals("-1e9", "1e9", places=4))
def test_a_result_is_written_with_two_decimals_at_most(value):
    text = write(value)
    assert abs(Decimal(text) - value) <= Decimal("0.005")
    assert "E" not in text
    assert text != "-0"


def test_scales():
    assert [power(s) for s in ("", "thousand", "million", "billion")] == [1, 1000, 10**6, 10**9]
    assert power("percent") == Decimal("0.01")
