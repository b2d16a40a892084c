"""Agents of one run read the market at different moments and speak of one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk.errors import Contradiction
from desk.facts import FactTable
from desk.market.feed import MarketFeed, Quote
from desk.market.moment import MarketMoment
from tools.context import ToolContext
from tools.holdings import ReadHoldings, read_holdings
from tools.market import ReadQuotes, read_quotes
from tools.risk import MeasureAccount, measure_account
from tools.stress import AccountOnly, StressAccount, estimate_liquidity, find_factors, stress_account

READS = (
    (read_quotes, ReadQuotes(instruments=("XNAS:AAPL",))),
    (read_holdings, ReadHoldings(account="desk-1")),
    (measure_account, MeasureAccount(account="desk-1")),
    (stress_account, StressAccount(account="desk-1")),
    (find_factors, AccountOnly(account="desk-1")),
    (estimate_liquidity, AccountOnly(account="desk-1")),
)


class Ticking(MarketMoment):
    """A feed whose prices are 1 % higher at each reading."""

    def __init__(self, feed: MarketFeed) -> None:
        super().__init__(feed)
        self._inner, self._up = feed, 1.0

    def quote(self, instrument: str) -> Quote:
        self._up *= 1.01
        found = self._inner.quote(instrument)
        return replace(found, last_ticks=round(found.last_ticks * self._up))


@pytest.fixture
def agent(runtime):
    """Makes the context of one more agent of a run, over a market that ticks."""
    runtime.desk.feed = Ticking(runtime.desk.feed)
    person = runtime.desk.people.get("trader")

    def make(facts: FactTable, moment: MarketFeed) -> ToolContext:
        return ToolContext(runtime.desk, runtime.filings, runtime.knowledge, person, "r1", facts, moment=moment)

    return make


@pytest.mark.parametrize(("tool", "arguments"), READS)
def test_two_agents_of_a_run_say_the_same_figures(runtime, agent, tool, arguments):
    facts, moment = FactTable(), MarketMoment(runtime.desk.feed)
    first = tool.run(agent(facts, moment), arguments)
    known = {fact.id: fact.value for fact in facts.all()}
    assert tool.run(agent(facts, moment), arguments) == first
    assert {fact.id: fact.value for fact in facts.all()} == known


@pytest.mark.parametrize(("tool", "arguments"), READS)
def test_another_run_sees_the_prices_that_came_since(runtime, agent, tool, arguments):
    facts = FactTable()
    tool.run(agent(facts, MarketMoment(runtime.desk.feed)), arguments)
    with pytest.raises(Contradiction):
        tool.run(agent(facts, MarketMoment(runtime.desk.feed)), arguments)
