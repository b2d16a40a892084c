"""Every page of every role: no fault of its own, nothing wider than the window, usable with assistive technology."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import AXE, lacking

pytestmark = pytest.mark.browser

PAGES = {
    "Tom Trader": (
        "/", "/chat/", "/approvals/", "/schedules/", "/portfolio/", "/research/", "/bots/", "/filings/", "/system/",
    ),
    "Clara Customer": (
        "/", "/chat/", "/approvals/", "/schedules/", "/portfolio/", "/research/", "/filings/", "/system/",
    ),
    "Anna Analyst": ("/", "/chat/", "/portfolio/", "/research/", "/filings/", "/evals/", "/system/"),
    "Carl Compliance": (
        "/", "/chat/", "/approvals/", "/schedules/", "/research/", "/bots/", "/filings/", "/fraud/", "/audit/",
        "/system/",
    ),
    "Eva Evaluator": ("/", "/chat/", "/research/", "/filings/", "/evals/", "/system/"),
    "Adam Administrator": ("/", "/chat/", "/research/", "/filings/", "/audit/", "/evals/", "/system/"),
}  # fmt: skip
PHONE = {"width": 390, "height": 844}
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"


@pytest.mark.parametrize("person", PAGES)
def test_every_page_of_a_role_is_whole(house, person):
    if not AXE.exists():
        lacking("axe-core is not installed; `make web` installs it")
    # The page's own policy forbids injected scripts; only this test of accessibility goes round it.
    visit = house.open(bypass_csp=True, reduced_motion="reduce")
    visit.become(person)
    names = visit.page.get_by_role("navigation").first.get_by_role("link").all_inner_texts()
    assert len([name for name in names if name.strip()]) == len(PAGES[person]), names
    wrong = {}
    for path in PAGES[person]:
        for scheme, size in (("dark", {"width": 1440, "height": 900}), ("light", PHONE)):
            visit.page.emulate_media(color_scheme=scheme)
            visit.page.set_viewport_size(size)
            page = visit.goto(path)
            expect(page.get_by_role("heading", level=1)).to_have_count(1)
            page.wait_for_load_state("load")
            expect(page.get_by_text(re.compile("^Loading"))).to_have_count(0)
            found = [*visit.violations(), *visit.faults]
            if page.evaluate(OVERFLOW) > 0:
                found.append("wider than the window")
            visit.faults.clear()
            if found:
                wrong[f"{path} {scheme}"] = found
    visit.faults.extend(map(str, wrong.items()))
    assert house.close(visit) == []


def test_an_address_that_is_no_page_says_so(house):
    visit = house.open()
    visit.become("Tom Trader")
    visit.page.goto(f"{visit.address}/nowhere/")
    expect(visit.page.get_by_text(re.compile("not here|no page|does not exist", re.IGNORECASE)).first).to_be_visible()
    assert [fault for fault in house.close(visit) if "404" not in fault] == []


def test_what_a_role_may_not_see_is_refused_in_words(house):
    visit = house.open()
    visit.become("Anna Analyst")
    visit.goto("/fraud/")
    expect(visit.page.get_by_text(re.compile("may not read fraud"))).to_be_visible()
    assert [fault for fault in house.close(visit) if "403" not in fault] == []


def test_the_first_visit_brings_a_tour_that_escape_ends(house):
    visit = house.open()
    visit.become("Tom Trader")
    page = visit.goto("/")
    page.get_by_role("button", name=re.compile(": menu$")).click()
    page.get_by_role("menuitem", name="Guided tour").click()
    tour = page.get_by_role("complementary", name="Guided tour")
    expect(tour).to_contain_text("Step 1 of 5")
    tour.get_by_role("button", name="Next").press("Escape")
    expect(tour).to_have_count(0)
    assert house.close(visit) == []


def test_a_used_door_is_shut(house):
    visit = house.open(storage_state=None)
    visit.page.goto(f"{visit.address}/#door=used")
    expect(visit.page.get_by_text(re.compile("The printed address works once"))).to_be_visible()
    expect(visit.page.get_by_role("button", name=re.compile("Trader"))).to_have_count(0)
    visit.page.context.close()
