"""Between a yes and a fill: whatever stops in between is finished once by the next start."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal

import pytest

from api.errors import of_error
from api.views import approval_view
from desk.clock import FrozenClock
from desk.errors import Conflict, Expired, Forbidden, InputError, NotFound, OrderRefused
from desk.factory import open_desk
from desk.market.replay import ReplayFeed
from desk.settings import Settings
from desk.store.folder import DataFolder
from desk.trading.approvals import Approvals
from graphs.changing import Wanted
from graphs.runtime import open_runtime
from tests.desk.trading.listing import delist, recount


async def propose(runtime, words="Buy 50 AAPL", who="trader"):
    answer = await runtime.ask(words, runtime.desk.people.get(who))
    return answer["approval"]["id"]


def wait_for(runtime, id, seconds=10):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = runtime.orders_of(runtime.desk.approvals.get(id))
        if all(status is not None and status.state.value == "filled" for status in found):
            return found
        time.sleep(0.01)
    raise AssertionError(f"not filled: {found}")


async def test_the_answer_is_stored_but_the_process_died_before_the_gate(tmp_path):
    folder = DataFolder(tmp_path / "home")
    folder.hold({})
    desk = open_desk(Settings(), folder)
    async with open_runtime(desk) as runtime:
        id = await propose(runtime)
        # The yes and the client ids are one transaction; what follows never ran.
        desk.approvals.answer(id, desk.people.get("trader"), "approve")
        assert desk.trading.orders() == []
    desk.close()
    desk = open_desk(Settings(), folder)
    async with open_runtime(desk) as runtime:
        filled = wait_for(runtime, id)
        assert [float(status.filled) for status in filled] == [50]
        assert await runtime.recover() == 0
        assert len(desk.trading.orders()) == 1
    desk.close()
    folder.release()


@pytest.mark.parametrize(
    "words", ["Buy 0.5 BTC", "Buy 5 SOL", "Buy 100 WTI", "Buy 10 gold", "Buy 20000 EURUSD", "Buy 10 AAA20Y"]
)
async def test_every_asset_class_is_traded_beside_stocks_whose_days_end_later(runtime, words):
    id = await propose(runtime, words)
    rows = runtime.desk.approvals.get(id).evidence["diff"]["rows"]
    assert rows[-1]["field"].startswith("Value at risk, one day, 95 %, ")
    assert rows[-1]["before"] != rows[-1]["after"]
    await runtime.answer_approval(id, runtime.desk.people.get("trader"), "approve")
    assert len(wait_for(runtime, id)) == 1


async def test_two_people_race_and_one_wins(runtime):
    id = await propose(runtime)
    desk = runtime.desk
    await runtime.answer_approval(id, desk.people.get("trader"), "approve")
    with pytest.raises(Conflict, match="approve by trader"):
        await runtime.answer_approval(id, desk.people.get("trader2"), "refuse")
    wait_for(runtime, id)
    assert len(desk.trading.orders()) == 1


async def test_a_price_past_the_collar_refuses_the_yes_with_both_prices(runtime):
    id, desk = await propose(runtime), runtime.desk
    then = desk.approvals.get(id).evidence["prices"][0]
    quote = desk.feed.quote("XNAS:AAPL")
    assert quote.bid_ticks < then < quote.ask_ticks * 2
    evidence = {**desk.approvals.get(id).evidence, "prices": [then * 2]}  # proposed at twice the price of now
    asker, [order] = desk.people.get("trader"), desk.approvals.get(id).orders
    far = desk.approvals.propose(thread="", asker=asker, agent="execution", orders=[order], evidence=evidence,
                                 needs=desk.approvals.get(id).needs, customer_account=False)  # fmt: skip
    with pytest.raises(OrderRefused) as refusal:
        await runtime.answer_approval(far.id, asker, "approve")
    told, collar = refusal.value.told, str(desk.trading.gate.rules.limits.price_band_bps)
    assert (refusal.value.rule, refusal.value.limit, told["collar_bps"]) == ("price_band", collar, collar)
    assert Decimal(told["proposed_price"]) == Decimal(then) / 50
    assert abs(Decimal(told["price_now"]) - Decimal(then) / 100) < Decimal(then) / 1_000
    assert all(word in refusal.value.message for word in (told["proposed_price"], told["price_now"], f"{collar} bps"))
    body = of_error(refusal.value)
    assert {name: body[name] for name in told} == told
    assert (desk.approvals.get(far.id).state, desk.trading.orders()) == ("failed", [])
    await runtime.answer_approval(id, asker, "approve")  # the price of now passes
    assert len(wait_for(runtime, id)) == 1


async def test_an_expired_proposal_cannot_be_answered(runtime):
    id = await propose(runtime)
    later = FrozenClock(runtime.desk.wall.now() + timedelta(minutes=16))
    approvals = Approvals(runtime.desk.store, later, runtime.desk.record)
    assert approvals.get(id).state == "expired"
    with pytest.raises(Expired, match="expired at"):
        approvals.answer(id, runtime.desk.people.get("trader"), "approve")
    assert runtime.desk.trading.orders() == []


async def test_the_gate_decides_again_after_the_yes(runtime):
    id = await propose(runtime)
    desk = runtime.desk
    desk.halt(desk.people.get("compliance"), "drill")
    with pytest.raises(OrderRefused, match="halt"):
        await runtime.answer_approval(id, desk.people.get("trader"), "approve")
    assert desk.approvals.get(id).state == "failed"
    assert desk.trading.orders() == []


@pytest.mark.parametrize("who", ["analyst", "evaluator", "admin", "compliance", "customer"])
async def test_those_who_may_not_answer(runtime, who):
    id = await propose(runtime)
    with pytest.raises((Forbidden, NotFound)):
        await runtime.answer_approval(id, runtime.desk.people.get(who), "approve")
    assert runtime.desk.approvals.get(id).state == "waiting"


async def test_a_proposal_is_changed_judged_and_takes_the_others_place(runtime):
    id, trader = await propose(runtime), runtime.desk.people.get("trader")
    [order] = runtime.desk.approvals.get(id).orders
    changed = await runtime.change_approval(id, trader, {order.client_id: Wanted(Decimal(30))})
    old = runtime.desk.approvals.get(id)
    assert (old.state, old.answers[0].reason) == ("refused", f"changed into {changed.id}")
    assert (changed.orders[0].quantity, changed.orders[0].by, changed.person) == (Decimal(30), "trader", "trader")
    assert changed.evidence["diff"]["rows"][0]["after"] == 430
    with pytest.raises(Conflict):
        await runtime.answer_approval(id, trader, "approve")
    await runtime.answer_approval(changed.id, trader, "approve")
    assert [float(status.filled) for status in wait_for(runtime, changed.id)] == [30]
    assert len(runtime.desk.trading.orders()) == 1


async def test_a_change_that_the_gate_refuses_leaves_the_proposal_waiting(runtime):
    id, trader = await propose(runtime), runtime.desk.people.get("trader")
    [order] = runtime.desk.approvals.get(id).orders
    with pytest.raises(OrderRefused) as refusal:
        await runtime.change_approval(id, trader, {order.client_id: Wanted(Decimal(1_000_000))})
    assert refusal.value.rule == "max_order_quantity"
    assert runtime.desk.approvals.get(id).state == "waiting"
    for wrong in ({}, {order.client_id: Wanted(Decimal(50))}, {"other": Wanted(Decimal(1))}):
        with pytest.raises(InputError):
            await runtime.change_approval(id, trader, wrong)
    with pytest.raises(InputError, match="no limit price"):
        await runtime.change_approval(id, trader, {order.client_id: Wanted(limit_ticks=1)})
    with pytest.raises(NotFound):
        await runtime.change_approval(id, runtime.desk.people.get("customer"), {order.client_id: Wanted(Decimal(1))})


async def test_a_change_above_the_threshold_needs_another_pair_of_eyes(runtime):
    id, trader = await propose(runtime), runtime.desk.people.get("trader")
    [order] = runtime.desk.approvals.get(id).orders
    changed = await runtime.change_approval(id, trader, {order.client_id: Wanted(Decimal(1_000))})
    assert changed.needs.second
    with pytest.raises(Forbidden):
        await runtime.answer_approval(changed.id, trader, "approve")


@pytest.mark.parametrize(
    ("change", "says", "told"),
    [
        (delist, "XNAS:AAPL is no longer listed", {"proposed_tick": "0.01", "proposed_lot": "1"}),
        (lambda feed: recount(feed, tick="0.05"), "the tick of XNAS:AAPL was 0.01 and is 0.05 now",
         {"proposed_tick": "0.01", "tick_now": "0.05", "proposed_lot": "1", "lot_now": "1"}),
        (lambda feed: recount(feed, lot="10"), "the lot of XNAS:AAPL was 1 and is 10 now",
         {"proposed_tick": "0.01", "tick_now": "0.01", "proposed_lot": "1", "lot_now": "10"}),
    ],
)  # fmt: skip
async def test_a_yes_to_what_counts_otherwise_now_is_refused_naming_old_and_new(tmp_path, change, says, told):
    folder = DataFolder(tmp_path / "home")
    folder.hold({})
    desk = open_desk(Settings(), folder)
    async with open_runtime(desk) as runtime:
        id = await propose(runtime)
        assert desk.approvals.get(id).evidence["steps"] == [{"tick": "0.01", "lot": "1"}]
        assert isinstance(desk.feed, ReplayFeed)
        change(desk.feed.history)
        with pytest.raises(OrderRefused, match=says) as refusal:
            await runtime.answer_approval(id, desk.people.get("trader"), "approve")
        assert (refusal.value.rule, refusal.value.told) == ("listing", told)
        assert (desk.approvals.get(id).state, desk.trading.orders()) == ("failed", [])
        view = approval_view(desk, desk.approvals.get(id), desk.people.get("trader"))
        assert (view.state, view.orders[0].state) == ("failed", "proposed")
    desk.close()
    folder.release()
