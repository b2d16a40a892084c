"""Small tables and paragraphs of our own, in the shapes that filings print."""

from rag.tableqa.answer import TableAnswer, answer
from rag.tableqa.problem import Context

SALES = (
    ("", "Year ended December 31,", "", ""),
    ("(in millions)", "2021", "2020", "Change (%)"),
    ("Pumps", "$ 1,200.5", "$ 1,000.0", "20.1"),
    ("Valves", "300.0", "400.0", "(25.0)"),
    ("Service", "—", "50.0", "(100.0)"),
    ("Total sales", "$ 1,500.5", "$ 1,450.0", "3.5"),
    ("Gross margin %", "31.5%", "30.0%", ""),
    ("Earnings per share", "$ 2.10", "$ 1.90", "10.5"),
)
SALES_TEXT = (
    "Sales by product line were as follows:",
    "Sales of pumps increased primarily due to two desalination plants. The backlog was $2.4 billion and $1.9 billion "
    "at December 31, 2021 and 2020, respectively.",
    "Backlog represents orders received and not yet delivered.",
    "Warranty costs of $12.5 million are expected to be paid over a period of 3.5 years.",
)
TAXES = (
    ("", "2021", "2020"),
    ("Current:", "", ""),
    ("Federal", "700", "600"),
    ("State", "120", "100"),
    ("", "820", "700"),
    ("Deferred:", "", ""),
    ("Federal", "(90)", "(40)"),
    ("State", "(10)", "20"),
    ("", "(100)", "(20)"),
    ("Total EMEA", "55", "45"),
)
TAXES_TEXT = ("The provision for income taxes consisted of the following (in thou-\nsands):", "(amounts in thousands)")
LEASES = (
    ("", "Operating leases", "Finance leases"),
    ("2022", "$ 140", "$ 9"),
    ("2023", "130", "7"),
    ("Thereafter", "260", "4"),
    ("Total", "$ 530", "$ 20"),
)
AWARDS = (
    ("", "Number of shares", "Weighted-average price"),
    ("Outstanding at January 1, 2020", "1,000", "$ 5.00"),
    ("Granted", "200", "6.00"),
    ("Outstanding at December 31, 2020", "1,200", "$ 5.20"),
    ("Granted", "300", "7.00"),
    ("Outstanding at December 31, 2021", "1,500", "$ 5.50"),
)


def context(cells: tuple[tuple[str, ...], ...] = SALES, paragraphs: tuple[str, ...] = SALES_TEXT) -> Context:
    """A context of an example."""
    return Context(cells, paragraphs)


def ask(
    question: str, cells: tuple[tuple[str, ...], ...] = SALES, paragraphs: tuple[str, ...] = SALES_TEXT
) -> TableAnswer:
    """What is said to a question when nothing is held back."""
    return answer(context(cells, paragraphs), question, cut=0.0)


def said(
    question: str, cells: tuple[tuple[str, ...], ...] = SALES, paragraphs: tuple[str, ...] = SALES_TEXT
) -> tuple[tuple[str, ...], str]:
    """The values and the scale alone."""
    found = ask(question, cells, paragraphs)
    return found.values, found.scale
