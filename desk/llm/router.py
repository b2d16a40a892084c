"""The deadline router: which model answers, and what happens when it is late.

Our own asyncio deadline stands around each call, because LiteLLM's Router does not keep short
ones. When every model failed or was late, the caller's deterministic plan answers; the reason is
recorded. `first_ms` set by the user (TENOR_LLM_FALLBACK_MS) is taken literally.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from desk.errors import ModelError
from desk.llm.chat import ChatModel, Completion, Message, ToolSchema


@dataclass(frozen=True)
class TaskClass:
    """A kind of question to a model and the seconds it may take in all."""

    name: str
    total_s: float


TASKS: dict[str, TaskClass] = {
    task.name: task
    for task in (
        TaskClass("classify", 0.15),
        TaskClass("tool_call", 15.0),
        TaskClass("chat", 20.0),
        TaskClass("report", 60.0),
    )
}


@dataclass(frozen=True)
class Attempt:
    """One try at one model: `reason` is empty when it answered."""

    model: str
    ms: float
    reason: str


@dataclass(frozen=True)
class Routed:
    """The answer, or None when every model failed; and what was tried."""

    completion: Completion | None
    attempts: tuple[Attempt, ...]

    @property
    def reason(self) -> str | None:
        """Why the first choice did not answer; None when it did."""
        failed = [f"{a.model}: {a.reason}" for a in self.attempts if a.reason]
        return "; ".join(failed) or None


class DeadlineRouter:
    """Asks the models in order, each within what is left of the deadline."""

    def __init__(self, models: Sequence[ChatModel], fallback_ms: int = 0) -> None:
        self._models, self._fallback_ms = list(models), fallback_ms

    @property
    def names(self) -> list[str]:
        """The models in the order they are asked; empty means there is none."""
        return [model.name for model in self._models]

    async def complete(self, task: str, messages: list[Message], tools: list[ToolSchema]) -> Routed:
        """The first valid answer inside the task's deadline; never raises for a model's failure."""
        total = self._fallback_ms / 1000 if self._fallback_ms else TASKS[task].total_s
        attempts: list[Attempt] = []
        ends = time.perf_counter() + total
        for model in self._models:
            began = time.perf_counter()
            left = ends - began
            if left <= 0:
                attempts.append(Attempt(model.name, 0.0, "no time left"))
                continue
            try:
                async with asyncio.timeout(left):
                    completion = await model.complete(messages, tools)
            except TimeoutError:
                attempts.append(Attempt(model.name, _since(began), f"no answer in {left * 1000:.0f} ms"))
            except ModelError as error:
                attempts.append(Attempt(model.name, _since(began), error.message))
            else:
                attempts.append(Attempt(model.name, _since(began), ""))
                return Routed(completion, tuple(attempts))
        return Routed(None, tuple(attempts))


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)
