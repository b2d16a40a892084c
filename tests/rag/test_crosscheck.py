"""Figures against XBRL: confirmed where it says the same, shown with both values where it does not."""

import json
import re
from dataclasses import replace

import pytest

from desk.errors import DataError
from desk.filings.bundled import BundledFilings
from rag.crosscheck import check_figure
from rag.filings import Filings
from rag.vectors import BackgroundVectors
from tests.edgar.server import APPLE, FACTS, EdgarServer

SALES = "What were Apple's total net sales in fiscal 2024?"
REVENUE = "RevenueFromContractWithCustomerExcludingAssessedTax"


def opened(tmp_path, source=None):
    def none():
        raise DataError("no vectors in this test")

    return Filings(source or BundledFilings(), tmp_path / "filings", lambda: BackgroundVectors(none, none))


def facts(**other):
    server = EdgarServer()
    server.facts = {**FACTS, **other}
    return server._facts(APPLE)


def test_no_table_of_the_box_differs_from_its_inline_xbrl(documents):
    checked = [check_figure(d, f, None) for d in documents.values() for f in d.figures if f.printed]
    assert len(checked) > 1_600
    assert all(each is not None and each.same for each in checked)


def test_a_figure_that_xbrl_reports_alike_is_confirmed(tmp_path):
    filings = opened(tmp_path)
    assert filings.take_company_facts(facts()).company == "Apple Inc."
    found = opened(tmp_path).answer(SALES)
    assert [fact.value for fact in found.facts] == [391035000000]
    assert found.confirmed == (found.facts[0].id,)
    assert not found.disagreements


def test_a_figure_that_xbrl_reports_otherwise_is_shown_with_both(tmp_path):
    filings = opened(tmp_path)
    filings.take_company_facts(facts(**{REVENUE: [("2024-09-28", "2023-10-01", 391053000000)]}))
    found = filings.answer(SALES)
    (odd,) = found.disagreements
    assert (odd.fact.value, odd.other.value) == (391035000000, 391053000000)
    assert "10-K filed 2024-11-01" in odd.other.source
    assert "accession 0000320193-24-000123" in odd.other.locator
    assert [fact.value for fact in found.facts] == [391035000000, 391053000000]
    assert f"{{{{f:{odd.fact.id}}}}}" in found.answer
    assert f"{{{{f:{odd.other.id}}}}}" in found.answer
    assert not found.confirmed


def test_a_restated_value_beside_the_old_one_is_no_disagreement(tmp_path):
    filings = opened(tmp_path)
    two = [("2024-09-28", "2023-10-01", 400000000000), ("2024-09-28", "2023-10-01", 391035000000)]
    filings.take_company_facts(facts(**{REVENUE: two}))
    assert filings.answer(SALES).confirmed


def test_a_table_that_says_another_scale_than_its_tags_is_shown(tmp_path):
    class Wrong(BundledFilings):
        def fetch(self, id):
            return re.sub(rb"\(([Ii])n millions", rb"(\1n thousands", super().fetch(id))

    found = opened(tmp_path, Wrong()).answer(SALES)
    (odd,) = found.disagreements
    assert (odd.fact.value, odd.other.value) == (391035000000, 391035000)
    assert odd.other.source == "Apple Inc. 10-K FY2024, as printed"


def test_rows_of_a_filing_without_xbrl_are_checked_by_their_labels(tmp_path, documents):
    filings = opened(tmp_path)
    reported = filings.take_company_facts(facts())
    document = documents["apple-10-k-2024"]
    assets = next(f for f in document.figures if f.label == "Total assets" and f.period.end == "2024-09-28")
    bare = replace(assets, concept="", printed="")
    checked = check_figure(document, bare, reported)
    assert checked is not None
    assert checked.same
    assert checked.value == 364980000000
    wrong = check_figure(document, replace(bare, value="364908000000"), reported)
    assert wrong is not None
    assert not wrong.same
    assert check_figure(document, replace(bare, label="Some row"), reported) is None


def test_damaged_facts_are_refused_or_left_out(tmp_path):
    filings = opened(tmp_path)
    with pytest.raises(DataError, match="documented form"):
        filings.take_company_facts(json.dumps({"cik": 1, "facts": {}}).encode())
    filings.take_company_facts(facts())
    (tmp_path / "filings" / "facts" / f"{APPLE}.json.gz").write_bytes(b"half")
    again = opened(tmp_path)
    assert again.company_facts(APPLE) is None
    assert list(again.failed) == [f"facts of {APPLE}"]
    (tmp_path / "facts.json").write_bytes(facts())
    assert again.ingest(tmp_path / "facts.json").facts == ["Apple Inc."]
    (tmp_path / "bad.json").write_bytes(b"{}")
    assert "bad.json" in again.ingest(tmp_path / "bad.json").refused[0].reason


def test_the_items_of_an_8_k_are_records(tmp_path):
    filings = opened(tmp_path)
    ids = ("oracle-8-k-2024-11-14", "buckle-8-k-2024-11-22", "nordstrom-8-k-2023-03")
    assert [[item.number for item in filings.records(id)] for id in ids] == [
        ["5.07"],
        ["2.02", "9.01"],
        ["5.02", "9.01"],
    ]
