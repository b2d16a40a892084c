"""Bodies that are wrong in many ways: each is answered or refused in the client's shape, never with a surprise."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from tests.api.openai.asking import CHAT, door, failure, key, user, with_models
from tests.llm.openai_server import OpenAiServer
from tests.sizes import LONG

ROUNDS = 3_000 if LONG else 250
TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {"a": {}}}}}
CALL = {"id": "c", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
GOOD: dict[str, Any] = {
    "model": "mine",
    "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": [{"type": "text", "text": "add"}]},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c", "content": "1"},
        user("How volatile is Exxon?"),
    ],
    "stream": False,
    "stream_options": {"include_usage": True},
    "n": 1,
    "tools": [TOOL],
    "tool_choice": "auto",
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}},
    "max_tokens": 10,
    "temperature": 0.5,
    "stop": ["x"],
}
WRONG: list[Any] = [
    None, "", "x", 0, -1, 2, 10**30, 1e308, True, False, [], {}, [[]], [{}], {"type": "function"}, "\x00", "\ud800",
    "é" * 300, {"type": "image_url"}, {"type": "text"}, {"$ref": "#"}, {"type": 5}, {"role": "user"}, "tenor", "tool",
    "tenor/risk", "tenor/x", "user", "required", "none", {"type": "text", "text": 5}, "{", "[1]", {"$ref": "http://x"},
]  # fmt: skip


def spoiled(dice: random.Random) -> dict[str, Any]:
    """The good body with one to three values anywhere in it changed, taken out or put elsewhere."""
    body = copy.deepcopy(GOOD)
    for _ in range(dice.choice((1, 1, 2, 3))):
        node: Any = body
        while True:
            at = dice.choice(list(node) if isinstance(node, dict) else range(len(node)))
            inner = node[at]
            if isinstance(inner, dict | list) and inner and dice.random() < 0.7:
                node = inner
                continue
            break
        if dice.random() < 0.2:
            del node[at]
        else:
            node[at] = copy.deepcopy(dice.choice(WRONG))
        if not body:
            break
    return body


async def test_whatever_is_sent_is_answered_or_refused_in_shape(runtime, tmp_path):
    server, dice, statuses = OpenAiServer(lambda _: {"content": "{}"}), random.Random(7), set()
    bodies = [json.dumps(spoiled(dice)).encode() for _ in range(ROUNDS)]
    bodies += [b"", b"null", b"[]", b'{"messages":' + b"[" * 90_000, b"\xff\xfe", b"{" * 5_000, b'{"model": NaN}']
    deep: Any = {}
    for _ in range(150):
        deep = {"properties": {"a": deep}}
    nested = {"type": "function", "function": {"name": "t", "parameters": deep}}
    bodies.append(json.dumps({**GOOD, "tools": [nested]}).encode())
    secret = key(runtime, "analyst", "chat", "raw")
    async with with_models(runtime, server.url) as own, door(own, tmp_path, secret) as desk:
        headers = {**desk._headers, "content-type": "application/json"}
        for n, body in enumerate(bodies):
            if n % 200 == 199:  # the turnstile lets 300 a minute in
                headers["authorization"] = f"Bearer {key(runtime, 'analyst', 'chat', 'raw')}"
            answer = await desk._client.post(CHAT, content=body, headers=headers)
            statuses.add(answer.status_code)
            assert answer.status_code < 500 or failure(answer)[1] == "model_failed", (body[:2_000], answer.text)
            if answer.status_code != 200:
                failure(answer)
    server.close()
    assert {200, 400, 404} <= statuses
    assert runtime.desk.approvals.list("waiting") == []
