"""General questions through the whole graph: answered from entries, and never instead of an agent's own work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.agent import Turn
from agents.answers import AgentAnswer
from agents.general import is_general
from agents.request import read_request
from desk.errors import DataError, InputError
from graphs.supervisor import build_graph


async def ask(runtime, question, name="customer"):
    return await runtime.ask(question, runtime.desk.people.get(name))


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("what is a stop-limit order?", "stop-limit-order"),
        ("what does it cost to trade here?", "commission"),
        ("how is VaR computed?", "value-at-risk"),
        ("can I have my data deleted?", "data-deletion"),
        ("What is the difference between TWAP and VWAP?", "vwap"),
    ],
)
async def test_a_general_question_is_answered_and_cites_its_entry(runtime, question, entry):
    answer = await ask(runtime, question)
    assert not answer["abstained"]
    (citation,) = answer["citations"]
    known = runtime.knowledge.entries.get(entry)
    assert citation["filing"] == f"knowledge:{known.label}"
    assert known.label in citation["document"]
    assert len(answer["facts"]) == len(known.figures)
    (card,) = answer["cards"]
    assert [row["id"] for row in card["body"]["questions"]] == list(known.related)


async def test_the_fee_is_a_fact_of_the_code(runtime):
    answer = await ask(runtime, "what does it cost to trade here?")
    assert {fact["source"] for fact in answer["facts"]} == {"this desk"}
    assert 0.35 in [fact["value"] for fact in answer["facts"]]


async def test_what_no_entry_covers_cites_none_and_abstains(runtime):
    person = runtime.desk.people.get("customer")
    answer = await runtime.ask("how do I renew my driving licence?", person, agent="customer_query")
    assert answer["abstained"]
    assert answer["citations"] == []


@pytest.mark.parametrize(
    "question",
    [
        "How risky is my portfolio?",
        "What is Apple trading at?",
        "Buy 50 AAPL",
        "Rebalance to minimum variance",
        "Is anybody spoofing?",
        "Are we compliant with GDPR?",
        "Why was alert 88213 raised?",
        "What do I own?",
        "1-day 99% VaR for the equity book",
        "What is the deadline for the annual report?",
    ],
)
def test_what_is_about_a_case_is_not_general(desk, question):
    assert not is_general(read_request(question, desk.feed.instruments))


async def test_an_agent_that_asks_back_is_not_interrupted(runtime):
    answer = await ask(runtime, "Can I retire at 60?")
    assert answer["details"]["robo_advisor"]["missing"]


def _holds_nothing(turn: Turn) -> AgentAnswer:
    raise DataError("account desk-1 holds nothing, so there is no market risk to measure")


async def test_missing_data_is_an_abstention_and_the_other_agents_go_on(runtime):
    agents = {**runtime.agents, "risk": replace(runtime.agents["risk"], plan=_holds_nothing)}
    poorer = replace(runtime, agents=agents, graph=build_graph(agents, runtime.checkpoints.saver))
    answer = await ask(poorer, "Should I buy Apple?", "trader")
    whole = await ask(runtime, "Should I buy Apple?", "trader")
    assert answer["agents"] == whole["agents"]
    assert len(answer["agents"]) == 6
    assert not answer["abstained"]
    assert "account desk-1 holds nothing" in answer["answer"]
    assert "withheld" not in answer["answer"]
    alone = await poorer.ask("Should I buy Apple?", runtime.desk.people.get("trader"), agent="risk")
    assert alone["abstained"]
    assert alone["facts"] == []


async def test_what_was_asked_wrongly_still_ends_the_run(runtime):
    def wrong(turn: Turn) -> AgentAnswer:
        raise InputError("that is no quantity")

    agents = {**runtime.agents, "risk": replace(runtime.agents["risk"], plan=wrong)}
    poorer = replace(runtime, agents=agents, graph=build_graph(agents, runtime.checkpoints.saver))
    with pytest.raises(InputError, match="no quantity"):
        await poorer.ask("How risky?", runtime.desk.people.get("trader"), agent="risk")
