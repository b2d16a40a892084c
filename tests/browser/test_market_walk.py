"""An officer's walk through a case of market abuse: orders pulled too fast, the queue, the rows, a closing by two."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.api.running import tenor
from tests.browser.conftest import House
from tests.browser.test_fraud_walk import close_case, open_a_fact

pytestmark = pytest.mark.browser
PLACED = 150


def send_and_pull(house: House) -> None:
    """A trader enters orders far from the market and pulls each at once, through the order door."""
    key = tenor(house.up.home, "keys", "create", "--as", "trader", "--scope", "trade,read", "--expires", "1d").json
    headers = {"authorization": f"Bearer {key['secret']}"}
    with httpx.Client(base_url=house.up.address, headers=headers, timeout=60) as trader:
        quotes = trader.get("/v1/market/quotes").raise_for_status().json()["quotes"]
        price = next(float(one["last"]) for one in quotes if one["instrument"] == "XNAS:MSFT")
        order = {"account": "desk-1", "instrument": "XNAS:MSFT", "side": "buy", "quantity": 1, "type": "limit"}
        for n in range(PLACED):
            ticket = {**order, "limit_price": round(price * 0.97, 2), "client_id": f"fast-{n}"}
            placed = trader.post("/v1/orders", json=ticket).raise_for_status().json()["order"]
            trader.delete(f"/v1/orders/{placed['id']}").raise_for_status()


def open_the_market_case(page: Page) -> None:
    """The filter of kinds leaves it alone in the queue; the name of the row opens it."""
    queue = page.get_by_role("table", name="Cases, most urgent first")
    row = queue.get_by_role("row").filter(has_text="High-frequency trading without permission")
    expect(row).to_be_visible()
    row.get_by_role("button").first.click()
    page.wait_for_url("**/fraud/?**id=ma-**")


def read_the_rows(page: Page) -> None:
    rows = page.get_by_role("table", name="Orders, trades, bars and forms in order, with running amounts")
    expect(rows.get_by_role("cell", name="cancel", exact=True).first).to_be_visible()
    expect(rows.get_by_role("cell", name="desk-1", exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name="Show the network around")).to_have_count(0)


def test_from_orders_pulled_too_fast_to_a_case_closed_by_two(house: House) -> None:
    send_and_pull(house)
    visit = house.open(bypass_csp=True)  # so that axe may run
    visit.become("Carl Compliance")
    page = visit.goto("/fraud/")
    looks = page.get_by_text("Bars, news and insiders’ forms,")
    expect(looks).to_contain_text("every 15 min")
    page.get_by_role("button", name="Look now").click()
    expect(page.get_by_text(re.compile(r"[\d,]+ bars, [\d,]+ headlines, [\d,]+ forms; "))).to_be_visible()
    open_the_market_case(page)
    case = page.url
    read_the_rows(page)
    open_a_fact(page)
    page.get_by_role("button", name="Take", exact=True).click()
    expect(page.get_by_text("You have this case.")).to_be_visible()
    assert visit.violations() == []
    close_case(page, "Close…", "a test of the desk's own", "cleared")
    visit.become("Cora Compliance")
    page = visit.goto(case.removeprefix(visit.address))
    close_case(page, "Close as second person…", "the trader was asked")
    expect(page.get_by_role("button", name="Reopen…")).to_be_visible()
    expect(page.get_by_role("link", name="Draft report, PDF")).to_have_attribute(
        "href", re.compile(r"report\?format=pdf$")
    )
    assert house.close(visit) == []
