"""Rows, columns and headers of printed tables."""

import pytest

from rag.tableqa.table import read_table
from rag.tableqa.years import find_marks, find_points, find_years, other_years
from tests.rag.tableqa.examples import AWARDS, LEASES, SALES, TAXES


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("December 31, 2021", (2021,)),
        ("FY19", (2019,)),
        ("F19 and F18", (2019, 2018)),
        ("2 0 1 8", (2018,)),
        ("2017,2018", (2017, 2018)),
        ("2017/18", (2018,)),
        ("$2,019 and 20195", ()),
        ("from 2019 to 2021", (2019, 2021)),
    ],
)
def test_years_are_read_as_headers_write_them(text, years):
    assert find_years(text) == years


def test_a_period_ending_in_the_first_days_of_january_is_also_of_the_year_before():
    assert other_years("January 3, 2020") == (2019,)
    assert other_years("January 31, 2020") == ()


def test_two_dates_of_one_year_are_told_apart():
    first, second = find_points("from July 7, 2019 to September 29, 2019")
    assert (first.year, second.year) == (2019, 2019)
    assert "jul 7" in first.marks
    assert "sep 29" in second.marks
    assert "q3" in find_marks("the third quarter")


def test_a_merged_header_spreads_over_its_columns():
    table = read_table(SALES)
    assert [c.header for c in table.columns] == [
        "Year ended December 31, 2021",
        "Year ended December 31, 2020",
        "Year ended December 31, Change (%)",
    ]
    assert [c.years for c in table.columns] == [(2021,), (2020,), ()]
    assert [c.role for c in table.columns] == ["value", "value", "change"]
    assert table.years == (2021, 2020)


def test_headers_that_would_be_alike_spread_to_the_right_only():
    table = read_table(
        (
            ("", "", "Net additions", "", "% of homes", ""),
            ("", "June 30, 2021", "June 30, 2021", "June 30, 2020", "June 30, 2021", "June 30, 2020"),
            ("Internet", "5,000", "40", "30", "51.0", "50.0"),
        )
    )
    assert [c.header for c in table.columns][:2] == ["June 30, 2021", "Net additions June 30, 2021"]


def test_headings_hold_until_a_total_and_a_row_without_a_label_is_one():
    rows = read_table(TAXES).rows
    assert [(r.label, r.section, r.bare) for r in rows[:3]] == [
        ("Federal", "Current:", False),
        ("State", "Current:", False),
        ("Total Current", "Current:", True),
    ]
    assert rows[3].section == "Deferred:"
    assert rows[-1].section == ""


def test_years_may_stand_in_the_rows():
    table = read_table(LEASES)
    assert not table.dated
    assert table.years == (2022, 2023)


def test_a_movement_is_of_the_year_that_it_closes_in():
    granted = [row for row in read_table(AWARDS).rows if row.label == "Granted"]
    assert [row.years for row in granted] == [(2020,), (2021,)]


def test_a_second_header_begins_a_second_block():
    table = read_table((("", "2021", "2020"), ("High", "9", "8"), ("", "2019", "2018"), ("High", "7", "6")))
    assert [tuple(y for c in row.columns for y in c.years) for row in table.rows] == [(2021, 2020), (2019, 2018)]


def test_footnotes_are_no_part_of_a_label():
    row = read_table((("", "2021"), ("Order intake1", "5"), ("Cost (2)", "6"))).rows
    assert [r.name for r in row] == ["Order intake", "Cost"]
    assert [r.note for r in row] == ["1", "2"]


@pytest.mark.parametrize("cells", [(), ((),), (("",),), (("Only words", "and more"),), (("a", "1"), ("b",))])
def test_any_shape_is_read(cells):
    read_table(cells)
