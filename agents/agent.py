"""What an agent is, and the turn it is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from agents.answers import AgentAnswer, Reply
from agents.request import Request
from desk.llm.chat import Completion
from desk.llm.router import Ask, Routed
from desk.llm.tasks import TaskClass
from tools.context import A, Caller, NamedTool, R, Tool, ToolContext


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


@dataclass(frozen=True)
class Turn:
    """One question on its way through one agent.

    `earlier` are the replies of the agents that spoke before in this run, `history` the last
    questions of the conversation, oldest first. `background` is untrusted text that came with the
    question: a model may read it in its fence, no plan and no tool does.
    """

    request: Request
    caller: Caller
    earlier: tuple[Reply, ...] = ()
    history: tuple[str, ...] = ()
    background: tuple[str, ...] = ()

    @property
    def context(self) -> ToolContext:
        """What tools may reach."""
        return self.caller.context

    def call(self, tool: Tool[A, R], arguments: A) -> R:
        """Calls a tool on the agent's list."""
        return self.caller.call(tool, arguments)


Plan = Callable[[Turn], AgentAnswer]


@dataclass(frozen=True)
class Opinion:
    """A plan's answer with a model's opinion on it, and what asking cost: tokens of all attempts, US dollars."""

    answer: AgentAnswer
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0


Second = Callable[[Turn, AgentAnswer, Models, str], Awaitable[Opinion]]
"""Asks for an opinion; the last argument names the only model that may be asked, empty for any."""


@dataclass(frozen=True)
class Agent:
    """A prompt, an allow-list of tools, a typed answer, and the plan that needs no model.

    `second` asks a model's opinion on the plan's answer, when there is a model; it never raises for a model's failure.
    """

    name: str
    title: str
    purpose: str
    tools: tuple[NamedTool, ...]
    answer: type[AgentAnswer]
    plan: Plan
    second: Second | None = None

    @property
    def allowed(self) -> tuple[str, ...]:
        """The names of its tools."""
        return tuple(tool.name for tool in self.tools)
