"""The portfolio agent on tax lots: losses with what would count, what sales realised, one's own account only."""

from __future__ import annotations

from decimal import Decimal

import pytest

from desk.errors import Forbidden
from desk.orders import Order, Side
from tools.context import ToolContext, run_tool
from tools.lots import ReadLots, read_lots


def context(runtime, person: str) -> ToolContext:
    desk = runtime.desk
    return ToolContext(desk, runtime.filings, runtime.knowledge, desk.people.get(person), "run")


async def test_losses_are_told_with_the_day_from_which_they_stand(runtime):
    trader = runtime.desk.people.get("trader")
    answer = await runtime.ask("Which of my holdings could I sell for a tax loss?", trader)
    assert answer["agents"] == ["portfolio"]
    assert "Lots at a loss" in answer["answer"]
    assert "Apple (XNAS:AAPL)" in answer["answer"]
    assert "no tax advice" in answer["answer"]


def test_a_sale_is_realised_and_a_purchase_beside_it_washes_its_loss(runtime):
    before = run_tool(read_lots, context(runtime, "trader"), ReadLots(account="desk-1"))
    assert before.disallowed == ""
    for n, (side, units) in enumerate([(Side.SELL, 5), (Side.BUY, 2)]):
        order = Order(f"wash-{n}", "desk-1", "XNAS:AAPL", side, Decimal(units), by="trader")
        runtime.desk.trading.gate.submit(order, route="venue")
    seen = context(runtime, "trader")
    after = run_tool(read_lots, seen, ReadLots(account="desk-1"))
    facts = {f"{{{{f:{fact.id}}}}}": fact.value for fact in seen.facts.all()}
    assert facts[after.realised] < 0
    assert facts[after.disallowed] == pytest.approx(-facts[after.realised] * 2 / 5, abs=Decimal("0.02"))
    assert all({row.units, row.loss} <= facts.keys() for row in after.losses)


def test_anothers_account_is_refused(runtime):
    with pytest.raises(Forbidden):
        run_tool(read_lots, context(runtime, "customer"), ReadLots(account="desk-1"))
