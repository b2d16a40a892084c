from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import DataError, NotFound
from desk.trading.accounts import AccountBook
from desk.trading.holdings import Holding, move
from desk.trading.journal import Record
from tests.desk.trading.fake_feed import instruments
from tests.desk.trading.test_gateway import buy, make_desk, sell


@pytest.mark.parametrize(
    ("steps", "quantity", "cost"),
    [
        ([(10, 100), (10, 200)], 20, 150),
        ([(10, 100), (-4, 500)], 6, 100),
        ([(10, 100), (-10, 500)], 0, 0),
        ([(10, 100), (-15, 500)], -5, 500),
        ([(-10, 100), (-10, 300), (5, 1)], -15, 200),
    ],
)
def test_average_cost(steps: list[tuple[int, int]], quantity: int, cost: int) -> None:
    holding = Holding(Decimal(0), Decimal(0))
    for units, price in steps:
        move(holding, Decimal(units), Decimal(price))
    assert (holding.quantity, holding.cost) == (Decimal(quantity), Decimal(cost))


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 200)), max_size=20))
def test_no_money_or_units_appear_from_nowhere(trades: list[tuple[bool, int]]) -> None:
    """Fills explain every change: cash moves by price and commission, units by quantity."""
    desk = make_desk()
    account = desk.accounts.account("desk")
    cash, units = account.cash["USD"], account.held("XNAS:AAPL")
    for n, (buys, size) in enumerate(trades):
        status = desk.gate.submit((buy if buys else sell)(size, id=f"t{n}")).status
        assert status is not None
        for fill in status.fills:
            cash -= fill.side.sign * int(fill.price_ticks * fill.quantity) + fill.commission
            units += fill.side.sign * fill.quantity
    assert (account.cash["USD"], account.held("XNAS:AAPL")) == (cash, units)


def test_a_record_that_cannot_follow_is_refused() -> None:
    book = AccountBook(instruments())
    body = {"client_id": "ghost", "reason": ""}
    with pytest.raises(DataError, match=r"record 7 .*ghost.*never accepted"):
        book.apply(Record(7, "order.cancelled", "desk", "", "", body))
    book.apply(Record(8, "something.new", "desk", "", "", {}))
    assert book.seq == 8
    with pytest.raises(NotFound):
        book.account("nobody")
    with pytest.raises(NotFound):
        book.order("ghost")
