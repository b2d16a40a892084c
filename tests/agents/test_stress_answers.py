"""The risk agent's scenarios, sensitivities and liquidity: every number a fact, one's own account only."""

from __future__ import annotations

import re

import pytest

from desk.errors import Forbidden, InputError
from tools.context import ToolContext, run_tool
from tools.stress import AccountOnly, StressAccount, estimate_liquidity, find_factors, stress_account


def context(runtime, person: str) -> ToolContext:
    desk = runtime.desk
    return ToolContext(desk, runtime.filings, runtime.knowledge, desk.people.get(person), "run")


async def test_a_named_crash_is_told_first_with_its_loss(runtime):
    answer = await runtime.ask("What would the Covid crash do to our book?", runtime.desk.people.get("trader"))
    assert answer["agents"] == ["risk"]
    first = next(line for line in answer["answer"].splitlines() if line.startswith("- "))
    assert "Covid crash" in first
    assert re.search(r"loses \[[\d,]+\.\d\d USD\]\(#fact-", first)


async def test_an_own_scenario_is_told_first(runtime):
    answer = await runtime.ask("What if stocks fall 20 % and oil rises 30 %?", runtime.desk.people.get("trader"))
    assert "Own scenario: equity -20%, oil +30%" in answer["answer"].split("- ", 2)[1]


async def test_sensitivities_are_told_with_what_they_explain(runtime):
    answer = await runtime.ask("What factors move our book?", runtime.desk.people.get("trader"), agent="risk")
    assert "equity" in answer["answer"]
    assert "explain" in answer["answer"]


async def test_who_has_no_account_is_told_so(runtime):
    answer = await runtime.ask("Stress test my portfolio", runtime.desk.people.get("analyst"), agent="risk")
    assert "no account" in answer["answer"]


@pytest.mark.parametrize("tool", [stress_account, find_factors, estimate_liquidity])
def test_anothers_account_is_refused(runtime, tool):
    with pytest.raises(Forbidden):
        run_tool(tool, context(runtime, "customer"), tool.arguments(account="desk-1"))


def test_every_slot_is_a_fact_of_the_run(runtime):
    seen = context(runtime, "trader")
    stressed = run_tool(stress_account, seen, StressAccount(account="desk-1", shock="equity=-10"))
    moved = run_tool(find_factors, seen, AccountOnly(account="desk-1"))
    sold = run_tool(estimate_liquidity, seen, AccountOnly(account="desk-1"))
    told = {f"{{{{f:{fact.id}}}}}" for fact in seen.facts.all()}
    said = [stressed.scenarios, *(row.amount for row in stressed.rows), *(row.share for row in stressed.rows)]
    said += [*(row.amount for row in moved.rows), moved.explained, sold.within_day, sold.days, sold.cost]
    assert set(said) <= told
    assert stressed.rows[0].name.startswith("Own scenario")
    with pytest.raises(InputError):
        run_tool(stress_account, seen, StressAccount(account="desk-1", shock="moon=3"))
