from dataclasses import replace
from decimal import Decimal

import pytest

from desk.errors import DataError
from desk.filings.bundled import BundledFilings
from desk.filings.source import Filing
from rag.parse import parse_filing, parse_pages

FILING = Filing(id="x", company="Example Corp.", form="10-K", fiscal_year=2021, fiscal_period="FY")


def figures(document, label, group=""):
    return {f.period.end: Decimal(f.value) for f in document.figures if (f.label, f.group) == (label, group)}


def test_every_block_is_its_place_in_the_text(documents):
    for document in documents.values():
        for block in document.blocks:
            assert document.text[block.start : block.end] == block.text
        for figure in document.figures:
            row = document.text[figure.start : figure.end]
            assert row
            assert "\n" not in row


def test_apple_items_pages_and_statements(documents):
    document = documents["apple-10-k-2024"]
    items = [section.title for section in document.sections if section.level == 2]
    assert [title.split(".")[0] for title in items[:4]] == ["Item 1", "Item 1A", "Item 1B", "Item 1C"]
    assert len(items) == 23
    assert document.pages >= 55
    kinds = {block.statement: block.page for block in document.blocks if block.statement}
    assert set(kinds) == {"income", "balance", "cash", "equity", "comprehensive"}


def test_apple_figures_are_exact_in_base_units(documents):
    document = documents["apple-10-k-2024"]
    assert figures(document, "Total net sales", "Net sales")["2023-09-30"] == 383_285_000_000
    assert figures(document, "Diluted", "Earnings per share")["2024-09-28"] == Decimal("6.08")
    shares = figures(document, "Diluted", "Shares used in computing earnings per share")
    assert shares["2024-09-28"] == 15_408_095_000


def test_table_without_xbrl_takes_unit_and_period_from_the_header(documents):
    document = documents["buckle-8-k-2024-11-22-ex99"]
    income = [f for f in document.figures if f.label == "NET INCOME"]
    assert {(f.period.end, f.period.months): f.value for f in income} == {
        ("2024-11-02", 3): "44172000",
        ("2023-10-28", 3): "51762000",
        ("2024-11-02", 9): "118270000",
        ("2023-10-28", 9): "140338000",
    }


def test_a_table_without_a_header_continues_the_one_before(documents):
    found = [f for f in documents["apple-10-k-2024"].figures if f.label == "Total gross margin percentage"]
    assert {f.period.year: f.value for f in found} == {2024: "46.2", 2023: "44.1", 2022: "43.3"}


@pytest.mark.parametrize("raw", [b"", b"  \n ", b"<html><body><p>half a filing", bytes(range(256)) * 40])
def test_a_damaged_document_is_one_clear_sentence(raw):
    with pytest.raises(DataError, match=r"filing 'x' .*; fetch"):
        parse_filing(FILING, raw)


def test_a_cut_off_real_filing_is_refused():
    source = BundledFilings()
    raw = source.fetch("apple-10-k-2024")
    with pytest.raises(DataError, match="cut off"):
        parse_filing(FILING, raw[: len(raw) // 2])


def test_a_damaged_pdf_is_refused():
    with pytest.raises(DataError, match="not a readable PDF"):
        parse_filing(replace(FILING, media="pdf"), b"%PDF-1.4 nonsense")


def test_plain_pages_give_tables_with_one_number_per_line():
    page = """Example Corp.
CONSOLIDATED STATEMENTS OF INCOME
(Amounts in millions)
2021
2020
Net sales
$
1,200
$
1,000
Cost of sales
700
600
Gross profit
500
400
Income before income taxes
300
200
Net income
$
240
$
150
"""
    document = parse_pages(replace(FILING, media="pages"), b"x", [page])
    values = {(f.label, f.period.year): f.value for f in document.figures}
    assert values["Net sales", 2021] == "1200000000"
    assert values["Net income", 2020] == "150000000"
    assert [b.statement for b in document.blocks if b.kind == "table"] == ["income"]
