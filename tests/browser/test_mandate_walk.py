"""A trader's whole walk: mandate, bot, approval, child orders, fills, report, revoke."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import House, Visit
from tests.browser.test_bots import ACTS_MS, propose
from tests.browser.test_schedules import fill

pytestmark = pytest.mark.browser


def countersign(visit: Visit, mandate: str) -> None:
    visit.become("Tara Trader")
    page = visit.goto(f"/bots/?mandate={mandate}")
    page.get_by_role("button", name="Countersign…").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Countersign").click()
    expect(page.get_by_text(re.compile("countersigned by trader2"))).to_be_visible()


def start_bot(page: Page, mandate: str, most: str) -> str:
    """A bot of the agent's under the mandate; its id."""
    form = page.get_by_role("region", name="New bot")
    form.get_by_label("Strategy").select_option("sentiment_tilt")
    form.get_by_label("Acts for").select_option(mandate)
    form.get_by_label("Most of each instrument, USD").fill(most)
    form.get_by_label("share held at the strongest mood").fill("2")
    form.get_by_label("weaker moods count as none").fill("0")
    form.get_by_label("AAPL", exact=True).uncheck()
    form.get_by_label("GE", exact=True).check()
    form.get_by_role("button", name="Start the bot").click()
    detail = page.get_by_role("region", name=re.compile("^Bot b"))
    expect(detail.get_by_text(f"the agent under mandate {mandate}")).to_be_visible()
    return page.url.partition("bot=")[2].partition("&")[0]


def bot(visit: Visit, id: str) -> Locator:
    """The bot's detail."""
    return visit.goto(f"/bots/?bot={id}").get_by_role("region", name=f"Bot {id}")


def approve(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Approve")).first.click()
    page.get_by_role("alertdialog").get_by_role("button", name=re.compile("^Approve")).click()


def test_from_mandate_to_revoke(house: House) -> None:
    visit = house.open()
    visit.become("Tom Trader")
    mandate = propose(visit.goto("/bots/"))
    countersign(visit, mandate)
    visit.become("Tom Trader")

    # Both bots wait for the running minute's end; what needs no bot is done meanwhile.
    inside = start_bot(visit.goto("/bots/"), mandate, "20,000")
    outside = start_bot(visit.goto("/bots/"), mandate, "200,000")

    page = visit.goto("/schedules/")
    fill(page, "1500", "0.5", "5")
    page.get_by_role("button", name="Ask for approval").click()
    proposal = page.get_by_role("link", name=re.compile("^Proposal ap-sc-")).get_attribute("href") or ""
    visit.become("Tara Trader")
    approve(visit.goto(proposal))
    visit.become("Tom Trader")
    page = visit.goto(f"/schedules/?id={proposal.rpartition('ap-sc-')[2]}")
    expect(page.get_by_text(re.compile(r"Filled 1,500 of 1,500"))).to_be_visible(timeout=90_000)
    children = page.get_by_role("table", name="Children, newest first").get_by_role("row")
    expect(children.nth(2)).to_be_visible()  # a desk that was kept busy sends two due slices as one
    expect(page.get_by_role("row", name=re.compile("^Cost against arrival"))).to_be_visible()

    detail = bot(visit, inside)
    sent = detail.get_by_role("row", name=re.compile(r"buy \d+ XNYS:GE .*sent"))
    expect(sent).to_be_visible(timeout=ACTS_MS)
    expect(detail.get_by_text(re.compile(r"holds \d+ XNYS:GE"))).to_be_visible()

    asked = bot(visit, outside).get_by_role("row", name=re.compile(r"buy [\d,]+ XNYS:GE .*asked")).first
    expect(asked).to_be_visible(timeout=ACTS_MS)
    expect(asked).to_contain_text("the mandate's limit for each order is USD 25,000.00")
    asked.get_by_role("link").click()
    page = visit.page
    expect(page.get_by_text(re.compile("would act, but the mandate's limit"))).to_be_visible()
    approve(page)
    expect(page.get_by_text(re.compile(r"filled [\d,]+ at"))).to_be_visible()

    page = visit.goto(f"/bots/?mandate={mandate}")
    page.get_by_role("button", name="Revoke…").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("revoked by trader")).to_be_visible()
    expect(page.get_by_role("region", name="Bots").get_by_text("halted")).to_have_count(2)
    assert house.close(visit) == []
