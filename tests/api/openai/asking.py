"""A client of the door over the whole application, with keys of chosen people and scopes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx

from api.app import build_app
from desk.drivers import build_models
from desk.llm.router import DeadlineRouter
from desk.settings import Settings
from graphs.runtime import Runtime

CHAT = "/v1/chat/completions"
DESK = "http://127.0.0.1:8400"


def key(runtime: Runtime, person: str, *scopes: str, budget: str | None = None, days: int = 1) -> str:
    """The secret of a fresh key."""
    limit = None if budget is None else Decimal(budget)
    return runtime.desk.api_keys.create(person, "test", list(scopes), days, limit)[1]


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


class Door:
    """Asks as the holder of one key."""

    def __init__(self, client: httpx.AsyncClient, secret: str) -> None:
        self._client, self._headers = client, {"authorization": f"Bearer {secret}"}

    async def get(self, path: str) -> httpx.Response:
        return await self._client.get(path, headers=self._headers)

    async def ask(self, model: str, *messages: dict[str, Any], **more: Any) -> httpx.Response:
        body = {"model": model, "messages": list(messages), **more}
        return await self._client.post(CHAT, json=body, headers=self._headers)


@asynccontextmanager
async def door(runtime: Runtime, web: Any, secret: str = "") -> AsyncIterator[Door]:
    """The door; `web` is any folder without a built web app."""
    transport = httpx.ASGITransport(build_app(runtime, web))
    async with httpx.AsyncClient(transport=transport, base_url=DESK, timeout=60) as client:
        yield Door(client, secret)


@asynccontextmanager
async def with_models(runtime: Runtime, url: str, names: str = "mine", **more: str) -> AsyncIterator[Runtime]:
    """The same desk with models at an address; `more` are further TENOR_LLM settings."""
    prices = more.pop("llm_prices", ",".join(f"{name}=1/2" for name in names.split(",")))
    settings = Settings(llm_base_url=url, llm_models=names, llm_prices=prices, **more)  # type: ignore[arg-type]
    models: DeadlineRouter = build_models(settings, runtime.desk.store, runtime.desk.wall)
    await models.ready()
    try:
        yield replace(runtime, models=models)
        await models.drain()
    finally:
        models.close()


def chunks(answer: httpx.Response) -> list[dict[str, Any]]:
    """The events of a stream, which must end with the mark."""
    lines = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def text(parts: list[dict[str, Any]]) -> str:
    """What the chunks say together."""
    return "".join(c["delta"].get("content") or "" for part in parts for c in part["choices"])


def failure(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code and param of an error in OpenAI's shape."""
    body = answer.json()
    assert set(body) == {"error"}, body
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert body["error"]["message"]
    return answer.status_code, body["error"]["code"], body["error"]["param"]
