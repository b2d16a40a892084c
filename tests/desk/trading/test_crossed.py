"""Orders on the bus with their limits; trades between two accounts of the desk, named where the venue knows them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from desk.orders import OrderState, OrderType
from desk.trading.desk_book import TradingDesk
from tests.desk.trading.desks import open_desk
from tests.desk.trading.fake_feed import AAPL
from tests.desk.trading.test_gateway import buy, sell

INSIDE: dict[str, Any] = {"type": OrderType.LIMIT, "limit_ticks": 18_001}


def cross(desk: TradingDesk, n: int = 1) -> None:
    """The desk offers ten inside the spread and the customer takes seven of them, then three of the maker's."""
    desk.gate.submit(sell(10, id=f"s-{n}", **INSIDE))
    desk.gate.submit(buy(7, id=f"b-{n}", account="eva", **INSIDE))


def heard(desk: TradingDesk) -> list[dict[str, object]]:
    return [event.body for event in desk.settlement._bus.since("orders", 0)]


def test_messages_carry_the_limit_and_what_met_an_account_of_the_desk(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    cross(desk)
    rests, buyer, seller = heard(desk)
    assert (rests["state"], rests["limit"], "trades" in rests) == ("working", "180.01", False)
    trade = {"trade": "b-1~1", "quantity": "7", "price": "180.01"}
    assert (buyer["client_id"], buyer["trades"]) == ("b-1", [{**trade, "other": "desk"}])
    assert (seller["client_id"], seller["filled"], seller["trades"]) == ("s-1", "7", [{**trade, "other": "eva"}])
    desk.cancel("s-1")
    ended = heard(desk)[-1]
    assert (ended["state"], "trades" in ended) == ("cancelled", False)  # what was told is not told again


def test_what_met_the_made_up_maker_names_nobody(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.gate.submit(buy(5))
    (told,) = heard(desk)
    assert (told["state"], told["limit"], "trades" in told) == ("filled", None, False)
    (fill,) = desk.status("o-1").fills
    assert (fill.trade, fill.other) == ("", "")
    assert "other" not in fill.to_dict()


def test_an_order_that_met_both_names_its_mate_for_that_part_only(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.gate.submit(sell(10, id="s-1", **INSIDE))
    desk.gate.submit(buy(15, id="b-1", account="eva"))
    fills = desk.status("b-1").fills
    assert [(fill.quantity, fill.other) for fill in fills] == [(Decimal(10), "desk"), (Decimal(5), "")]
    assert ["trades" in body for body in heard(desk)] == [False, True, True]
    assert desk.status("s-1").state is OrderState.FILLED


def test_the_other_side_stands_in_the_journal_and_comes_back_from_it(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    cross(desk)
    before, hashed = desk.orders(), desk.accounts.state_hash()
    assert desk.journal.wait_durable(desk.accounts.seq, 10)
    desk.close()
    again = open_desk(tmp_path)
    assert again.orders() == before
    assert again.accounts.state_hash() == hashed
    assert {fill.other for status in again.orders() for fill in status.fills} == {"desk", "eva"}
    assert {p.account: p.quantity for p in again.positions() if p.instrument == AAPL} == {"desk": 93, "eva": 7}
    again.close()


def test_an_amended_order_is_told_with_its_new_limit(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.gate.submit(buy(10, type=OrderType.LIMIT, limit_ticks=17_900))
    desk.gate.amend("o-1", limit_ticks=17_950)
    assert next(body["limit"] for body in heard(desk)) == "179.00"
    assert heard(desk)[-1]["limit"] == "179.50"
