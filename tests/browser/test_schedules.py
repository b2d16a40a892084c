"""The Schedules page: preview, start, watch, pause, amend, cancel; above the threshold a second person."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def fill(page: Page, quantity: str, minutes: str, slices: str) -> None:
    form = page.get_by_role("region", name="New schedule")
    form.get_by_label("Instrument").select_option("XNAS:AAPL")
    form.get_by_label(re.compile("^Quantity")).fill(quantity)
    form.get_by_label(re.compile("^Minutes")).fill(minutes)
    form.get_by_label("Slices").fill(slices)
    page.get_by_role("button", name="Preview the schedule").click()


def test_a_schedule_from_preview_to_report(house):
    visit = house.open(bypass_csp=True)  # so that axe may run
    visit.become("Tom Trader")
    page = visit.goto("/schedules/")
    expect(page.get_by_text("No schedules yet")).to_be_visible()
    fill(page, "0", "0.4", "4")
    expect(page.get_by_role("alert").filter(has_text="Quantity must be a number above zero")).to_be_visible()
    fill(page, "100", "0.4", "4")
    expect(page.get_by_role("table", name="Slices", exact=True).get_by_role("row")).to_have_count(5)
    expect(page.get_by_text(re.compile("Expected cost against arrival"))).to_be_visible()
    page.get_by_role("button", name="Start: buy 100 AAPL").click()
    detail = page.get_by_role("region", name=re.compile("^Schedule [0-9a-f]+$"))
    expect(detail.get_by_text(re.compile(r"Filled 100 of 100 \(100 %\)"))).to_be_visible(timeout=60_000)
    # one child a slice; what a slow machine left unfilled at a slice's end is carried by one more
    children = detail.get_by_role("table", name="Children, newest first").get_by_role("row")
    filled = [int(row.get_by_role("cell").nth(4).inner_text()) for row in children.all()[1:]]
    assert len(filled) >= 4
    assert sum(filled) == 100
    expect(detail.get_by_role("row", name=re.compile("^Cost against arrival"))).to_be_visible()
    expect(detail.get_by_role("img", name=re.compile("^Planned against filled"))).to_be_visible()
    assert visit.violations() == []
    assert house.close(visit) == []


def test_pause_amend_and_cancel(house):
    visit = house.open()
    visit.become("Tom Trader")
    page = visit.goto("/schedules/")
    fill(page, "200", "30", "60")
    page.get_by_role("button", name="Start: buy 200 AAPL").click()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_text("paused by trader")).to_be_visible()
    page.get_by_role("button", name="Amend…").click()
    box = page.get_by_role("dialog")
    box.get_by_label(re.compile("^Whole quantity")).fill("150")
    box.get_by_role("button", name="Amend the schedule").click()
    expect(page.get_by_text(re.compile("of 150 "))).to_be_visible()
    page.get_by_role("button", name="Resume", exact=True).click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_role("button", name="Cancel the schedule").click()
    expect(page.get_by_text("cancelled by trader")).to_be_visible()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_have_count(0)
    assert house.close(visit) == []


def test_above_the_threshold_a_second_trader_starts_it(house):
    visit = house.open()
    visit.become("Tom Trader")
    page = visit.goto("/schedules/")
    fill(page, "1500", "0.5", "5")
    expect(page.get_by_text("a second person must agree")).to_be_visible()
    page.get_by_role("button", name="Ask for approval").click()
    link = page.get_by_role("link", name=re.compile("^Proposal ap-sc-"))
    address = link.get_attribute("href") or ""
    visit.become("Tara Trader")
    page = visit.goto(address)
    expect(page.get_by_text(re.compile("A twap schedule from"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Approve")).first.click()
    confirm = page.get_by_role("alertdialog").get_by_role("button", name=re.compile("^Approve"))
    confirm.click()
    page = visit.goto(f"/schedules/?id={address.rpartition('ap-sc-')[2]}")
    expect(page.get_by_text(re.compile(r"Filled 1,500 of 1,500"))).to_be_visible(timeout=90_000)
    assert house.close(visit) == []
