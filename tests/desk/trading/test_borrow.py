"""Short sales at the simulated venue: what can be borrowed, and what it costs a market day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from math import ceil

import pytest

from desk.errors import OrderRefused
from desk.orders import OrderType, TimeInForce
from desk.trading.seeds import Seed
from desk.trading.venue_terms import VenueTerms
from tests.desk.trading.desks import open_desk
from tests.desk.trading.fake_feed import AAPL, BTC, EUR, FakeFeed
from tests.desk.trading.test_gateway import buy, sell

LENT = {AAPL: 150, "*": 1}


def test_a_short_sale_needs_something_to_borrow(tmp_path) -> None:
    desk = open_desk(tmp_path, terms=VenueTerms(borrow=LENT))
    desk.seed([Seed("two", "desk", "USD", {"USD": 1_000_000_00})])
    desk.gate.submit(sell(100, id="own"))
    desk.gate.submit(sell(100, id="lent"))
    with pytest.raises(OrderRefused) as refused:
        desk.gate.submit(sell(51, id="more", account="two"))
    assert (refused.value.rule, refused.value.limit, refused.value.value) == ("borrow", "150", "151")
    assert "151 units of XNAS:AAPL would be short and 150 can be borrowed (simulated)" in refused.value.message
    desk.gate.submit(sell(50, id="waits", account="two", type=OrderType.LIMIT, limit_ticks=19_000,
                          time_in_force=TimeInForce.GTC))  # fmt: skip
    with pytest.raises(OrderRefused, match="151 units"):
        desk.gate.submit(sell(1, id="none-left"))
    desk.cancel("waits")
    desk.gate.submit(sell(1, id="free-again"))
    with pytest.raises(OrderRefused, match="borrow"):
        desk.gate.submit(sell("1.5", id="coin", instrument=BTC))
    desk.gate.submit(buy(1, id="buys"))
    desk.close()


def test_borrowing_is_charged_each_market_day_by_the_formula(tmp_path) -> None:
    feed, terms = FakeFeed(), VenueTerms(borrow_pct=Decimal("7.3"))
    desk = open_desk(tmp_path, feed, terms=terms)
    desk.gate.submit(sell(400, id="short"))
    desk.gate.submit(sell(1_000, id="euro", instrument=EUR))
    desk.poll()
    before = desk.accounts.account("desk").cash["USD"]
    feed.move(AAPL, 18_500, 18_502, timedelta(hours=2))
    desk.poll()
    assert desk.accounts.account("desk").cash["USD"] == before  # the day goes on
    feed.move(AAPL, 19_000, 19_002, timedelta(days=3))
    desk.poll()
    desk.poll()
    stock, pair = 300 * 190.01 * 100, 1_000 * 1.0801 * 100
    charged = sum(ceil(round(worth * 0.073 * 3 / 365, 6)) for worth in (stock, pair))
    assert charged == 3_421 + 65
    assert desk.accounts.account("desk").cash["USD"] == before - charged
    feed.at -= timedelta(hours=6)  # the session begins anew
    desk.poll()
    again = sum(ceil(round(worth * 0.073 / 365, 6)) for worth in (stock, pair))
    assert desk.accounts.account("desk").cash["USD"] == before - charged - again
    assert desk.journal.wait_durable(desk.accounts.seq, 10)
    records = [r for r in desk.journal.replay(0) if r.kind == "account.borrow_charged"]
    charges = [r.body["charges"] for r in records]
    assert [(r.subject_id, r.body["days"]) for r in records] == [("desk", 3), ("desk", 1)]
    assert all(isinstance(each, list) and len(each) == 2 for each in charges)
    assert isinstance(charges[0], list)
    assert charges[0][0] == {
        "instrument": AAPL, "units": "300", "price_ticks": 19_001, "amount": 3_421, "currency": "USD",
    }  # fmt: skip
    assert feed.saved == feed.at  # kept before the charge, so that a desk killed after it starts behind the day's end
    state = desk.accounts.state_hash()
    desk.close()
    reopened = open_desk(tmp_path, feed, terms=terms)
    reopened.poll()
    assert reopened.accounts.state_hash() == state
    reopened.close()
