"""The draft report: what it holds, its PDF, who may take it out."""

from __future__ import annotations

import io
import json

import pytest
from pypdf import PdfReader

from desk.compliance.kyc import AccountOwners
from desk.errors import InputError
from desk.fraud.casefile import open_file
from desk.fraud.cases import Case
from desk.fraud.report import MARK, draft_report, print_report
from desk.identity.people import People
from desk.identity.roles import Person, Role
from desk.paper import Block, Chart, write_pdf
from desk.store.engine import Store
from tests.desk.fraud.test_casefile import alert
from tests.desk.fraud.worlds import END

CARL = Person("carl", "Carl", Role.COMPLIANCE)


@pytest.fixture
def report(tmp_path):
    store = Store.in_folder(tmp_path)
    before = Case(alert("before", at=1_650_000_000))
    file = open_file(Case(alert("x")), [before], AccountOwners(store, People(store)))
    yield draft_report(file, CARL, END)
    store.close()


def test_the_json_holds_the_case_and_nobody_has_reviewed_it(report):
    made = json.loads(print_report(report, "json"))
    assert (made["draft"], made["case"], made["prepared_by"]) == (True, "x", "carl")
    assert [(t["source"], t["target"], t["amount"]) for t in made["transfers"]] == [
        ("A", "B", "1000.00"),
        ("B", "C", "990.00"),
        ("C", "A", "980.10"),
    ]
    assert made["transfers"][-1]["moved"] == "2970.10"
    assert {p["sanctions"] for p in made["parties"]} == {"not known"}
    assert made["reviews"] == [{"reviewed_by": "", "date": "", "signature": ""}] * 2
    assert list(made["similar_cases"]) == ["before"]


def test_the_pdf_says_the_same_and_every_page_is_a_draft(report):
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(print_report(report, "pdf"))).pages]
    assert all(MARK in page for page in pages)
    text = " ".join(" ".join(pages).split())
    for words in ("B -> C", "990.00", "sum 2,970.10", "It goes round.", "sanctions not known", "reviewed by ____"):
        assert words in text


def test_a_long_text_goes_over_pages_and_odd_signs_stay_readable():
    lines = tuple(f"line {n} (a\\b) caf\u00e9 \u2192 \u4e2d" for n in range(200))
    made = write_pdf("Title", "mark", [Block("Many", lines)])
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]
    assert len(pages) == 4
    assert "page 4 of 4" in pages[3]
    assert "line 199 (a\\b) caf\u00e9 -> ?" in pages[3]
    assert made == write_pdf("Title", "mark", [Block("Many", lines)])


def test_another_format_is_refused(report):
    with pytest.raises(InputError, match="'xml' is not known; give one of: json, pdf"):
        print_report(report, "xml")


def test_a_chart_stays_with_its_heading_on_one_page():
    chart = Chart((((0.0, 0.0), (1.0, 1.0)),), "bottom", "top")
    filling = Block("Filling", tuple("x" for _ in range(48)))
    pages = PdfReader(io.BytesIO(write_pdf("Title", "mark", [filling, Block("Curve", ("a line",), chart)]))).pages
    texts = [page.extract_text() for page in pages]
    assert len(pages) == 2
    assert "Curve" not in texts[0]
    assert all(word in texts[1] for word in ("Curve", "a line", "bottom", "top"))
    drawn = pages[1].get_contents()
    assert drawn is not None
    assert b" l S" in drawn.get_data()
