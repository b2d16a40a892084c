"""The Research page: a study from data to tear sheet, the leaderboard, states of markets, the news and the data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SLOW = 90_000


def test_a_study_goes_from_data_to_the_tear_sheet_and_onto_paper(house):
    visit = house.open(bypass_csp=True, accept_downloads=True)  # so that axe may run
    visit.become("Anna Analyst")
    page = visit.goto("/")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/research/")
    expect(page.get_by_text("Choose data and a signal, then run the study")).to_be_visible()
    page.get_by_role("button", name="None", exact=True).click()
    page.get_by_role("button", name="Run the study").click()
    expect(page.get_by_role("alert").filter(has_text="at least one instrument")).to_be_visible()
    for name in ("Apple", "Coca-Cola"):
        page.get_by_role("checkbox", name=re.compile(name)).check()
    page.get_by_label("The last years").fill("5")
    page.get_by_role("combobox", name="Strategy").select_option("moving_average")
    page.get_by_label("fast, days").fill("10")
    page.get_by_role("button", name="Run the study").click()
    sheet = page.get_by_role("region", name="Tear sheet")
    expect(sheet.get_by_text("does not beat buy and hold", exact=False).first).to_be_visible(timeout=SLOW)
    steps = page.get_by_role("list", name="Steps").get_by_role("listitem")
    assert [step.inner_text().split("\n")[-1] for step in steps.all()][-1].endswith("done")
    expect(sheet.get_by_role("img", name=re.compile("^Wealth from"))).to_be_visible()
    expect(sheet.get_by_role("img", name=re.compile("^Largest fall"))).to_be_visible()
    expect(sheet.get_by_text("95 % intervals", exact=False)).to_be_visible()
    expect(sheet.get_by_text("Simulated, past prices")).to_be_visible()
    for form, head in (("HTML", b"<!doctype html>"), ("PDF", b"%PDF")):
        with page.expect_download() as caught:
            sheet.get_by_role("link", name=f"Tear sheet as {form}").click()
        assert Path(caught.value.path()).read_bytes().startswith(head)
    assert visit.violations() == []
    page.reload()
    expect(sheet.get_by_role("table", name="Measures")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name=re.compile("^Remove study")).click()
    expect(page.get_by_text("No studies yet")).to_be_visible()
    assert house.close(visit) == []


def test_a_long_study_says_where_it_is_and_is_cancelled(house):
    visit = house.open()
    visit.become("Eva Evaluator")
    page = visit.goto("/research/")
    page.get_by_label("Search instruments").fill("stock")
    page.get_by_role("button", name="All shown").click()
    page.get_by_label("The last years").fill("20")
    page.get_by_role("combobox", name="Strategy").select_option("minimum_variance")
    page.get_by_label("Knobs").select_option("sharpe")
    page.get_by_role("button", name="Run the study").click()
    expect(page.get_by_role("status").filter(has_text="trying knobs")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled. Run it again any time.")).to_be_visible(timeout=SLOW)
    assert house.close(visit) == []


def test_the_leaderboard_draws_every_interval_and_says_that_none_wins(house):
    visit = house.open(bypass_csp=True)
    visit.become("Anna Analyst")
    page = visit.goto("/research/?view=leaderboard&years=5")
    table = page.get_by_role("table", name="Arms by the lower end of their interval")
    expect(table).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("None beats buy and hold")).to_be_visible()
    assert table.get_by_role("img").count() == table.get_by_role("row").count() - 1 >= 9
    expect(page.get_by_text("Nothing is recorded for XNAS:AAPL")).to_be_visible()
    assert visit.violations() == []
    page.get_by_label("Instrument").select_option("XNYS:KO")
    page.wait_for_url("**instrument=XNYS%3AKO**")
    expect(table).to_be_visible(timeout=SLOW)
    assert house.close(visit) == []


def test_states_are_bands_over_the_years(house):
    visit = house.open(bypass_csp=True)
    visit.become("Anna Analyst")
    page = visit.goto("/research/?view=regimes&years=5")
    expect(page.get_by_role("img", name=re.compile("^wild on"))).to_be_visible(timeout=SLOW)
    for name in ("^rising on", "^thin on", "^buy and hold was followed|from 2", "^Closes of"):
        expect(page.get_by_role("img", name=re.compile(name))).to_be_visible()
    expect(page.get_by_role("table", name="Each state, and the day after it")).to_be_visible()
    assert visit.violations() == []
    assert house.close(visit) == []


def test_a_row_of_the_heat_map_opens_its_headlines(house):
    visit = house.open(bypass_csp=True)
    visit.become("Clara Customer")
    page = visit.goto("/research/?view=news")
    row = page.get_by_role("button", name="Apple", exact=True)
    row.click()
    evidence = page.get_by_role("region", name="Evidence: Apple")
    expect(evidence.get_by_role("listitem").first).to_be_visible()
    expect(evidence.get_by_text("half as much after 7 days", exact=False)).to_be_visible()
    expect(page.get_by_text("written for the demonstration, not real news").first).to_be_visible()
    assert visit.violations() == []
    row.click()
    expect(page.get_by_text("Choose a row to see the headlines")).to_be_visible()
    assert house.close(visit) == []


def test_the_data_are_judged_and_say_where_they_come_from(house):
    visit = house.open(bypass_csp=True)
    visit.become("Anna Analyst")
    page = visit.goto("/research/?view=quality")
    table = page.get_by_role("table", name="Series")
    expect(table.get_by_text("BSD-3-Clause").first).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Ether", exact=True).click()
    findings = page.get_by_role("table", name="Findings, newest first")
    expect(findings.get_by_text("12 days missing")).to_be_visible()
    assert visit.violations() == []
    assert house.close(visit) == []


def test_every_view_fits_a_phone(house):
    visit = house.open(**PHONE)
    visit.become("Anna Analyst")
    for view in ("study", "leaderboard&years=5", "regimes&years=5", "news", "quality"):
        page = visit.goto(f"/research/?view={view}")
        expect(page.get_by_role("region").first).to_be_visible()
        expect(page.get_by_text(re.compile("^Loading "))).to_have_count(0, timeout=SLOW)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, view
    page = visit.goto("/research/")
    page.get_by_label("The last years").fill("3")
    page.get_by_role("button", name="Run the study").click()
    expect(page.get_by_role("table", name="Measures")).to_be_visible(timeout=SLOW)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert house.close(visit) == []
