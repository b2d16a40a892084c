"""The grader of figures: its rule. How often it agrees with people: the suite `grader`."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import InputError
from evals.graders import grade
from evals.numeric import gives_number, read_figures


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The ratio is 24.26.", "24.26"),
        ("It was $389 million.", "0.4"),
        ("It was $389 million.", "$0.40"),
        ("Sales came to $1,577.0 million in 2018", "$1577.00"),
        ("Sales came to 1.58 billion", "1577"),
        ("The margin was 0.165", "16.5%"),
        ("The margin was 16.6 percent", "16.5%"),
        ("a share of 16.5%", "0.165"),
        ("(389)", "-389"),
        ("nothing was paid: 0", "0"),
        ("founded in 1998", "1998"),
        ("first 1, then 2, 3, 4, 5, 6, 7, so 8", "8"),
    ],
)
def test_the_number_is_found(text, wanted):
    assert gives_number(text, wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The ratio is 25.3.", "24.26"),
        ("I cannot say.", "24.26"),
        ("In fiscal 2019 it is not disclosed", "20.19"),
        ("first 1, then 2, 3, 4.4, 5, 6, 7, so 8", "4.4"),
        ("the margin was 16.5 dollars", "0.3"),
        ("it was 5", "0"),
        ("$0.165 a share", "16.5%"),
    ],
)
def test_another_number_is_not(text, wanted):
    assert not gives_number(text, wanted)


@pytest.mark.parametrize("wanted", ["", "a lot", "1 to 2", "between 3% and 4%"])
def test_a_target_is_one_number(wanted):
    with pytest.raises(InputError, match="numbers; a target is one"):
        gives_number("1", wanted)


@given(st.decimals("0.01", "1e9", places=2))
def test_a_number_gives_itself_with_separators_and_within_a_hundredth(value):
    assert gives_number(f"It is {value:,}.", str(value))
    assert gives_number(f"It is {value * Decimal('1.01'):,.6f}", str(value))


@given(st.text())
def test_any_text_can_be_read(text):
    assert all(figure.value >= 0 for figure in read_figures(text))
    assert gives_number(text, "123456.789") in (True, False)


def test_it_grades_an_answer():
    assert grade({"answer": "Net sales were $394,328 million."}, {"number": "394328"}) == ""
    assert grade({"answer": "Net sales rose."}, {"number": "394328"}) == "does not give 394328"
