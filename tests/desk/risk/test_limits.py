from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import InputError
from desk.orders import Chosen, Order, OrderType, Side
from desk.risk.limits import LimitTable, load_limits
from desk.risk.rules import NANO, Situation, judge
from tests.desk.trading.fake_feed import AAPL, BTC, START, FakeFeed

FEED = FakeFeed()


def situation(id: str = AAPL, **changes: Any) -> Situation:
    instrument, quote = FEED.instruments.get(id), FEED.quote(id)
    usual = Situation(
        limits=LimitTable().customer,
        instrument=instrument,
        bid=quote.bid_ticks,
        ask=quote.ask_ticks,
        price=quote.ask_ticks,
        worth=int(instrument.tick * instrument.lot * 100 * NANO),
        held=0,
        open_buys=0,
        open_sells=0,
        cash=100_000_00,
        gross=0,
        net=0,
        short=0,
        equity=2_000_000_00,
        lost=0,
        fee=36,
        desk_gross=0,
        rate=0,
        today=START.date(),
    )
    return usual._replace(**changes)


def test_the_version_names_the_values():
    assert LimitTable().version == LimitTable().version
    assert load_limits({"max_order_notional": 1}).version != LimitTable().version
    changed = load_limits({"base": "EUR", "customer": {"credit": 5}})
    assert (changed.base, changed.customer.credit, changed.desk) == ("EUR", 5, LimitTable().desk)


@pytest.mark.parametrize("plain", [{"nonsense": 1}, {"desk": {"x": 1}}, {"max_order_notional": -1}, {"desk": 3},
                                   {"max_order_quantity": "100"}, {"price_band_bps": True},
                                   {"instruments": 3}, {"instruments": {"XNAS:AAPL": 3}},
                                   {"instruments": {"XNAS:AAPL": {"x": 1}}}])  # fmt: skip
def test_a_wrong_table_is_refused(plain: dict[str, object]) -> None:
    with pytest.raises(InputError):
        load_limits(plain)


def test_a_reading_says_number_limit_and_unit():
    found = judge(Order("a", "x", AAPL, Side.BUY, Decimal(3_000)), situation(), LimitTable())
    broken = next(reading.check() for reading in found.readings if not reading.ok)
    assert (broken.rule, broken.limit, broken.value, broken.unit) == ("max_order_notional", "500000", "540060", "USD")
    assert broken.message == "max order notional: 540,060 USD breaks the limit of 500,000 USD"


amounts = st.integers(0, 3_000_000_00)
lots = st.integers(-3_000, 3_000)


@given(
    id=st.sampled_from([AAPL, BTC]),
    side=st.sampled_from(Side),
    chosen=st.sampled_from(Chosen),
    quantity=st.decimals("0.00001", "300000", places=5),
    market=st.booleans(),
    kind=st.sampled_from(["desk", "customer"]),
    held=lots,
    open_units=st.tuples(st.integers(0, 500), st.integers(0, 500)),
    money=st.tuples(amounts, amounts, amounts, st.integers(-3_000_000_00, 3_000_000_00), amounts),
)
def test_a_clamped_order_passes_or_is_left_alone(id, side, chosen, quantity, market, kind, held, open_units, money):
    at = situation(
        id, limits=LimitTable().account(kind), held=held, open_buys=open_units[0], open_sells=open_units[1],
        cash=money[0], gross=money[1], short=money[2], net=money[3], lost=money[4],
    )  # fmt: skip
    ticks = None if market else at.ask
    kind_of = OrderType.MARKET if market else OrderType.LIMIT
    order = Order("a", "x", id, side, quantity, type=kind_of, limit_ticks=ticks, chosen=chosen)
    found = judge(order, at, LimitTable())
    assert found.quantity <= quantity
    if chosen is Chosen.PERSON:
        assert (found.quantity, found.clamps) == (quantity, ())
    if found.clamps:
        assert found.ok
        assert found.quantity % at.instrument.lot == 0
        assert [clamp.wanted for clamp in found.clamps][1:] == [clamp.allowed for clamp in found.clamps][:-1]
        one_more = Order("a", "x", id, side, found.quantity + at.instrument.lot, type=kind_of, limit_ticks=ticks)
        assert one_more.quantity > quantity or not judge(one_more, at, LimitTable()).ok or len(found.clamps) == 1
    assert judge(order, at, LimitTable(), exact=True).quantity == quantity
