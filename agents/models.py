"""Where agents get a model's words from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from desk.llm.chat import Completion
from desk.llm.router import Ask, Routed
from desk.llm.tasks import TaskClass


class Models(Protocol):
    """What an agent asks for words; the desk's is `desk.llm.router.DeadlineRouter`, whose words these are."""

    def serves(self, task: str) -> bool:
        """Whether any model is for such a task."""
        ...

    def task(self, name: str) -> TaskClass:
        """A task's deadlines."""
        ...

    async def complete(self, ask: Ask, last: Callable[[], Completion] | None = None) -> Routed:
        """The first valid answer inside the task's deadline, else `last`'s."""
        ...
