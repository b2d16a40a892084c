"""A router over a store of its own, and drivers in this process, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal

from desk.clock import WallClock
from desk.llm.calls import CallBook
from desk.llm.chat import Completion, Message, Part, Request, ToolSchema, Usage
from desk.llm.health import HealthBook
from desk.llm.litellm import LiteLLMChat
from desk.llm.models import ModelSpec
from desk.llm.redaction import Redaction
from desk.llm.router import Ask, DeadlineRouter
from desk.llm.spending import Spending, parse_budgets
from desk.store.engine import Store

QUOTES = ToolSchema(
    "read_quotes",
    "Last prices.",
    {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"], "additionalProperties": False},
)


def spec_of(name: str, address: str = "", price: str = "1", **more) -> ModelSpec:
    return ModelSpec(
        id=name, route=f"openai/{name}", address=address, price_in=Decimal(price), price_out=Decimal(price), **more
    )


class Scripted:
    """A driver in this process: `play` gives its parts; None waits for ever."""

    def __init__(self, name: str, play: Callable[[Request], list[Part | float | Exception | None]], **more) -> None:
        self._spec, self._play = spec_of(name, **more), play
        self.asked: list[Request] = []
        self.cancelled = 0

    @property
    def spec(self) -> ModelSpec:
        return self._spec

    def warm(self) -> None:
        """Nothing to load."""

    def close(self) -> None:
        """Nothing to end."""

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        self.asked.append(request)
        try:
            for part in self._play(request):
                if isinstance(part, Exception):
                    raise part
                if isinstance(part, Part):
                    yield part
                else:
                    await asyncio.sleep(3600 if part is None else part)
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled += 1
            raise


def says(text: str, usage: tuple[int, int] | None = (11, 7)) -> Callable[[Request], list]:
    return lambda _: [Part(text), *([Part(usage=Usage(*usage))] if usage else [])]


def litellm(name: str, url: str, **more) -> LiteLLMChat:
    return LiteLLMChat(spec_of(name, url, **more), "sk-canary-000000000000000000")


def ask(text: str = "hello", task: str = "chat", **more) -> Ask:
    return Ask(task, (Message("system", "be brief"), Message("user", text)), **more)


def plan() -> Completion:
    return Completion("the plan", "planned words")


@asynccontextmanager
async def routed(tmp_path, *models, budget="50", user="50", day="50", **more) -> AsyncIterator[DeadlineRouter]:
    store, wall = Store.in_folder(tmp_path), WallClock()
    redaction = Redaction(["sk-canary-000000000000000000"])
    router = DeadlineRouter(
        models,
        Spending(store, wall, parse_budgets(budget, user, day)),
        CallBook(store, wall, redaction),
        wall,
        redaction=redaction,
        health=more.pop("health", None) or HealthBook(),
        **more,
    )
    try:
        await router.ready()
        yield router
        await router.drain()
    finally:
        router.close()
        store.close()
