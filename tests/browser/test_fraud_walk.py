"""An investigator's walk through a case: queue, flow in time, take, narrative, network, and a closing by two."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House, Visit

pytestmark = pytest.mark.browser


def close_case(page: Page, button: str, reason: str, verdict: str = "") -> None:
    page.get_by_role("button", name=button).click()
    if verdict:
        page.get_by_role("combobox", name="Verdict").select_option(verdict)
    page.get_by_label("Reason (required)").fill(reason)
    page.get_by_role("button", name="Vote to close").click()
    expect(page.get_by_role("table", name="Actions on this case")).to_contain_text(reason)


def open_from_queue(page: Page) -> None:
    """By keys alone: the first row of the queue, then Enter."""
    queue = page.get_by_role("table", name="Cases, most urgent first")
    expect(queue.get_by_role("button").first).to_be_visible()
    page.keyboard.press("k")
    expect(queue.get_by_role("button").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/fraud/?**id=**")


def follow_the_flow(page: Page) -> None:
    slider = page.get_by_role("slider", name="Show the case until")
    transfers = page.get_by_role("table", name=re.compile("^The transfers of the picture"))
    expect(transfers.get_by_role("cell", name="later", exact=True)).to_have_count(0)
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(": 1 of "))
    expect(transfers.get_by_role("cell", name="later", exact=True).first).to_be_visible()
    page.keyboard.press("End")
    expect(transfers.get_by_role("cell", name="later", exact=True)).to_have_count(0)


def open_a_fact(page: Page) -> None:
    """A figure of the narrative opens its fact and marks its transfers in the table."""
    told = page.get_by_role("region", name="What the fraud agent says")
    told.get_by_role("button").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("the case's evidence")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def look_around(page: Page) -> None:
    page.get_by_role("button", name="Show the network around").click()
    page.get_by_role("button", name="Table", exact=True).click()
    page.get_by_role("table", name=re.compile("^Accounts of the network")).get_by_role("button").first.click()
    expect(page.get_by_role("table", name=re.compile("^Links of "))).to_be_visible()


def test_from_the_queue_to_a_case_closed_by_two(house: House) -> None:
    visit: Visit = house.open(bypass_csp=True)  # so that axe may run
    visit.become("Carl Compliance")
    page = visit.goto("/fraud/")
    expect(page.get_by_role("region", name="Streaming alerts")).to_be_visible()
    open_from_queue(page)
    case = page.url
    follow_the_flow(page)
    page.get_by_role("button", name="Take", exact=True).click()
    expect(page.get_by_text("You have this case.")).to_be_visible()
    open_a_fact(page)
    look_around(page)
    assert visit.violations() == []
    close_case(page, "Close…", "invoices seen", "cleared")
    expect(page.get_by_text("verdict: cleared")).to_be_visible()
    visit.become("Cora Compliance")
    page = visit.goto(case.removeprefix(visit.address))
    close_case(page, "Close as second person…", "invoices checked")
    expect(page.get_by_role("button", name="Reopen…")).to_be_visible()
    levels = page.get_by_role("table", name="What verdicts say of the levels")
    expect(levels).to_contain_text("8 are needed")
    expect(page.get_by_role("link", name="Draft report, PDF")).to_have_attribute(
        "href", re.compile(r"report\?format=pdf$")
    )
    assert house.close(visit) == []
