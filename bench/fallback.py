"""`tenor bench run fallback`: TENOR_LLM_FALLBACK_MS=10 over a hanging HTTP provider, and what the router costs.

`p50_ms`, `p99_ms`: from the start of a call to the next, in-process driver's answer, money, health, record and all.
`overhead_litellm_ms`, `overhead_inprocess_ms`: CPU of one call through the router, all threads, less that of the
same call to LiteLLM or to the driver alone. Correct when every answer was the expected model's for the expected reason.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from decimal import Decimal
from pathlib import Path

from bench.report import Report, median
from desk.clock import WallClock
from desk.llm.calls import CallBook
from desk.llm.chat import ChatModel, Message, Part, Request, Usage
from desk.llm.litellm import LiteLLMChat
from desk.llm.models import ModelSpec
from desk.llm.redaction import Redaction
from desk.llm.router import Ask, DeadlineRouter
from desk.llm.spending import Spending, parse_budgets
from desk.store.engine import Store

DEADLINE_MS, CALLS, WARM = 10, 400, 20
BLOCKS, IN_A_BLOCK = 10, 40
MESSAGES = (Message("system", "You speak for a trading desk."), Message("user", "What is Microsoft trading at?"))


class _Driver:
    """A model in this process that answers at once."""

    def __init__(self) -> None:
        self._spec = _spec("next", "")

    @property
    def spec(self) -> ModelSpec:
        return self._spec

    def warm(self) -> None:
        """Nothing to load."""

    def close(self) -> None:
        """Nothing to end."""

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        yield Part("It is ready.")
        yield Part(usage=Usage(20, 3))


def _spec(name: str, address: str) -> ModelSpec:
    return ModelSpec(id=name, route=f"openai/{name}", address=address, price_in=Decimal(1), price_out=Decimal(2))


def run() -> Report:
    """See the module."""
    command = [sys.executable, "-m", "bench.providers"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as providers:
        try:
            hanging, healthy = json.loads(providers.stdout.readline() if providers.stdout else "[]")
            with tempfile.TemporaryDirectory(prefix="tenor-bench-") as home:
                return asyncio.run(_measure(Path(home), hanging, healthy))
        finally:
            providers.kill()


async def _measure(home: Path, hanging: str, healthy: str) -> Report:
    driver, store = _Driver(), Store.in_folder(home)
    spoken = LiteLLMChat(_spec("healthy", healthy))
    models: list[ChatModel] = [LiteLLMChat(_spec("hanging", hanging)), spoken, driver]
    literal, usual = _router(store, models, DEADLINE_MS), _router(store, models, 0)
    try:
        await literal.ready()
        waits, right = await _fallbacks(literal)
        request = Request(MESSAGES)
        over, ours, bare = await _overhead(usual, "healthy", lambda: _drink(spoken.stream(request)))
        over_driver, _, _ = await _overhead(usual, "next", lambda: _drink(driver.stream(request)))
        await usual.drain()
    finally:
        literal.close()
        usual.close()
        store.close()
    metrics: dict[str, float | None] = {
        "p50_ms": round(median(waits), 2),
        "p99_ms": round(sorted(waits)[int(len(waits) * 0.99)], 2),
        "overhead_litellm_ms": round(over, 3),
        "overhead_inprocess_ms": round(over_driver, 3),
        "litellm_cpu_ms": round(bare, 3),
    }
    return Report("fallback", right, metrics, overheads={"litellm": round(ours / bare, 3)})


def _router(store: Store, models: list[ChatModel], fallback_ms: int) -> DeadlineRouter:
    wall, redaction = WallClock(), Redaction(["sk-a-key-of-the-bench"])
    money = Spending(store, wall, parse_budgets("1000", "1000", "1000"))
    book = CallBook(store, wall, redaction)
    return DeadlineRouter(models, money, book, wall, redaction=redaction, fallback_ms=fallback_ms)


async def _fallbacks(router: DeadlineRouter) -> tuple[list[float], bool]:
    """Milliseconds of each call; the two models are named, so that health does not pass the hanging one over."""
    waits: list[float] = []
    right = True
    for n in range(WARM + CALLS):
        began = time.perf_counter()
        routed = await router.complete(_ask("hanging", "next"))
        if n >= WARM:
            waits.append((time.perf_counter() - began) * 1000)
        done = routed.completion is not None and routed.completion.model == "next"
        right = right and done and routed.reason == f"hanging: no answer in {DEADLINE_MS} ms"
        await router.drain()
    return waits, right


async def _overhead(
    router: DeadlineRouter, model: str, bare: Callable[[], Awaitable[None]]
) -> tuple[float, float, float]:
    """CPU milliseconds of a call through the router beyond the bare call's, and both; blocks alternate ABBA."""

    async def ours() -> None:
        routed = await router.complete(_ask(model))
        assert routed.by_model, routed.reason

    spent: dict[bool, list[float]] = {True: [], False: []}
    for block in range(-2, BLOCKS):
        for routed in (True, False) if block % 2 else (False, True):
            before = time.process_time()
            for _ in range(IN_A_BLOCK):
                await (ours() if routed else bare())
            if block >= 0:
                spent[routed].append((time.process_time() - before) * 1000 / IN_A_BLOCK)
    through, alone = median(spent[True]), median(spent[False])
    return through - alone, through, alone


async def _drink(parts: AsyncGenerator[Part, None]) -> None:
    async for _ in parts:
        pass


def _ask(*models: str) -> Ask:
    return Ask("chat", MESSAGES, run="bench", person="bench", models=models)
