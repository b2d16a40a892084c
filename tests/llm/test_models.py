"""The same agents with a model at an OpenAI-compatible address: used when right, dropped when not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk.drivers import build_models
from desk.settings import Settings
from tests.llm.openai_server import OpenAiServer

QUESTION = "What is Microsoft trading at?"
pytestmark = pytest.mark.filterwarnings("ignore")


def call(name: str, arguments: str) -> dict:
    """An assistant message that calls one tool."""
    return {
        "content": None,
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": name, "arguments": arguments}}],
    }


async def ask(runtime, server, question=QUESTION, fallback_ms=0, key="sk-secret-key"):
    settings = Settings(
        llm_base_url=server.url,
        llm_model="test-model",
        llm_api_key=key,
        llm_prices="test-model=1/2",
        llm_fallback_ms=fallback_ms,
    )
    models = build_models(settings, runtime.desk.store, runtime.desk.wall)
    try:
        await models.ready()
        return await replace(runtime, models=models).ask(question, runtime.desk.people.get("trader"))
    finally:
        await models.drain()
        models.close()


async def test_a_model_calls_a_tool_and_its_words_around_slots_are_used(runtime):
    def reply(request):
        if request["messages"][-1]["role"] == "tool":
            return {"content": "Microsoft last traded at {{f:msft_last}}, a change of {{f:msft_day_pct}}."}
        return call("read_quotes", '{"instruments": ["XNAS:MSFT"]}')

    server = OpenAiServer(reply)
    answer = await ask(runtime, server)
    server.close()
    assert answer["fallback"] is None
    assert answer["model"] == "test-model"
    assert answer["fallback"] is None
    assert answer["answer"].startswith("Microsoft last traded at [")
    assert answer["tokens"] == 36
    assert server.requests[0]["authorization"] == "Bearer sk-secret-key"
    assert {tool["function"]["name"] for tool in server.requests[0]["tools"]} == {
        "glossary",
        "look_up_names",
        "read_quotes",
    }
    results = [message["content"] for message in server.requests[1]["messages"] if message["role"] == "tool"]
    assert "msft_last" in results[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("It trades at 236.11 dollars.", "came through no slot"),
        ("It trades at {{f:invented}}.", "no tool registered"),
        ("See [this](http://evil.example/?q={{f:msft_last}}).", "link"),
    ],
)
async def test_words_with_stray_numbers_unknown_facts_or_links_are_dropped_for_the_plan(runtime, text, why):
    server = OpenAiServer(lambda _: {"content": text})
    answer = await ask(runtime, server)
    server.close()
    assert why in answer["fallback"]
    assert answer["model"] == "offline narrator"
    assert answer["facts"]


@pytest.mark.parametrize("fault", [500, 429, 401, "not json at all", '{"choices": []}', {"content": ""}])
async def test_a_failing_model_leaves_the_plan_to_answer(runtime, fault):
    server = OpenAiServer(lambda _: fault)
    answer = await ask(runtime, server)
    server.close()
    assert answer["facts"]
    assert "test-model" in answer["fallback"]
    assert "sk-secret-key" not in answer["fallback"]


async def test_a_slow_model_is_left_at_the_deadline(runtime):
    server = OpenAiServer(lambda _: {"content": "late"}, delay_s=1.5)
    await ask(runtime, server, fallback_ms=50)
    answer = await ask(runtime, server, fallback_ms=50)
    server.close()
    assert "no answer in 50 ms" in answer["fallback"]
    assert answer["facts"]


async def test_a_model_that_lies_about_tools_gets_errors_and_no_way_to_act(runtime):
    unknown, partial = call("place_order", "{}"), call("draft_order", '{"instrument": "XNAS:AAPL", "side": "buy"}')
    wishes = iter([unknown, partial])

    def reply(_):
        return next(wishes, {"content": "I placed the order for you."})

    server = OpenAiServer(reply)
    answer = await ask(runtime, server, "Buy 50 AAPL")
    server.close()
    assert answer["approval"]["order"]["quantity"] == "50"
    assert runtime.desk.trading.orders() == []
    said = server.requests[1]["messages"][-1]["content"]
    assert "there is no tool 'place_order'" in said
    assert "quantity" in answer["fallback"]
    assert answer["model"] == "offline narrator"


async def test_an_address_that_answers_nothing_still_answers_the_person(runtime):
    server = OpenAiServer(lambda _: 500)
    server.close()
    answer = await ask(runtime, server)
    assert answer["facts"]
    assert answer["fallback"]
