"""From the question to the fills: a whole rebalancing through proposal, approval, gate and venue."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from typing import Any

import pytest

from desk.orders import Chosen, OrderState
from desk.trading.approvals import Approval
from graphs.runtime import Runtime


async def filled(runtime: Runtime, approval: Approval) -> list[Any]:
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        found = runtime.orders_of(approval)
        if all(status is not None and status.state is OrderState.FILLED for status in found):
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"not all filled: {runtime.orders_of(approval)}")


def held(runtime: Runtime, account: str) -> dict[str, Decimal]:
    return {p.instrument: p.quantity for p in runtime.desk.trading.positions() if p.account == account}


async def test_a_traders_rebalancing_fills_every_order_after_the_yes(runtime: Runtime) -> None:
    people = runtime.desk.people
    before = held(runtime, "desk-1")
    answer: Any = await runtime.ask("rebalance my portfolio to maximum Sharpe, at most 35 %", people.get("trader"))
    assert answer["agents"] == ["portfolio"]
    assert answer["refusal"] is None
    approval = runtime.desk.approvals.get(answer["approval"]["id"])
    assert len(approval.orders) >= 2
    assert all(order.chosen is Chosen.AGENT for order in approval.orders)
    assert held(runtime, "desk-1") == before
    sides = [order.side.value for order in approval.orders]
    assert sides == sorted(sides, reverse=True)
    diff: Any = approval.evidence["diff"]
    for person in ("trader", "trader2"):
        approval = runtime.desk.approvals.get(approval.id)
        if approval.state == "waiting" and (person == "trader2" or approval.needs.owner):
            approval = await runtime.answer_approval(approval.id, people.get(person), "approve")
    assert approval.state == "approved"
    await filled(runtime, approval)
    after = held(runtime, "desk-1")
    promised = {row["field"]: row["after"] for row in diff["rows"] if row["field"].startswith("Position")}
    for field, units in promised.items():
        assert float(after.get(field.removeprefix("Position "), Decimal(0))) == units
    again: Any = await runtime.ask("rebalance my portfolio to maximum Sharpe, at most 35 %", people.get("trader"))
    assert again["approval"] is None
    assert "nothing to trade" in again["answer"]


async def test_a_customer_needs_a_trader_too_and_sees_both_sides_of_the_trade(runtime: Runtime) -> None:
    people = runtime.desk.people
    answer: Any = await runtime.ask("Please rebalance to minimum variance", people.get("customer"))
    approval = runtime.desk.approvals.get(answer["approval"]["id"])
    assert approval.needs.owner
    assert approval.needs.second
    assert "before" in answer["answer"]
    assert "Cash after" in answer["answer"]
    for person in ("customer", "trader"):
        approval = await runtime.answer_approval(approval.id, people.get(person), "approve")
    assert approval.state == "approved"
    await filled(runtime, approval)


@pytest.mark.parametrize(
    ("question", "user", "rule"),
    [
        ("rebalance to minimum variance with at most 10 % in each", "trader", "constraint"),
        ("rebalance my book: 70% Apple, 20% Microsoft", "trader", "constraint"),
        ("rebalance to minimum variance", "analyst", "role"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_reason(runtime: Runtime, question: str, user: str, rule: str) -> None:
    answer: Any = await runtime.ask(question, runtime.desk.people.get(user))
    assert answer["approval"] is None
    assert answer["refusal"]["rule"] == rule
    assert "withheld" not in answer["answer"]


async def test_a_halted_desk_proposes_nothing(runtime: Runtime) -> None:
    trader = runtime.desk.people.get("trader")
    runtime.desk.halt(trader, "a test")
    answer: Any = await runtime.ask("rebalance to minimum variance", trader)
    assert answer["refusal"]["rule"] == "halt"
    assert answer["approval"] is None
