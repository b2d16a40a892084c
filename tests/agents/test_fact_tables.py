"""Facts of a run: inputs that are there, two sources that contradict each other, a tool that returns no number."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from agents.agent import Agent, Turn
from agents.answers import AgentAnswer
from desk.facts import Fact
from graphs.supervisor import build_graph
from tools.context import Arguments, Result, Tool, ToolContext

SALES = Fact("acme_sales", "Acme net sales", Decimal(7), "USD", "FY2023", "Acme 10-K", "page 3", "USD")
RIVAL = replace(SALES, value=Decimal(8), source="Acme press release", locator="line 2")
QUESTIONS = [
    ("What is Microsoft trading at?", "analyst"),
    ("How risky is our book?", "trader"),
    ("What do I own?", "customer"),
    ("sell half of our Apple", "trader"),
    ("Bull and bear case for Apple, then buy 10 if it holds up", "trader"),
    ("by how much did Apple's net income change from 2023 to 2024?", "analyst"),
    ("What is Apple's current ratio?", "analyst"),
]


class Nothing(Arguments):
    """Nothing."""


def tool_of(name: str, fact: Fact) -> Tool[Nothing, Result]:
    """A tool that registers this fact."""

    def run(context: ToolContext, _: Nothing) -> Result:
        context.facts.add(fact)
        return Result(text="read")

    return Tool(name, "reads", Nothing, run)


def agent_of(of: Agent, *facts: Fact) -> Agent:
    """An agent that reads the facts and says the last."""
    tools = tuple(tool_of(f"read_{number}", fact) for number, fact in enumerate(facts))

    def plan(turn: Turn) -> AgentAnswer:
        for tool in tools:
            turn.call(tool, Nothing())
        return AgentAnswer(text=f"It is {{{{f:{facts[-1].id}}}}}.")

    return replace(of, tools=tools, plan=plan, answer=AgentAnswer, second=None)


async def ask_fake(runtime, *facts: Fact):
    """The answer of the whole graph, the market agent being such a one."""
    agents = {**runtime.agents, "market_data": agent_of(runtime.agents["market_data"], *facts)}
    graph = build_graph(agents, runtime.checkpoints.saver)
    own = replace(runtime, agents=agents, graph=graph)
    return await own.ask("What are the sales?", runtime.desk.people.get("analyst"), agent="market_data")


async def test_two_sources_that_contradict_are_both_shown(runtime):
    answer = await ask_fake(runtime, SALES, RIVAL)
    assert "Two sources contradict each other on Acme net sales; I choose neither" in answer["answer"]
    assert [(fact["value"], fact["source"]) for fact in answer["facts"]] == [
        (7, "Acme 10-K"),
        (8, "Acme press release"),
    ]
    assert "It is" not in answer["answer"]
    assert not answer["abstained"]


async def test_the_same_value_from_two_tools_is_one_fact(runtime):
    answer = await ask_fake(runtime, SALES, SALES)
    assert [fact["value"] for fact in answer["facts"]] == [7]


@pytest.mark.parametrize("value", ["NaN", "-Infinity"])
async def test_a_tool_that_returns_no_number_is_an_abstention(runtime, value):
    answer = await ask_fake(runtime, replace(SALES, value=Decimal(value)))
    assert answer["abstained"]
    assert "which is no number" in answer["answer"]
    assert answer["facts"] == []


class Listening:
    """A graph whose replies are kept."""

    def __init__(self, graph, replies: list) -> None:
        self._graph, self._replies = graph, replies

    async def ainvoke(self, *args, **kwargs):
        final = await self._graph.ainvoke(*args, **kwargs)
        self._replies.extend(final["replies"])
        return final


async def test_a_derived_fact_names_inputs_that_are_there(runtime):
    seen = 0
    for question, user in QUESTIONS:
        replies: list = []
        await replace(runtime, graph=Listening(runtime.graph, replies)).ask(question, runtime.desk.people.get(user))
        facts = {shown.id: shown for reply in replies for shown in reply.facts}
        for fact in facts.values():
            assert set(fact.inputs) <= facts.keys(), fact
            _check_no_cycle(fact.id, facts, ())
            named = [
                id
                for id in facts
                if id != fact.id and re.search(rf"(?<![\w.-]){re.escape(id)}(?![\w.-])", fact.locator)
            ]
            if re.search("[÷×−+Σ]", fact.locator) and named:
                assert set(named) <= set(fact.inputs), fact
            seen += bool(fact.inputs)
    assert seen >= 30


async def test_a_fact_travels_once_and_a_proposal_keeps_those_of_all_agents(runtime):
    replies: list = []
    listened = replace(runtime, graph=Listening(runtime.graph, replies))
    answer = await listened.ask("Should I buy 5 Apple?", runtime.desk.people.get("trader"))
    ids = [shown.id for reply in replies for shown in reply.facts]
    assert len(ids) == len(set(ids))
    assert sum(bool(reply.facts) for reply in replies) > 2
    assert {fact["id"] for fact in answer["facts"]} <= set(ids)
    kept = runtime.desk.approvals.get(answer["approval"]["id"]).evidence["facts"]
    assert [fact["id"] for fact in kept] == ids


def _check_no_cycle(id: str, facts: dict, above: tuple) -> None:
    assert id not in above
    for name in facts[id].inputs:
        _check_no_cycle(name, facts, (*above, id))


async def test_two_agents_with_their_own_ids_never_say_two_values_of_one_figure(runtime):
    """The first agent says its value alone; the second, with another, shows both with their sources."""
    one = replace(SALES, about=("Acme", "net sales"))
    other = replace(RIVAL, id="acme_turnover", label="Acme turnover", about=("ACME", "Net sales"))
    agents = {
        **runtime.agents,
        "market_data": agent_of(runtime.agents["market_data"], one),
        "risk": agent_of(runtime.agents["risk"], other),
    }
    own = replace(runtime, agents=agents, graph=build_graph(agents, runtime.checkpoints.saver))
    answer = await own.ask("What is Microsoft trading at and how risky is it?", runtime.desk.people.get("analyst"))
    assert answer["agents"] == ["market_data", "risk"]
    assert "Two sources contradict each other on Acme net sales; I choose neither" in answer["answer"]
    assert answer["answer"].count("Acme press release") == 1
    assert "It is [8" not in answer["answer"]
    assert {fact["id"]: fact["source"] for fact in answer["facts"]} == {
        "acme_sales": "Acme 10-K",
        "acme_turnover": "Acme press release",
    }
