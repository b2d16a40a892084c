"""A trade question on one page: words, six agents, facts, answer, proposal, order; and where a figure comes from."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import AXE, House, Visit, lacking

pytestmark = pytest.mark.browser
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1440, height=900)
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"
AGENTS = ("Market data", "Market sentiment", "Risk", "Portfolio manager", "Compliance", "Trade execution")


def look(visit: Visit, name: str) -> None:
    """A picture into the folder of WALK_PICTURES, for people; and nothing wrong or wider than the window."""
    folder = os.environ.get("WALK_PICTURES")
    if folder:
        visit.page.screenshot(path=Path(folder) / f"{name}.png", full_page="page" in name)
    assert visit.violations() == []
    assert visit.page.evaluate(OVERFLOW) <= 0


def test_a_trader_follows_a_trade_from_words_to_order(house: House):
    if not AXE.exists():
        lacking("axe-core is not installed; `make web` installs it")
    visit = house.open(bypass_csp=True, reduced_motion="reduce")
    visit.become("Tom Trader")
    page = visit.ask("Should I buy 10 Apple?")
    page.get_by_role("link", name="Trace", exact=True).click()
    page.wait_for_url("**/runs/?id=*")
    expect(page.get_by_text("“Should I buy 10 Apple?”")).to_be_visible()
    parts = page.get_by_role("list", name="Agents' parts").get_by_role("heading", level=3)
    expect(parts).to_have_count(len(AGENTS))
    for number, name in enumerate(AGENTS, 1):
        expect(parts.nth(number - 1)).to_have_text(f"{number} {name}")
    order = page.get_by_role("list", name="Orders")
    expect(order).to_contain_text("Nothing was sent: it waits for a yes.")
    look(visit, "run-desk-page")

    page.get_by_label("Facts of which agent").select_option("execution")
    table = page.get_by_role("table", name="Facts of the run")
    expect(table.get_by_role("button", name="AAPL value at risk, one day")).to_have_count(0)
    table.get_by_role("button", name="AAPL change of sentiment").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("call 2: weigh_case")
    assert "fact=aapl_sentiment_turn" in page.url
    look(visit, "fact-desk")
    dialog.get_by_role("button", name="AAPL sentiment, last week").click()
    expect(dialog.get_by_role("heading", name="AAPL sentiment, last week")).to_be_visible()
    expect(dialog.get_by_role("button", name="AAPL change of sentiment")).to_be_visible()
    page.set_viewport_size(PHONE)
    page.reload()  # the address alone brings the figure back
    expect(dialog.get_by_role("link", name="Apple (XNAS:AAPL) on the desk")).to_be_visible()
    look(visit, "fact-phone")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_label("Facts of which agent")).to_have_value("execution")
    look(visit, "run-phone-page")
    page.set_viewport_size(DESK)

    page.get_by_role("link", name=re.compile("^Proposal ap-")).click()
    page.get_by_role("button", name="Approve…").click()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("Approved. The gate took the orders")).to_be_visible()
    page.get_by_role("link", name="The run behind it").click()
    expect(order).to_contain_text("filled 10 at")
    expect(page.get_by_role("navigation", name="Steps of the run")).to_contain_text("Order filled")
    expect(order).to_contain_text("venue: simulated")
    expect(page.get_by_role("list", name="Answers")).to_contain_text("approved by trader")
    look(visit, "filled-desk-page")
    run = page.url.split("#")[0]
    page = visit.goto("/")
    page.get_by_role("tab", name=re.compile("^Orders")).click()
    page.get_by_role("button", name=re.compile("^filled: show every step of order ap-")).first.click()
    page.get_by_role("link", name="Trace: the run behind it").click()
    expect(page.get_by_text("“Should I buy 10 Apple?”")).to_be_visible()
    assert house.close(visit) == []

    other = house.open()
    other.become("Clara Customer")
    other.page.goto(run)
    expect(other.page.get_by_role("alert").filter(has_text="cannot be shown")).to_contain_text("somebody else asked it")
    other.goto("/runs/")
    expect(other.page.get_by_text("No run is named.")).to_be_visible()
    assert [fault for fault in house.close(other) if "404" not in fault] == []
