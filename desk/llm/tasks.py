"""The kinds of question to a model: deadlines, order of models and the most one answer may cost. One table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desk.errors import InputError

Order = Literal["given", "fastest"]


@dataclass(frozen=True)
class TaskClass:
    """One kind of question.

    `first_s`: without a token for so long, the next model starts beside this one, which may still win for
    `hedge_s` more. `total_s` ends them all. `order`: as the owner named the models (best first), or by the
    first token seen. `max_tokens` and `most_usd` bound one answer. `model` false: never a model.
    """

    name: str
    first_s: float
    hedge_s: float
    total_s: float
    order: Order
    max_tokens: int
    most_usd: float
    model: bool = True


TASKS: dict[str, TaskClass] = {
    task.name: task
    for task in (
        TaskClass("risk", 0.005, 0.0, 0.005, "given", 0, 0.0, model=False),
        TaskClass("route", 0.010, 0.0, 0.010, "fastest", 16, 0.01),
        TaskClass("classify", 0.150, 0.0, 0.150, "fastest", 64, 0.02),
        TaskClass("tool_call", 0.800, 0.4, 3.0, "given", 512, 0.10),
        TaskClass("chat", 1.500, 1.0, 20.0, "given", 1024, 0.25),
        TaskClass("triage", 60.000, 0.0, 120.0, "given", 320, 0.10),
        TaskClass("report", 3.000, 2.0, 60.0, "given", 4096, 1.00),
        TaskClass("raw", 15.000, 0.0, 60.0, "given", 4096, 1.00),
    )
}


def task_class(name: str) -> TaskClass:
    """The class of that name; InputError names those there are."""
    if name not in TASKS:
        raise InputError(f"task class {name!r} is not known; there are: {', '.join(TASKS)}")
    return TASKS[name]


def literal(task: TaskClass, fallback_ms: int) -> TaskClass:
    """TENOR_LLM_FALLBACK_MS taken literally: no whole answer by then, and the next model is asked."""
    seconds = fallback_ms / 1000
    return TaskClass(task.name, seconds, 0.0, 4 * seconds, task.order, task.max_tokens, task.most_usd, model=task.model)
