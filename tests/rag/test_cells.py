"""Cell by cell: every number of every table of the filings in the box is kept, as a figure or for a reason."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

import lxml.html
import pytest

from desk.filings.bundled import BundledFilings
from rag.documents import Document
from rag.numerals import is_year, parse_number, parse_period
from rag.parse import parse_filing

DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
SOURCE = BundledFilings()
FIGURES = {  # id: figures read, and numbers of tables left as text with the reason
    "apple-10-k-2024": (888, {"no period": 97, "change": 29, "no unit or period of its own": 18}),
    "apple-10-q-2024-q3": (699, {"no period": 23, "change": 23}),
    "oracle-10-q-2025-q1": (
        628,
        {"no period": 48, "change": 68, "per cent of a change": 64, "no unit or period of its own": 4},
    ),
    "oracle-8-k-2024-11-14": (0, {"no period": 39}),
    "buckle-8-k-2024-11-22": (0, {}),
    "buckle-8-k-2024-11-22-ex99": (144, {}),
    "nordstrom-8-k-2023-03": (0, {"no unit or period of its own": 3}),
}


@pytest.mark.parametrize("id", FIGURES)
def test_every_number_of_every_table_is_in_the_text(id):
    filing = next(filing for filing in SOURCE.filings() if filing.id == id)
    raw = SOURCE.fetch(id)
    document = parse_filing(filing, raw)
    printed = Counter(DIGITS.findall(" ".join(shown(raw))))
    kept = Counter(DIGITS.findall(document.text))
    assert not {number: count for number, count in printed.items() if kept[number] < count}


@pytest.mark.parametrize(("id", "figures", "reasons"), [(id, *told) for id, told in FIGURES.items()])
def test_every_number_is_a_figure_or_has_a_reason(id, figures, reasons):
    filing = next(filing for filing in SOURCE.filings() if filing.id == id)
    document = parse_filing(filing, SOURCE.fetch(id))
    told = Counter(reason for reason in judge(document))
    assert told.pop("", 0) >= figures * 0.98  # the same number may stand twice in a row
    assert {name: count for name, count in told.items() if count > reasons.get(name, 0)} == {}


def shown(raw: bytes) -> Iterator[str]:
    """The texts of all cells that a reader sees."""
    for cell in lxml.html.fromstring(raw).iter("td", "th"):
        hidden = any(re.search(r"display:\s*none", e.get("style") or "") for e in [cell, *cell.iterancestors()])
        if not hidden:
            yield " ".join(str(text) for text in cell.itertext())


def judge(document: Document) -> Iterator[str]:
    """For each number of each table: "" when a figure of its row has that value, else why none has."""
    held: defaultdict[tuple[int, int], set[Decimal]] = defaultdict(set)
    for figure in document.figures:
        held[figure.block, figure.row].add(abs(Decimal(figure.value)))
    for block in document.blocks:
        rows = block.rows or ()
        for index, row in enumerate(rows):
            for column, cell in enumerate(row[1:], start=1):
                number = parse_number(cell)
                if number is not None and not is_year(cell):
                    value = abs(number.value)
                    values = {value, value.scaleb(3), value.scaleb(6), value.scaleb(9)}
                    header = " ".join(line[column] for line in rows[:4])
                    yield "" if values & held[block.id, index] else reason(header, number.percent)


def reason(header: str, percent: bool) -> str:
    if re.search(r"change|percent", header, re.IGNORECASE):
        return "change"
    if percent:
        return "per cent of a change"
    if parse_period(header, 0) is None:
        return "no period"
    return "no unit or period of its own"
