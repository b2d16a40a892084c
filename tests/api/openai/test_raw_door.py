"""Raw models behind the door, over a real local server: text, tools, schemas, money, faults, a client that leaves."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from sqlalchemy import select

from api.app import build_app
from desk.store.model_tables import model_budgets
from tests.api.openai.asking import CHAT, chunks, door, failure, key, text, user, with_models
from tests.llm.openai_server import COMPLETION_TOKENS, PROMPT_TOKENS, Fault, OpenAiServer, Reply

ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Adds.",
        "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
    },
}
CALL = {
    "content": None,
    "tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 2}'}}],
}


class Saying(OpenAiServer):
    """Answers with what its `say` returns, which a test may replace."""

    def __init__(self) -> None:
        self.say: Reply = lambda _: {"content": "four words from it"}
        super().__init__(lambda asked: self.say(asked))


@pytest.fixture
def server():
    made = Saying()
    yield made
    made.close()


async def test_text_comes_through_whole_and_streamed_with_the_routers_count(runtime, tmp_path, server):
    async with (
        with_models(runtime, server.url) as own,
        door(own, tmp_path, key(runtime, "analyst", "raw")) as raw,
    ):
        listed = (await raw.get("/v1/models")).json()["data"][-1]
        messages = [{"role": "developer", "content": "be brief"}, user("hello")]
        whole = (await raw.ask("mine", *messages, temperature=0.7, max_tokens=9_999, top_p=0.1)).json()
        streamed = chunks(
            await raw.ask("mine", *messages, stream=True, stream_options={"include_usage": True}, max_tokens=50)
        )
        desk = await raw.ask("tenor", user("hello"))
    assert (listed["id"], listed["owned_by"], listed["tenor"]["allowed"]) == ("mine", "openai", True)
    usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": COMPLETION_TOKENS}
    assert whole["usage"] == {**usage, "total_tokens": PROMPT_TOKENS + COMPLETION_TOKENS}
    assert whole["choices"][0]["message"]["content"] == "four words from it"
    assert whole["tenor"]["cost_usd"] == (PROMPT_TOKENS + 2 * COMPLETION_TOKENS) / 1e6
    assert whole["tenor"]["ignored"] == ["top_p"]
    assert whole["tenor"]["notes"] == ["max_tokens 9999 is more than the 4096 that are given"]
    assert text(streamed) == "four words from it"
    assert streamed[-1]["usage"]["total_tokens"] == PROMPT_TOKENS + COMPLETION_TOKENS
    asked = server.requests[0]
    assert [m["role"] for m in asked["messages"]] == ["system", "user"]
    assert (asked["temperature"], asked["max_tokens"]) == (0.7, 4096)
    assert failure(desk) == (403, "insufficient_permissions", None)


async def test_tools_pass_through_and_their_calls_come_back_whole_and_streamed(runtime, tmp_path, server):
    server.say = lambda _: CALL
    made = {"name": "add", "arguments": '{"a": 1}'}
    history = [
        user("add one"),
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c0", "function": made}]},
        {"role": "tool", "tool_call_id": "c0", "content": "1"},
        user("add two"),
    ]  # fmt: skip
    async with (
        with_models(runtime, server.url) as own,
        door(own, tmp_path, key(runtime, "analyst", "raw")) as raw,
    ):
        named = {"type": "function", "function": {"name": "add"}}
        whole = (await raw.ask("mine", *history, tools=[ADD], tool_choice=named)).json()
        streamed = chunks(await raw.ask("mine", *history, tools=[ADD], stream=True))
        none = (await raw.ask("mine", *history, tools=[ADD], tool_choice="none")).json()
        unknown = await raw.ask(
            "mine", *history, tools=[ADD], tool_choice={"type": "function", "function": {"name": "x"}}
        )
    call = whole["choices"][0]["message"]["tool_calls"][0]
    assert (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])) == ("c1", "add", {"a": 2})
    assert whole["choices"][0]["finish_reason"] == "tool_calls"
    assert server.requests[0]["tool_choice"] == {"type": "function", "function": {"name": "add"}}
    assert server.requests[0]["tools"][0]["function"]["name"] == "add"
    assert [m["role"] for m in server.requests[0]["messages"]] == ["user", "assistant", "tool", "user"]
    deltas = [part["choices"][0]["delta"] for part in streamed]
    assert [d["tool_calls"][0]["function"]["name"] for d in deltas if "tool_calls" in d] == ["add"]
    assert streamed[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert "error" in none  # the model called a tool that was not offered
    assert failure(unknown) == (400, "invalid_value", "tool_choice")


async def test_a_required_call_is_asked_for_again_and_then_refused(runtime, tmp_path, server):
    async with with_models(runtime, server.url) as own, door(own, tmp_path, key(runtime, "analyst", "raw")) as raw:
        answer = await raw.ask("mine", user("add two"), tools=[ADD], tool_choice="required")
    assert failure(answer) == (502, "model_failed", None)
    assert len(server.requests) == 2
    assert "a tool must be called" in server.requests[1]["messages"][-1]["content"]


async def test_a_schema_is_kept_or_the_answer_refused(runtime, tmp_path, server):
    schema = {"type": "object", "properties": {"mood": {"enum": ["good"]}}, "required": ["mood"]}
    form = {"type": "json_schema", "json_schema": {"name": "mood", "schema": schema}}
    async with with_models(runtime, server.url) as own, door(own, tmp_path, key(runtime, "analyst", "raw")) as raw:
        wrong = await raw.ask("mine", user("mood?"), response_format=form)
        server.say = lambda _: {"content": '{"mood": "good"}'}
        right = (await raw.ask("mine", user("mood?"), response_format=form)).json()
        plain = (await raw.ask("mine", user("mood?"), response_format={"type": "json_object"})).json()
    assert failure(wrong) == (502, "model_failed", None)
    assert json.loads(right["choices"][0]["message"]["content"]) == {"mood": "good"}
    assert json.loads(plain["choices"][0]["message"]["content"]) == {"mood": "good"}


LAUGHS = {
    "$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(30)} | {"d30": {}},
    "$ref": "#/$defs/d0",
}


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"$ref": "http://127.0.0.1:9/schema"}, "not within it"),
        ({"type": "no such type"}, "not valid"),
        ({"properties": {"a": {"$ref": "#"}}}, "refers to itself"),
        ({"patternProperties": {"^(a+)+$": {}}}, "patternProperties"),
        ({"$ref": "#/$defs/none"}, "not within it"),
        (LAUGHS, "parts"),
    ],
)
async def test_a_schema_that_fetches_or_never_ends_is_refused(runtime, tmp_path, server, schema, why):
    tool = {"type": "function", "function": {"name": "t", "parameters": schema}}
    async with with_models(runtime, server.url) as own, door(own, tmp_path, key(runtime, "analyst", "raw")) as raw:
        answer = await raw.ask("mine", user("x"), tools=[tool])
    assert failure(answer) == (400, "invalid_json_schema", "tools.0.function.parameters")
    assert why in answer.json()["error"]["message"]
    assert server.requests == []


async def test_a_pattern_that_takes_for_ever_is_not_judged(runtime, tmp_path, server):
    server.say = lambda _: {"content": json.dumps("a" * 60 + "!")}
    form = {"type": "json_schema", "json_schema": {"schema": {"type": "string", "pattern": "^(a+)+$"}}}
    async with with_models(runtime, server.url) as own, door(own, tmp_path, key(runtime, "analyst", "raw")) as raw:
        assert (await raw.ask("mine", user("x"), response_format=form)).status_code == 200


@pytest.mark.parametrize(
    ("say", "expected"),
    [
        (lambda _: Fault("status", 429), (429, "rate_limit_exceeded", None)),
        (lambda _: 401, (502, "model_failed", None)),
        (lambda _: 400, (400, "refused_by_provider", None)),
        (lambda _: Fault("type"), (502, "model_failed", None)),
        (lambda _: {"content": ""}, (502, "model_failed", None)),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_providers_failure_keeps_its_meaning(runtime, tmp_path, server, say, expected, stream):
    server.say = say
    async with with_models(runtime, server.url) as own, door(own, tmp_path, key(runtime, "analyst", "raw")) as raw:
        assert failure(await raw.ask("mine", user("hello"), stream=stream)) == expected


async def test_a_stream_that_breaks_off_ends_in_an_error_event(runtime, tmp_path, server):
    server.say = lambda _: Fault("cut")
    async with with_models(runtime, server.url) as own, door(own, tmp_path, key(runtime, "analyst", "raw")) as raw:
        answer = await raw.ask("mine", user("hello"), stream=True)
    events = [json.loads(e.removeprefix("data: ")) for e in answer.text.strip().split("\n\n")]
    assert events[-1]["error"]["code"] == "model_failed"
    assert "[DONE]" not in answer.text


async def test_an_answer_longer_than_asked_for_ends_with_length(runtime, tmp_path, server):
    server.say = lambda _: {"content": " ".join(f"word{n}" for n in range(40))}
    async with with_models(runtime, server.url) as own, door(own, tmp_path, key(runtime, "analyst", "raw")) as raw:
        whole = (await raw.ask("mine", user("hello"), max_tokens=1)).json()
        streamed = chunks(await raw.ask("mine", user("hello"), max_tokens=1, stream=True))
    assert whole["choices"][0]["finish_reason"] == "length"
    assert streamed[-1]["choices"][0]["finish_reason"] == "length"


async def test_a_long_conversation_is_trimmed_and_the_answer_says_so(runtime, tmp_path, server):
    messages = [user("y" * 30) for _ in range(10_000)]
    async with with_models(runtime, server.url) as own, door(own, tmp_path, key(runtime, "analyst", "raw")) as raw:
        answer = (await raw.ask("mine", *messages, max_tokens=10)).json()
    assert "older messages: its context is 8192 tokens" in answer["tenor"]["notes"][0]
    assert 10 < len(server.requests[0]["messages"]) < 1_000
    assert server.requests[0]["messages"][-1]["content"] == "y" * 30


async def test_the_budget_of_a_key_is_never_overspent_even_by_many_at_once(runtime, tmp_path, server):
    secret = key(runtime, "analyst", "raw", budget="0.20")
    async with (
        with_models(runtime, server.url, llm_prices="mine=1000/1000") as own,
        door(own, tmp_path, secret) as raw,
    ):
        answers = await asyncio.gather(*(raw.ask("mine", user("hi"), max_tokens=5) for _ in range(12)))
        later = [await raw.ask("mine", user("hi"), max_tokens=5) for _ in range(4)]
        other = await raw.ask("mine", user("hi"), max_tokens=5_000)
    done = [a for a in (*answers, *later) if a.status_code == 200]
    spent = sum(a.json()["tenor"]["cost_usd"] for a in done)
    assert len(done) >= 2
    assert spent <= 0.20
    refused = [a for a in (*answers, *later, other) if a.status_code != 200]
    assert refused
    assert {failure(a)[:2] for a in refused} == {(429, "insufficient_quota")}
    scope = f"key:{secret[3:19]}:{runtime.desk.wall.now().date().isoformat()}"
    assert kept(runtime, scope) == round(spent * 1e9)


def kept(runtime, scope: str) -> int:
    """Nano-dollars of a budget in the store."""
    with runtime.desk.store.read() as connection:
        query = select(model_budgets.c.nanos).where(model_budgets.c.scope == scope)
        return int(connection.execute(query).scalar_one())


async def test_a_budget_of_zero_asks_no_model_and_the_desk_answers_by_its_plan(runtime, tmp_path, server):
    secret = key(runtime, "analyst", "raw", "chat", budget="0")
    async with with_models(runtime, server.url, llm_prices="mine=0/0") as own, door(own, tmp_path, secret) as both:
        raw = await both.ask("mine", user("hi"))
        desk = (await both.ask("tenor", user("How volatile is Exxon?"))).json()
    assert failure(raw) == (429, "insufficient_quota", None)
    assert "daily budget" in desk["tenor"]["fallback"]
    assert desk["usage"]["total_tokens"] == 0
    assert desk["choices"][0]["message"]["content"]
    assert server.requests == []


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["mine", "tenor/risk"])
async def test_a_client_that_leaves_ends_the_work_and_the_money_is_settled(runtime, tmp_path, server, model, stream):
    server.say = lambda _: Fault("hang_after")
    secret = key(runtime, "analyst", "raw", "chat", budget="1")
    async with with_models(runtime, server.url) as own:
        app = build_app(own, tmp_path)
        body = json.dumps({"model": model, "messages": [user("Is Exxon risky?")], "stream": stream}).encode()
        await _leave(app, secret, body, lambda: len(server.requests) == 1)
        await _until(lambda: server.hung_up == 1)
        await own.models.drain()
        day = runtime.desk.wall.now().date().isoformat()
        await _until(lambda: own.models.money.used(f"user:analyst:{day}") < 2_000_000)
        assert own.models.money.used(f"key:{secret[3:19]}:{day}") == own.models.money.used(f"user:analyst:{day}")
        (record,) = own.models.book.newest(1)
        assert record.attempts[0].reason == "not wanted any more"
        assert app_turnstile(app)._inside == {}


def app_turnstile(app):
    """The turnstile of the application within its layers."""
    while not hasattr(app, "state"):
        app = app._app
    return app.state.turnstile


async def _leave(app, secret, body, asked) -> None:
    """One request whose client goes away once `asked` is true."""
    sent = False

    async def receive():
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        await _until(asked)
        await asyncio.sleep(0.2)
        return {"type": "http.disconnect"}

    async def send(_):
        """Nobody reads."""

    headers = [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {secret}".encode())]
    headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    scope = {
        "type": "http", "asgi": {"spec_version": "2.4"}, "http_version": "1.1", "method": "POST", "path": CHAT,
        "raw_path": CHAT.encode(), "query_string": b"", "root_path": "", "scheme": "http", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8400),
    }  # fmt: skip
    await asyncio.wait_for(app(scope, receive, send), 20)


async def _until(true) -> None:
    ends = time.monotonic() + 20
    while not true():
        assert time.monotonic() < ends
        await asyncio.sleep(0.02)
