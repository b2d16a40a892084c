"""Unlabelled totals, labels broken by numbers, per cents between amounts: what page text leaves to be worked out."""

from __future__ import annotations

from rag.documents import Document
from rag.parse import parse_pages
from tests.rag.test_pages import FILING

HEAD = "ACME CORPORATION\nCONSOLIDATED STATEMENTS OF OPERATIONS\n(In millions)\nYear Ended December 31,\n2021\n"
HEAD += "2020\n"
INCOME = HEAD + (
    "Revenues\nRooms\n$\n40\n$\n30\nFood\n20\n10\n \n{total}\nExpenses\nWages\n9\n8\nOperating income\n51\n32\n"
    "Income before income taxes\n51\n32\nNet income\n41\n22\n"
)
BALANCE = (
    "ACME CORPORATION\nCONSOLIDATED BALANCE SHEETS\n(In millions)\nDecember 31,\n2021\n2020\nASSETS\n"
    "Cash\n$\n5\n$\n4\n"
    "Total current assets\n9\n8\nTotal other assets\n3\n2\n \n$\n12\n$\n10\nLIABILITIES AND EQUITY\n"
    "Accounts payable\n1\n2\n"
    "Total current liabilities\n4\n3\nRetained earnings\n8\n7\n \n$\n12\n$\n{end}\n"
)


def read(page: str) -> dict[tuple[str, str], str]:
    return values(parse_pages(FILING, b"x", [page]))


def values(document: Document) -> dict[tuple[str, str], str]:
    return {(figure.label, str(figure.period.year)): figure.value for figure in document.figures}


def test_a_total_without_a_label_is_named_when_the_rows_add_up_to_it():
    found = read(INCOME.format(total="60\n40"))
    assert (found["Total revenues", "2021"], found["Total revenues", "2020"]) == ("60000000", "40000000")


def test_a_row_that_does_not_add_up_stays_unnamed():
    found = read(INCOME.format(total="65\n40"))
    assert ("Total revenues", "2021") not in found
    assert found["", "2021"] == "65000000"
    assert found["Food", "2021"] == "20000000"


def test_a_balance_sheet_names_its_totals_when_both_sides_agree():
    found = read(BALANCE.format(end="10"))
    assert (found["Total assets", "2020"], found["Total liabilities and equity", "2021"]) == ("10000000", "12000000")
    assert ("Total assets", "2021") not in read(BALANCE.format(end="11"))


def test_numbers_in_the_middle_of_a_label_are_no_values():
    found = read(
        BALANCE.format(end="10").replace(
            "Cash\n$\n5", "Cash\n$\n5\n$\n4\nReceivables, net of allowance of $2 and\n$1\n6", 1
        )
    )
    assert found["Receivables, net of allowance of $2 and $1", "2021"] == "6000000"


def test_per_cents_of_sales_between_amounts_are_left_out():
    page = (
        "Acme\nConsolidated Statements of Income\n(In thousands)\n13 Weeks Ended\nJanuary 28,\nJanuary 29,\n2023\n"
        "2022\n(Unaudited)\nNet sales\n$ 200\n100.0%\n$\n100\n100.0%\nCost of sales\n120\n60.0%\n55\n55.0%\n"
        "Gross profit\n80\n40.0%\n45\n45.0%\nOperating income\n30\n15.0%\n20\n20.0%\nNet income\n25\n12.5%\n15\n15.0%\n"
    )
    figures = parse_pages(FILING, b"x", [page]).figures
    sales = {
        (figure.period.end, figure.period.months): figure.value for figure in figures if figure.label == "Net sales"
    }
    assert sales == {("2023-01-28", 3): "200000", ("2022-01-29", 3): "100000"}


def test_the_unit_is_told_by_the_line_that_tells_it():
    found = read(
        INCOME.format(total="60\n40").replace("(In millions)", "(Unaudited)\n($ in millions, except share data)")
    )
    assert found["Net income", "2021"] == "41000000"


def test_a_heading_on_shares_makes_no_shares_of_the_equity_below():
    sheet = BALANCE.format(end="10").replace(
        "Retained", "Common stock ($.01 par value; 100 shares authorized)\n1\n1\nRetained"
    )
    document = parse_pages(FILING, b"x", [sheet])
    assert {figure.unit for figure in document.figures if figure.label == "Retained earnings"} == {"USD"}


def test_amounts_of_prose_far_above_a_table_tell_no_unit():
    prose = "Sales were $3 (billion) in the year. " + "Nothing else of note happened here. " * 40
    assert read(prose + "\n" + BALANCE.format(end="10").replace("(In millions)\n", "")) == {}
