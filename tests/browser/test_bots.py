"""The Bots page: a mandate by two people, a bot that acts under it without asking, and its end in one click."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
ACTS_MS = 150_000
"""A bot acts when the running minute has ended, at most two of them after its start."""


def propose(page: Page, *, dry: bool = False) -> str:
    form = page.get_by_role("region", name="New mandate")
    page.get_by_role("button", name="Mandate", exact=True).click()
    form.get_by_role("button", name="Propose the mandate").click()
    expect(form.get_by_role("alert")).to_contain_text("Choose at least one instrument")
    form.get_by_label("Sentiment tilt").check()
    form.get_by_label("GE", exact=True).check()
    form.get_by_label("From (UTC, market clock)").fill("00:00")
    form.get_by_label("To (UTC, market clock)").fill("24:00")
    if dry:
        form.get_by_label(re.compile("^Dry run")).check()
    form.get_by_role("button", name="Propose the mandate").click()
    detail = page.get_by_role("region", name=re.compile("^Mandate m"))
    expect(detail.get_by_text("not countersigned yet")).to_be_visible()
    return page.url.partition("mandate=")[2].partition("&")[0]


def test_mandate_bot_acts_revoked(house):
    visit = house.open(bypass_csp=True)  # so that axe may run
    visit.become("Tom Trader")
    page = visit.goto("/bots/")
    expect(page.get_by_text("agents ask a person about every order")).to_be_visible()
    mandate = propose(page)
    expect(page.get_by_role("button", name="Countersign…")).to_have_count(0)
    visit.become("Tara Trader")
    page = visit.goto(f"/bots/?mandate={mandate}")
    page.get_by_role("button", name="Countersign…").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Countersign").click()
    expect(page.get_by_text(re.compile("countersigned by trader2"))).to_be_visible()
    visit.become("Tom Trader")
    page = visit.goto("/bots/")
    form = page.get_by_role("region", name="New bot")
    form.get_by_label("Strategy").select_option("sentiment_tilt")
    form.get_by_label("Acts for").select_option(mandate)
    form.get_by_label("share held at the strongest mood").fill("2")
    form.get_by_label("weaker moods count as none").fill("0")
    form.get_by_label("AAPL", exact=True).uncheck()
    form.get_by_label("GE", exact=True).check()
    form.get_by_role("button", name="Start the bot").click()
    detail = page.get_by_role("region", name=re.compile("^Bot b"))
    expect(detail.get_by_text(f"the agent under mandate {mandate}")).to_be_visible()
    sent = detail.get_by_role("row", name=re.compile(r"buy \d+ XNYS:GE .*sent"))
    expect(sent).to_be_visible(timeout=ACTS_MS)
    expect(sent).to_contain_text("Tenor demonstration wire +0.")
    expect(detail.get_by_text(re.compile(r"holds \d+ XNYS:GE"))).to_be_visible()
    assert visit.violations() == []
    page = visit.goto(f"/bots/?mandate={mandate}")
    page.get_by_role("button", name="Revoke…").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("revoked by trader")).to_be_visible()
    expect(page.get_by_role("region", name="Bots").get_by_text("halted")).to_be_visible()
    assert house.close(visit) == []


def test_a_bot_of_ones_own_is_stopped_and_wrong_settings_are_named(house):
    visit = house.open()
    visit.become("Tom Trader")
    page = visit.goto("/bots/")
    form = page.get_by_role("region", name="New bot")
    form.get_by_label("Most of each instrument, USD").fill("0")
    form.get_by_role("button", name="Start the bot").click()
    expect(form.get_by_role("alert")).to_contain_text("above 0")
    form.get_by_label("Most of each instrument, USD").fill("5,000")
    form.get_by_label("bars of the quick average").fill("30")
    form.get_by_role("button", name="Start the bot").click()
    expect(form.get_by_role("alert")).to_contain_text("must be below slow")
    form.get_by_label("bars of the quick average").fill("3")
    form.get_by_role("button", name="Start the bot").click()
    page.get_by_role("button", name="Stop…").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Stop the bot").click()
    expect(page.get_by_text("stopped by trader")).to_be_visible()
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("button", name="Stop…")).to_be_visible()
    page.get_by_role("button", name="Stop…").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Stop the bot").click()
    refused = [fault for fault in house.close(visit) if "status of 422" not in fault]  # the settings that were wrong
    assert refused == []
