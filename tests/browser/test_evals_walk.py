"""An evaluator makes a case of a conversation, runs the set twice, compares, and opens the case that failed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House, Visit

pytestmark = pytest.mark.browser
QUESTION = "How volatile is Exxon?"


@pytest.fixture
def visit(house: House) -> Iterator[Visit]:
    """A window that must have made no fault when the test is over."""
    opened = house.open(bypass_csp=True)  # so that axe may run
    yield opened
    assert house.close(opened) == []


def save(page: Page, name: str, target: dict) -> None:
    """Fills the form and saves it."""
    form = page.get_by_role("dialog", name="Make it a case")
    form.get_by_label("Set").fill("exxon")
    form.get_by_label("Case", exact=True).fill(name)
    form.get_by_label("Target").fill(json.dumps(target))
    form.get_by_role("button", name="Save the case").click()


def run_set(page: Page) -> str:
    """Runs the set to its end; the run's id."""
    before = page.url
    page.get_by_role("button", name="Run the set exxon").click()
    page.wait_for_function("before => location.href !== before", arg=before)
    page.get_by_text(re.compile(r"^\d+ of \d+ passed")).wait_for(timeout=90_000)
    found = re.search(r"run=(\w+)", page.url)
    assert found is not None
    return found[1]


def test_from_a_conversation_to_a_compared_run(visit):
    visit.become("Eva Evaluator")
    page = visit.ask(QUESTION)
    button = page.get_by_role("button", name="Make it a case")
    button.focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="Make it a case")
    proposed = json.loads(form.get_by_label("Target").input_value())
    assert proposed["agents"] == ["risk"]
    assert proposed["facts"]
    form.get_by_label("Target").fill("{")
    expect(form.get_by_text(re.compile("The target is no JSON"))).to_be_visible()
    expect(form.get_by_role("button", name="Save the case")).to_be_disabled()
    save(page, "right", proposed)
    expect(form.get_by_text("set exxon has 1 case.")).to_be_visible()
    save(page, "wrong", {"agents": ["fraud"]})
    expect(form.get_by_text("set exxon has 2 cases.")).to_be_visible()
    page = visit.goto("/evals/")
    first = run_set(page)
    expect(page.get_by_text("No other finished run of smoke to compare with.")).to_be_visible()
    second = run_set(page)
    assert first != second
    page.get_by_label("Compare with").select_option(first)
    compared = page.get_by_role("region", name="Comparison")
    expect(compared.get_by_text("+0.0 points")).to_be_visible()
    expect(compared.get_by_text("No case changed its verdict.", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(f"against={first}"))
    page.get_by_role("button", name="Open the case wrong").click()
    trace = page.get_by_role("dialog", name="Case wrong")
    expect(trace.get_by_text("agents were ['risk'], not ['fraud']")).to_be_visible()
    expect(trace.get_by_role("list", name="Steps")).to_contain_text("measure_instruments")
    assert visit.violations() == []
    page.keyboard.press("Escape")
    expect(trace).to_have_count(0)
    assert visit.violations() == []


def test_a_customer_makes_no_cases(visit):
    visit.become("Clara Customer")
    page = visit.ask("What is a limit order?")
    expect(page.get_by_role("button", name="Make it a case")).to_have_count(0)
