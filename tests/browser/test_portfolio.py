"""The Portfolio page: what cannot be is said, weights and frontier appear, a limit changes them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_from_instruments_to_weights_under_a_limit(house):
    visit = house.open(bypass_csp=True)  # so that axe may run
    visit.become("Anna Analyst")
    page = visit.goto("/portfolio/")
    expect(page.get_by_text("Nothing is ordered here")).to_be_visible()
    page.get_by_role("button", name="Weigh", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Choose at least two instruments")).to_be_visible()
    for name in ("Apple", "Microsoft", "Exxon Mobil", "Coca-Cola"):
        page.get_by_role("checkbox", name=re.compile(name)).check()
    page.get_by_role("button", name="Weigh", exact=True).click()
    table = page.get_by_role("table", name="Weights")
    expect(table).to_be_visible(timeout=60_000)
    expect(page.get_by_role("img", name=re.compile("^Efficient frontier"))).to_be_visible()
    free = max(shown(table))
    page.get_by_label("At most in each, %").fill("30")
    page.get_by_label("Objective").select_option("maximum_sharpe")
    page.get_by_role("button", name="Weigh", exact=True).click()
    expect(page.get_by_role("region", name="Weights").get_by_text("Best Sharpe ratio")).to_be_visible(timeout=60_000)
    assert max(shown(table)) <= 30.01 < free
    assert visit.violations() == []
    page.get_by_label("At most in each, %").fill("10")
    page.get_by_role("button", name="Weigh", exact=True).click()
    expect(page.get_by_role("region", name="Weights").get_by_role("alert")).to_contain_text("raise the cap to 25.0%")
    assert [fault for fault in house.close(visit) if "422" not in fault] == []


def test_a_trader_starts_from_what_is_held(house):
    visit = house.open()
    visit.become("Tom Trader")
    page = visit.goto("/portfolio/")
    page.get_by_label("Turnover at most, %").fill("20")
    page.get_by_role("button", name="Weigh", exact=True).click()
    expect(page.get_by_role("columnheader", name="Held, %")).to_be_visible(timeout=60_000)
    assert house.close(visit) == []


def test_the_learned_policies_say_that_they_are_not_used_and_why(house):
    visit = house.open(bypass_csp=True)
    visit.become("Anna Analyst")
    page = visit.goto("/portfolio/")
    panel = page.get_by_role("region", name="Learned policies", exact=True)
    expect(panel.get_by_text("The learned policy does not beat equal weights: not used.")).to_be_visible()
    expect(panel.get_by_text("is not shown to cost no more than VWAP: not used.")).to_be_visible()
    panel.get_by_text("Figures", exact=True).click()
    ratios = panel.get_by_role("table", name="Sharpe ratios after costs on days not learned from")
    expect(ratios.get_by_role("row")).to_have_count(4)
    expect(ratios.get_by_role("columnheader", name="Learned")).to_be_visible()
    assert visit.violations() == []
    assert house.close(visit) == []


def test_a_trader_sees_lots_and_asks_for_the_sale_of_one_at_a_loss(house):
    visit = house.open(bypass_csp=True)
    visit.become("Tom Trader")
    page = visit.goto("/portfolio/?view=lots")
    expect(page.get_by_role("table", name="Open lots")).to_contain_text("before the records", timeout=60_000)
    page.get_by_label("A sale takes").select_option("highest_cost")
    losses = page.get_by_role("table", name="Losses that could be taken")
    expect(losses).to_contain_text("XNAS:AAPL", timeout=60_000)
    assert visit.violations() == []
    losses.get_by_role("row", name=re.compile("XNAS:AAPL")).get_by_role("link", name="Propose").click()
    expect(page.get_by_text(re.compile("Sell .* AAPL")).first).to_be_visible(timeout=60_000)
    assert house.close(visit) == []


def shown(table) -> list[float]:
    """The weights in percent."""
    heads = table.get_by_role("columnheader").all_inner_texts()
    column = next(n for n, head in enumerate(heads) if head.startswith("Weight"))
    rows = table.get_by_role("row").all()[1:]
    return [float(row.get_by_role("cell").nth(column).inner_text().strip()) for row in rows]


def test_a_trader_sees_scenarios_and_adds_one(house):
    visit = house.open(bypass_csp=True)
    visit.become("Tom Trader")
    page = visit.goto("/portfolio/")
    page.get_by_role("tab", name="Scenarios and liquidity").click()
    table = page.get_by_role("table", name="Scenarios, the largest loss first")
    expect(table.get_by_text("Covid crash, 2020")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("table", name="Sensitivities")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("assumed turnover of the asset class", exact=False)).to_be_visible(timeout=60_000)
    own = page.get_by_role("form", name="Own scenario")
    expect(own.get_by_role("button", name="Add own scenario")).to_be_disabled()
    own.get_by_label("Oil, %").fill("-500")
    expect(own.get_by_role("alert")).to_contain_text("between −100 and 500")
    own.get_by_label("Oil, %").fill("30")
    own.get_by_label("Stocks, %").fill("-20")
    own.get_by_role("button", name="Add own scenario").click()
    expect(table.get_by_text("Own scenario: equity -20%, oil +30%")).to_be_visible(timeout=60_000)
    table.get_by_text("Covid crash, 2020").click()
    expect(table.get_by_text("closes of 2020-02-19", exact=False).first).to_be_visible()
    assert visit.violations() == []
    own.get_by_role("button", name="Remove").click()
    expect(table.get_by_text("Own scenario", exact=False)).to_have_count(0, timeout=60_000)
    assert house.close(visit) == []
