"""The scale of a table and its exceptions."""

import pytest

from rag.tableqa.problem import Context
from tests.rag.tableqa.examples import context

ROWS = (("Sales", "$ 5,400", "$ 5,100"), ("Cost", "3,100", "3,000"))


@pytest.mark.parametrize(
    ("head", "paragraphs", "scale"),
    [
        (("(in thousands)", "2021", "2020"), (), "thousand"),
        (("", "2021 €m", "2020 €m"), (), "million"),
        (("US$'000", "2021", "2020"), (), "thousand"),
        (("(Dollars in billions)", "2021", "2020"), (), "billion"),
        (("", "2021", "2020"), ("As follows (in\nthousands):",), "thousand"),
        (("", "2021", "2020"), ("Tabular amounts in millions, unless stated.", "(in thousands)"), "million"),
        (("", "2021", "2020"), ("Sales came to $5.4 million.",), "thousand"),
        (("", "2021", "2020"), ("Nothing is said.",), ""),
    ],
)
def test_headers_first_then_the_words_around(head, paragraphs, scale):
    assert Context((head, *ROWS), paragraphs).scale == scale


@pytest.mark.parametrize(
    ("row", "scale"),
    [("Pumps", "million"), ("Gross margin %", "percent"), ("Earnings per share", "")],
)
def test_rows_that_are_exceptions(row, scale):
    made = context()
    found = next(r for r in made.table.rows if r.label == row)
    cell = made.finder.cell(found, made.table.columns[0])
    assert cell is not None
    assert cell.scale == scale


def test_shares_may_have_a_scale_of_their_own():
    made = Context(
        (("(in millions)", "2021"), ("Net income", "$ 40"), ("Basic shares outstanding", "15,000")),
        ("(shares in thousands)",),
    )
    cells = [made.finder.cell(row, made.table.columns[0]) for row in made.table.rows]
    assert [cell.scale for cell in cells if cell] == ["million", "thousand"]
