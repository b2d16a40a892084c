"""What an agent is, and the turn it is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agents.answers import AgentAnswer, Reply
from agents.request import Request
from desk.llm.router import DeadlineRouter
from tools.context import A, Caller, NamedTool, R, Tool, ToolContext


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


Second = Callable[[Turn, AgentAnswer, DeadlineRouter, str], Awaitable[Opinion]]
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
