"""Amending at the gate, and the limit on value at risk."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from desk.errors import Conflict, Halted, NotFound, OrderRefused
from desk.orders import Order, OrderState, OrderType, TimeInForce
from desk.risk.limits import LimitTable
from tests.desk.trading.desks import open_desk
from tests.desk.trading.fake_feed import AAPL, SAP, FakeFeed
from tests.desk.trading.test_gateway import buy, make_desk, sell


def waiting(n: int = 50, ticks: int = 17_900, **more: object) -> Order:
    order = buy(n, type=OrderType.LIMIT, limit_ticks=ticks, time_in_force=TimeInForce.GTC)
    return replace(order, **more)  # type: ignore[arg-type]


def test_less_keeps_the_order_and_frees_its_cash():
    desk = make_desk()
    desk.gate.submit(waiting(50))
    before = desk.accounts.account("desk").reserved
    decision = desk.gate.amend("o-1", quantity=Decimal(20))
    assert decision.status is not None
    assert (decision.status.state, decision.status.order.quantity) == (OrderState.WORKING, Decimal(20))
    account = desk.accounts.account("desk")
    assert account.buys[AAPL] == 20
    assert 0 < account.reserved < before
    assert desk.gate.amend("o-1", quantity=Decimal(20)).repeated
    assert desk.venue.open_orders() == ["o-1"]


def test_a_better_price_may_trade_at_once():
    desk = make_desk()
    desk.gate.submit(waiting(50))
    decision = desk.gate.amend("o-1", limit_ticks=18_002)
    assert decision.status is not None
    assert (decision.status.state, decision.status.filled) == (OrderState.FILLED, Decimal(50))
    assert desk.accounts.account("desk").held(AAPL) == 150
    assert not desk.accounts.account("desk").reserved


def test_what_an_amendment_may_not_do():
    desk = make_desk()
    desk.gate.submit(waiting(50))
    for change, rule in (
        ({"quantity": Decimal(200_000)}, "max_order_quantity"),
        ({"quantity": Decimal("1.5")}, "lot"),
        ({"quantity": Decimal("NaN")}, "amend_quantity"),
        ({"quantity": Decimal(0)}, "amend_quantity"),
        ({"limit_ticks": 25_000}, "price_band"),
    ):
        with pytest.raises(OrderRefused) as refused:
            desk.gate.amend("o-1", **change)
        assert refused.value.rule == rule
    status = desk.accounts.order("o-1").status
    assert (status.state, status.order) == (OrderState.WORKING, waiting(50)), "refusals change nothing"
    with pytest.raises(NotFound):
        desk.gate.amend("o-9", quantity=Decimal(1))
    desk.gate.submit(buy(1, id="o-2"))
    with pytest.raises(Conflict):
        desk.gate.amend("o-2", quantity=Decimal(2))


def test_an_order_in_part_traded_is_amended_to_what_shall_be_traded_in_all():
    desk = make_desk()
    desk.gate.submit(waiting(2_000, 18_002))
    first = desk.accounts.order("o-1").status.filled
    desk.gate.submit(waiting(2_000, 17_900, client_id="o-2"))
    decision = desk.gate.amend("o-2", quantity=Decimal(2_200), limit_ticks=18_002)
    assert decision.status is not None
    assert first > 0
    assert decision.status.order.quantity == 2_200
    traded = decision.status.filled
    if traded < 2_200:
        with pytest.raises(OrderRefused):
            desk.gate.amend("o-2", quantity=traded)


def test_one_that_must_wait_for_somebody_is_not_changed():
    desk = make_desk()
    desk.gate.submit(waiting(50))
    assert desk.gate.amend("o-1", quantity=Decimal(60), hold=lambda _: True).held
    assert desk.accounts.order("o-1").order.quantity == 50


def test_less_is_never_blocked_but_by_a_halt(tmp_path: Path):
    desk = open_desk(tmp_path)
    desk.gate.submit(waiting(50))
    desk.gate.rules = replace(desk.gate.rules, limits=LimitTable(max_order_notional=1_00))
    assert desk.gate.amend("o-1", quantity=Decimal(40)).status is not None
    with pytest.raises(OrderRefused):
        desk.gate.amend("o-1", quantity=Decimal(45))
    desk.halt("tim", "a test")
    with pytest.raises((Halted, Conflict)):
        desk.gate.amend("o-1", quantity=Decimal(30))
    desk.close()


def test_an_amended_order_is_the_same_after_a_restart(tmp_path: Path):
    feed = FakeFeed()
    desk = open_desk(tmp_path, feed)
    desk.gate.submit(waiting(50))
    desk.gate.amend("o-1", quantity=Decimal(30), limit_ticks=17_950)
    before = desk.accounts.state_hash()
    assert desk.journal.wait_durable(desk.accounts.seq, 10)
    desk.close()
    again = open_desk(tmp_path, feed)
    assert again.accounts.state_hash() == before
    feed.move(AAPL, 17_940, 17_945)
    again.poll()
    status = again.status("o-1")
    assert (status.state, status.filled, status.order.limit_ticks) == (OrderState.FILLED, Decimal(30), 17_950)
    again.close()


def test_value_at_risk_after_the_trade_is_a_limit_for_what_opens(tmp_path: Path):
    tight = replace(LimitTable(), desk=replace(LimitTable().desk, max_var=200_00))
    desk = open_desk(tmp_path, limits=tight)
    assert desk.gate.check(buy(1)).ok
    refused = desk.gate.check(buy(1_000)).refusal
    assert refused is not None
    assert (refused.rule, desk.gate.check(sell(100)).ok) == ("max_var", True)
    reading = next(check for check in desk.gate.check(buy(1_000)).checks if check.rule == "max_var")
    full = desk.gate.rules.risk_after
    assert full(desk.accounts.account("desk"), AAPL, Decimal(1_000)) == pytest.approx(
        1_100 * 180.01 * 100 * 0.0099, rel=0.3
    )
    assert not reading.ok
    desk.close()


def test_what_was_traded_counts_in_the_next_value_at_risk(tmp_path: Path):
    desk = open_desk(tmp_path)
    var = desk.gate.rules.risk_after
    account = desk.accounts.account("desk")
    before = var(account, AAPL, Decimal(0))
    desk.gate.submit(buy(100))
    after = var(account, AAPL, Decimal(0))
    assert before is not None
    assert after is not None
    assert after == pytest.approx(2 * before, rel=0.01)
    desk.gate.submit(buy(10, id="o-2", instrument=SAP))
    mixed = var(account, AAPL, Decimal(0))
    assert mixed is not None
    assert mixed != after
    desk.close()
