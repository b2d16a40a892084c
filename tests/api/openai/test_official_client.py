"""The official `openai` client against a real `tenor up`, with a raw model at a real local server."""

from __future__ import annotations

import time

import pytest

from tests.api.openai.official import find_client, run_client
from tests.api.running import Up, tenor
from tests.llm.openai_server import COMPLETION_TOKENS, PROMPT_TOKENS, Fault, OpenAiServer

CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 2}'}}


def reply(asked: dict) -> dict | Fault:
    """A call when `add` is offered, JSON when a form is asked for, a hang when the words say so, else words."""
    if any(tool["function"]["name"] == "add" for tool in asked.get("tools", ())):
        return {"content": None, "tool_calls": [{"index": 0, **CALL}]}
    if "hang" in asked["messages"][-1]["content"]:
        return Fault("hang_after")
    wants_json = any("JSON schema" in str(message["content"]) for message in asked["messages"])
    return {"content": '{"mood": "good"}' if wants_json else "words of the model"}


@pytest.fixture
def server():
    made = OpenAiServer(reply)
    yield made
    made.close()


def test_the_official_client_works_as_it_does_elsewhere(tmp_path, server):
    find_client()
    settings = {"TENOR_LLM_BASE_URL": server.url, "TENOR_LLM_MODEL": "mine", "TENOR_LLM_PRICES": "mine=1/2"}
    up = Up(tmp_path / "home", **settings)
    try:
        assert tenor(up.home, "models", "test", "mine").exit == 0  # waits until LiteLLM is loaded
        keys = {
            "chat": _key(up, "trader", "chat"),
            "raw": _key(up, "analyst", "raw"),
            "poor": _key(up, "analyst", "raw", "--budget", "0"),
            "revoked": _key(up, "analyst", "chat"),
        }
        id = keys["revoked"][3:19]
        assert tenor(up.home, "keys", "revoke", id, "--as", "analyst").exit == 0
        found = run_client(f"{up.address}v1", keys)
        ends = time.monotonic() + 20
        while not server.hung_up:
            assert time.monotonic() < ends, "the stream that was left was not ended"
            time.sleep(0.05)
    finally:
        up.stop()
    assert found["models"][0] == "tenor"
    assert found["models"][-1] == "mine"
    assert len(found["models"]) == 12
    assert found["one"] == "tenor"
    assert found["agents"] == found["stream_agents"] == ["risk"]
    assert found["text"] == found["streamed"]
    assert found["tokens"] == found["stream_tokens"] == PROMPT_TOKENS + COMPLETION_TOKENS
    assert found["raw"] == "words of the model"
    assert found["raw_tokens"] == [PROMPT_TOKENS, COMPLETION_TOKENS]
    assert found["call"] == found["again"] == ["add", {"a": 2}, "tool_calls"]
    assert found["mood"] == "good"
    assert found["left"] == "Half "
    assert found["errors"] == {
        "bad key": "AuthenticationError invalid_api_key",
        "no such model": "NotFoundError model_not_found",
        "n": "BadRequestError invalid_value",
        "no raw right": "PermissionDeniedError insufficient_permissions",
        "no budget": "RateLimitError insufficient_quota",
        "no budget, streamed": "RateLimitError insufficient_quota",
        "revoked": "AuthenticationError invalid_api_key",
        "too large": "APIStatusError request_too_large",
    }


def _key(up: Up, person: str, scope: str, *more: str) -> str:
    made = tenor(up.home, "keys", "create", "--scope", scope, "--as", person, *more)
    assert made.exit == 0, made.err
    return str(made.json["secret"])
