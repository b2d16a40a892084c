"""The order book on the Desk page: a ladder that moves, of what is traded only."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_the_book_is_a_ladder_that_moves_and_goes_with_the_instrument(house):
    visit = house.open(bypass_csp=True)  # so that axe may run
    visit.become("Tom Trader")
    page = visit.goto("/")
    watch = page.get_by_role("region", name="Watchlist")
    watch.get_by_role("button", name=re.compile("^AAPL ")).click()
    page.get_by_role("button", name="Book", exact=True).click()
    book = page.get_by_role("table", name="Order book of AAPL, asks above bids")
    expect(book.get_by_role("row", name=re.compile("^Ask "))).not_to_have_count(0)
    expect(book.get_by_role("row", name=re.compile("^Bid "))).not_to_have_count(0)
    before = book.inner_text()
    expect(book).not_to_have_text(before, timeout=20_000)
    assert visit.violations() == []
    watch.get_by_role("button", name=re.compile("^MSFT ")).click()
    expect(page.get_by_role("table", name="Order book of MSFT, asks above bids")).to_be_visible()
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.get_by_role("table", name=re.compile("^Order book"))).to_have_count(0)
    assert house.close(visit) == []
