"""An analyst's walk: find, ask, the cited cell, the year before, a peer; then what changed between two years."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize, expect

from desk.filings.bundled import FOLDER
from tests.api.running import tenor
from tests.browser.conftest import AXE, House, lacking
from tests.browser.test_trace_walk import look

pytestmark = pytest.mark.browser
PHONE = ViewportSize(width=390, height=844)
GONE = "The price of the Company’s stock is subject to volatility."
NEW = "The Company depends on a mineral that this test made up, and its supply can end at any time."
EDITS = (
    ('name="dei:DocumentFiscalYearFocus"', "2024<", "2023<"),
    ('name="dei:DocumentPeriodEndDate"', "2024<", "2023<"),
)


@pytest.fixture(autouse=True)
def whole() -> None:
    """Accessibility is checked at every look."""
    if not AXE.exists():
        lacking("axe-core is not installed; `make web` installs it")


def edited_year(folder: Path) -> Path:
    """Apple's real 10-K as if it were of the year before, with one headline of its risk factors replaced."""
    raw = gzip.decompress((FOLDER / "Apple.10-K.html.gz").read_bytes()).decode()
    for name, old, new in EDITS:
        at = raw.index(old, raw.index(name))
        raw = raw[:at] + new + raw[at + len(old) :]
    for written in (GONE, GONE.replace("’", "&#8217;")):
        raw = raw.replace(written, NEW)
    assert NEW in raw
    path = folder / "Apple.10-K.edited-by-a-test.html"
    path.write_text(raw, encoding="utf-8")
    return path


def test_an_analyst_asks_sees_the_cell_the_year_before_and_a_peer(house: House):
    visit = house.open(bypass_csp=True, reduced_motion="reduce")
    visit.become("Anna Analyst")
    page = visit.goto("/filings/")
    page.get_by_label("Search in the filings").fill("share repurchase program")
    page.keyboard.press("Enter")
    found = page.get_by_role("list", name="Passages")
    expect(found).to_contain_text("score")
    page.get_by_label("Filter by form").select_option("10-K")
    expect(found.get_by_role("link").first).to_have_text(re.compile(r"^Apple Inc\. 10-K FY2024, p\. \d+$"))
    look(visit, "filings-search-desk")
    page.locator("body").press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".cite-mark").first).to_be_in_viewport()

    page = visit.goto("/filings/?id=apple-10-k-2024")
    page.get_by_label("Ask about this filing").fill("What were total net sales?")
    page.keyboard.press("Enter")
    answers = page.get_by_role("log", name="Answers")
    answers.get_by_role("link", name=re.compile(r"^\[1\] Apple Inc\. 10-K FY2024")).click()
    mark = page.locator("tr.cite-mark")
    expect(mark).to_contain_text(re.compile("Total net sales.*391,035.*383,285"))
    expect(mark).to_be_in_viewport()
    look(visit, "filings-cited-desk")
    mark.get_by_role("button", name=re.compile("FY2024.*391,035,000,000 USD")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("391,035,000,000 USD")
    expect(dialog).to_contain_text("row 'Total net sales'")
    look(visit, "filings-cell-desk")
    address = dialog.locator("code").inner_text()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    answers.get_by_role("button", name="And the year before?").click()
    expect(answers).to_contain_text("383,285,000,000 USD")
    look(visit, "filings-followed-desk")
    answers.get_by_role("link", name="Compare with Oracle Corporation").click()
    table = page.get_by_role("table", name="Oracle Corporation 10-Q FY2025 Q1 against Apple Inc. 10-Q FY2024 Q3")
    expect(table).to_contain_text(re.compile("net sales.*85,777,000,000 USD.*13,307,000,000 USD.*0.16"))
    page.get_by_role("button", name="All figures").click()
    expect(table).to_contain_text("operating margin")
    look(visit, "filings-peer-desk")
    table.get_by_role("link", name="13,307,000,000 USD").click()
    expect(mark).to_contain_text(re.compile("Total revenues.*13,307"))
    page.get_by_label("Find in this filing").fill("restructuring")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=re.compile(r"^1 of \d+$"))).to_be_visible()
    expect(page.locator("mark.cite-mark").first).to_have_text(re.compile("restructuring", re.IGNORECASE))

    page.set_viewport_size(PHONE)
    page.goto(address)  # the address alone brings the cell back
    expect(dialog).to_contain_text("391,035,000,000 USD")
    look(visit, "filings-cell-phone")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).not_to_have_url(re.compile("cell="))
    look(visit, "filings-read-phone")
    expect(mark).to_be_in_viewport()
    page.get_by_role("button", name="Ask", exact=True).first.click()
    look(visit, "filings-ask-phone")
    page.get_by_role("button", name="Outline", exact=True).click()
    page.get_by_role("button", name="Item 1A. Risk Factors").click()
    page.get_by_text("In its own sentences").click()
    expect(page.get_by_text("no model; ")).to_be_visible()
    look(visit, "filings-summary-phone")
    assert house.close(visit) == []


def test_an_analyst_sees_what_was_added_and_dropped_between_two_years(house: House, tmp_path: Path):
    visit = house.open(bypass_csp=True, reduced_motion="reduce")
    visit.become("Anna Analyst")
    page = visit.goto("/filings/?view=compare&first=apple-10-k-2024&second=apple-10-k-2024")
    expect(page.get_by_text("is the only 10-K of Apple Inc. here")).to_be_visible()
    table = page.get_by_role("table", name=re.compile("the year before"))
    expect(table).to_contain_text("+2.02 %")
    look(visit, "compare-year-before-desk")

    taken = tenor(house.up.home, "ingest", "filings", str(edited_year(tmp_path)))
    assert taken.exit == 0, taken.err
    page = visit.goto("/filings/")
    page.get_by_role("row", name=re.compile("10-K FY2024")).get_by_role("link", name="Compare").click()
    page.get_by_role("button", name="Sections").click()
    changes = page.get_by_role("list", name="Changes").get_by_role("listitem")
    expect(changes).to_have_count(2)
    expect(changes.filter(has_text="added")).to_contain_text(GONE)
    expect(changes.filter(has_text="dropped")).to_contain_text(NEW)
    look(visit, "compare-sections-desk")
    page.set_viewport_size(PHONE)
    look(visit, "compare-sections-phone")
    changes.filter(has_text="added").get_by_role("link", name=re.compile("FY2024")).click()
    expect(page.locator("mark.cite-mark")).to_have_text(GONE)
    expect(page.locator("mark.cite-mark")).to_be_in_viewport()
    page.goto(f"{visit.address}/filings/?view=compare&first=apple-10-q-2024-q3&second=apple-10-k-2024&tab=sections")
    expect(page.get_by_text("no change is computed")).to_be_visible()
    page.get_by_role("combobox", name="Section").select_option(index=3)
    expect(page.locator("option:checked").last).to_contain_text("Management")
    expect(changes.filter(has_text="changed").first).to_be_visible()
    look(visit, "compare-forms-phone")
    assert house.close(visit) == []
