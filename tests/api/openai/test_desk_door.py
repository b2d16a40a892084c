"""The desk behind the door: its list, its answers whole and streamed, its proposals, and what it refuses."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from desk.store.tables import ledger
from tests.api.openai.asking import CHAT, chunks, door, failure, key, text, user

BUY = "buy 10 shares of Apple"


async def test_the_list_holds_the_desk_and_ten_agents(runtime, tmp_path):
    async with door(runtime, tmp_path, key(runtime, "analyst", "chat")) as desk:
        body = (await desk.get("/v1/models")).json()
        one = (await desk.get("/v1/models/tenor/risk")).json()
        missing = await desk.get("/v1/models/tenor/nobody")
    assert body["object"] == "list"
    assert [row["id"] for row in body["data"]] == ["tenor", *(f"tenor/{name}" for name in runtime.agents)]
    assert len(runtime.agents) == 10
    assert {row["object"] for row in body["data"]} == {"model"}
    assert (one["id"], one["owned_by"], one["tenor"]["allowed"]) == ("tenor/risk", "tenor", True)
    assert failure(missing) == (404, "model_not_found", "model")


async def test_the_desk_answers_whole_and_streamed_with_its_record(runtime, tmp_path):
    async with door(runtime, tmp_path, key(runtime, "analyst", "chat")) as desk:
        whole = (await desk.ask("tenor", user("How volatile is Exxon?"))).json()
        options = {"include_usage": True}
        streamed = await desk.ask("tenor", user("How volatile is Exxon?"), stream=True, stream_options=options)
        plain = await desk.ask("tenor/risk", user("How volatile is Exxon?"), stream=True)
    assert whole["object"] == "chat.completion"
    choice = whole["choices"][0]
    assert choice["finish_reason"] == "stop"
    assert whole["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    assert whole["tenor"]["agents"] == ["risk"]
    assert whole["tenor"]["model"] == "offline narrator"
    assert "#fact-" not in choice["message"]["content"]
    assert whole["tenor"]["facts"]
    parts = chunks(streamed)
    assert text(parts) == choice["message"]["content"]
    assert parts[0]["choices"][0]["delta"]["role"] == "assistant"
    assert parts[-2]["choices"][0]["finish_reason"] == "stop"
    assert parts[-1]["choices"] == []
    assert parts[-1]["usage"]["total_tokens"] == 0
    assert parts[-1]["tenor"]["agents"] == ["risk"]
    last = chunks(plain)[-1]
    assert last["choices"][0]["finish_reason"] == "stop"
    assert last["tenor"]["kind"] == "agent"
    assert "usage" not in last


async def test_a_key_that_may_propose_proposes_and_one_that_may_not_does_not(runtime, tmp_path):
    async with door(runtime, tmp_path, key(runtime, "trader", "chat")) as desk:
        refused = (await desk.ask("tenor", user(BUY))).json()
    assert refused["tenor"]["approval"] is None
    assert "propose" in refused["tenor"]["refusal"]["message"]
    assert runtime.desk.approvals.list("waiting") == []
    async with door(runtime, tmp_path, key(runtime, "trader", "chat", "propose")) as desk:
        made = (await desk.ask("tenor", user(BUY))).json()
    waiting = runtime.desk.approvals.list("waiting")
    assert [one.id for one in waiting] == [made["tenor"]["approval"]["id"]]
    assert made["tenor"]["approval"]["state"] == "waiting"
    assert runtime.desk.trading.orders() == []


async def test_nothing_of_the_talk_is_kept_as_a_conversation(runtime, tmp_path):
    secret = key(runtime, "analyst", "chat")
    async with door(runtime, tmp_path, secret) as desk:
        assert (await desk.ask("tenor", user("How volatile is Exxon?"))).status_code == 200
    assert runtime.conversations.all(runtime.desk.people.get("analyst")) == []
    with runtime.desk.store.read() as connection:
        (kept,) = connection.execute(select(ledger.c.envelope).where(ledger.c.kind == "run.answered")).scalars()
    assert f'"key":"{secret[3:19]}"' in str(kept)
    assert "volatile" not in str(kept)


async def test_a_follow_up_uses_the_questions_that_are_sent_along(runtime, tmp_path):
    first, then = "What was Apple's revenue in fiscal 2024?", "and in the year before?"
    async with door(runtime, tmp_path, key(runtime, "analyst", "chat")) as desk:
        alone = (await desk.ask("tenor", user(then))).json()
        told = [user(first), {"role": "assistant", "content": "383 billion"}, user(then)]
        after = (await desk.ask("tenor", *told)).json()
    assert after["tenor"]["agents"] == ["customer_query"]
    assert alone["tenor"]["agents"] != after["tenor"]["agents"] or alone["tenor"]["abstained"]


async def test_many_messages_are_cut_by_rule_and_the_answer_says_so(runtime, tmp_path):
    messages = [user(f"question {n}") for n in range(3_000)] + [{"role": "system", "content": "y" * 9_000}]
    async with door(runtime, tmp_path, key(runtime, "analyst", "chat")) as desk:
        answer = (await desk.ask("tenor", *messages, user("How volatile is Exxon?"), tools=[])).json()
    assert answer["tenor"]["notes"] == ["left out 2994 older messages", "cut 1 earlier messages to 2,000 characters"]
    assert answer["tenor"]["agents"] == ["risk"]


TOOL = {"type": "function", "function": {"name": "approve", "parameters": {"type": "object"}}}


async def test_the_clients_tools_are_not_called_and_the_answer_says_so(runtime, tmp_path):
    async with door(runtime, tmp_path, key(runtime, "analyst", "chat")) as desk:
        answer = (await desk.ask("tenor", user("How volatile is Exxon?"), tools=[TOOL], temperature=1, seed=7)).json()
        forced = await desk.ask("tenor", user("How volatile is Exxon?"), tools=[TOOL], tool_choice="required")
        json_mode = await desk.ask("tenor", user("hello"), response_format={"type": "json_object"})
    assert answer["tenor"]["ignored"] == ["seed", "temperature", "tools"]
    assert "tool_calls" not in answer["choices"][0]["message"]
    assert failure(forced) == (400, "unsupported_parameter", "tool_choice")
    assert failure(json_mode) == (400, "unsupported_parameter", "response_format")


IMAGE = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"messages": [user("hi")]}, (400, "invalid_value", "model")),
        ({"model": "tenor", "messages": []}, (400, "invalid_value", "messages")),
        ({"model": "tenor", "messages": [user("hi")], "n": 2}, (400, "invalid_value", "n")),
        ({"model": "tenor", "messages": [{"role": "boss", "content": "x"}]}, (400, "invalid_value", "messages.0.role")),
        ({"model": "tenor", "messages": [IMAGE]}, (400, "unsupported_content", "messages.0.content.0")),
        ({"model": "tenor", "messages": [user("hi")], "functions": [{}]}, (400, "unsupported_parameter", "functions")),
        (
            {"model": "tenor", "messages": [{"role": "tool", "content": "x"}, user("hi")]},
            (400, "invalid_value", "messages.0.tool_call_id"),
        ),
        ({"model": "tenor", "messages": [{"role": "system", "content": "x"}]}, (400, "invalid_value", "messages")),
        ({"model": "tenor", "messages": [user("  ")]}, (400, "invalid_value", None)),
        ({"model": "gpt-9", "messages": [user("hi")]}, (404, "model_not_found", "model")),
        ({"model": "tenor", "messages": [user("hi")], "temperature": 9}, (400, "invalid_value", "temperature")),
    ],
)
async def test_what_cannot_be_taken_is_an_error_in_the_clients_shape(runtime, tmp_path, body, expected):
    secret = key(runtime, "analyst", "chat")
    async with door(runtime, tmp_path, secret) as desk:
        answer = await desk._client.post(CHAT, json=body, headers=desk._headers)
    assert failure(answer) == expected


async def test_every_other_failure_of_the_paths_has_the_shape_too(runtime, tmp_path):
    secret = key(runtime, "analyst", "chat")
    async with door(runtime, tmp_path, secret) as desk:
        client, headers = desk._client, desk._headers
        assert failure(await client.get(CHAT, headers=headers)) == (405, "method_not_allowed", None)
        assert failure(await client.post(CHAT, content=b"{", headers=headers))[0] == 400
        assert failure(await client.post(CHAT, content=b"x" * 1_000_001, headers=headers)) == (
            413,
            "request_too_large",
            None,
        )
        assert failure(await client.get("/v1/models", headers={"host": "evil.example"}))[0] == 421
        assert failure(await client.post(CHAT, headers={**headers, "origin": "http://evil.example"}))[0] == 403
        assert failure(await client.get("/v1/models"))[:2] == (401, "invalid_api_key")
        assert (await client.get("/v1/nothing")).headers["content-type"] == "application/problem+json"
