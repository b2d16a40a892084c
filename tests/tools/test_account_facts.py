"""Numbers of an account are facts: money to the cent, and what they were computed from by name."""

from __future__ import annotations

from decimal import Decimal

from tools.account_facts import Origin, add_fact
from tools.context import ToolContext


def test_money_is_taken_to_the_cent_and_inputs_are_named(runtime):
    desk = runtime.desk
    context = ToolContext(desk, runtime.filings, runtime.knowledge, desk.people.get("trader"), "run")
    loss = add_fact(
        context, "desk-1", "loss: a crash", Decimal("138344.2"), "USD", Origin("engine", "sum", ("orders",))
    )
    part = Origin("engine", "loss ÷ equity", (), (loss,))
    share = add_fact(context, "desk-1", "share", Decimal("11.05"), "%", part)
    facts = {f"{{{{f:{fact.id}}}}}": fact for fact in context.facts.all()}
    assert facts[loss].text() == "138,344.20 USD"
    assert facts[share].inputs == (facts[loss].id,)
    assert facts[share].currency is None
