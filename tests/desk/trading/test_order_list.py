from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desk.errors import NotFound
from desk.orders import Order, OrderType, TimeInForce
from desk.trading.desk_book import TradingDesk
from desk.trading.order_shelf import OrderShelf
from tests.desk.trading.desks import open_desk
from tests.desk.trading.test_gateway import buy, sell

MANY = 600


def ids(desk: TradingDesk, limit: int, before: str = "", odd: bool = False) -> tuple[list[str], str]:
    """What one page holds, of every order or of those with an odd number."""

    def wanted(order: Order) -> bool:
        return not odd or int(order.client_id[2:]) % 2 == 1

    page = desk.page(wanted, limit, before)
    return [status.order.client_id for status in page.orders], page.older


@pytest.fixture
def desk(tmp_path: Path):
    """600 orders that ended and stand packed, but for the first and the third, which rest."""
    made = open_desk(tmp_path)
    made.accounts.orders = OrderShelf(kept=0, block=50)
    for n in range(MANY):
        order = (buy if n % 2 or n in (0, 2) else sell)(1, id=f"o-{n}")
        if n in (0, 2):
            order = replace(order, type=OrderType.LIMIT, limit_ticks=17_300, time_in_force=TimeInForce.GTC)
        made.gate.submit(order)
        if n % 100 == 0:
            made.poll()
    made.poll()
    assert made.accounts.orders.packed > 500
    assert made.open_ids(["desk"]) == ["o-0", "o-2"]
    yield made
    made.close()


@pytest.mark.parametrize("limit", [1, 7, 256, 599])
def test_pages_hold_every_order_once_and_the_newest_first(desk, limit):
    newest = [f"o-{n}" for n in reversed(range(MANY))]
    seen, older = ids(desk, limit)
    assert seen == [*newest[:limit], *(id for id in ("o-2", "o-0") if id not in newest[:limit])]
    walked, pages = seen[:limit], 1
    while older:
        page, older = ids(desk, limit, older)
        walked += page
        pages += 1
    assert walked == newest
    assert pages == -(-MANY // limit)


def test_who_sees_some_orders_gets_full_pages_of_them(desk):
    seen, older = ids(desk, 200, odd=True)
    assert (seen, older) == ([f"o-{n}" for n in range(599, 199, -2)], "o-201")
    seen, older = ids(desk, 200, older, odd=True)
    assert (len(seen), seen[-1], older) == (100, "o-1", "")


def test_all_on_one_page_has_no_older_ones_and_no_doubles(desk):
    seen, older = ids(desk, MANY)
    assert (len(seen), len(set(seen)), older) == (MANY, MANY, "")


def test_an_id_to_go_on_from_that_is_no_order_is_named(desk):
    with pytest.raises(NotFound, match="'nobody' to go on from"):
        ids(desk, 5, "nobody")


def test_a_desk_without_orders_lists_none(tmp_path):
    desk = open_desk(tmp_path)
    assert ids(desk, 5) == ([], "")
    desk.close()
