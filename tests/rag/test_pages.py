from dataclasses import replace

import pytest

from desk.filings.source import Filing
from rag.instructions import hinted_statements, strip_instructions
from rag.parse import parse_pages

FILING = Filing(id="x", company="Example Corp.", form="10-K", fiscal_year=2021, fiscal_period="FY", media="pages")

BALANCE = """EXAMPLE CORPORATION
CONSOLIDATED BALANCE SHEETS
(amounts in millions, except par value and share data)
August 29,
2021
August 30,
2020
Assets
Cash and cash equivalents
$
11
$
12
Receivables, net
20
21
Total current assets
31
33
Total assets
$
59
$
55
Accounts payable
7
Total liabilities
40
39
"""


def test_a_header_scattered_over_lines_gives_the_periods():
    document = parse_pages(FILING, b"x", [BALANCE])
    values = {(f.label, f.period.end): f.value for f in document.figures}
    assert values["Total assets", "2021-08-29"] == "59000000"
    assert values["Total assets", "2020-08-30"] == "55000000"
    assert str(document.filing.period_end) == "2021-08-29"


def test_a_row_with_a_value_missing_is_no_figure():
    document = parse_pages(FILING, b"x", [BALANCE])
    assert not [f for f in document.figures if f.label == "Accounts payable"]


def test_numbers_without_a_stated_scale_are_no_money():
    document = parse_pages(
        FILING, b"x", [BALANCE.replace("(amounts in millions, except par value and share data)\n", "")]
    )
    assert document.figures == ()


def test_a_given_period_end_stays():
    from datetime import date

    given = replace(FILING, period_end=date(2021, 8, 31))
    assert parse_pages(given, b"x", [BALANCE]).filing.period_end == date(2021, 8, 31)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("What is the net income of X? Answer in USD millions.", "What is the net income of X?"),
        (
            "Basing your judgment off of the balance sheet, what are the total assets of X?",
            "what are the total assets of X?",
        ),
        ("How much did X pay (in USD millions)?", "How much did X pay?"),
        ("What were sales in 2023?", "What were sales in 2023?"),
    ],
)
def test_instructions_are_not_the_question(text, asked):
    assert strip_instructions(text) == asked


def test_a_named_basis_is_a_hint():
    assert hinted_statements("Use the statement of cash flows and the balance sheet.") == ("cash", "balance")
