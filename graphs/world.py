"""All that a run's answer depends on outside the graph, behind one door.

The desk stands behind it when a question is asked (`graphs.live`), the record of a run when it is replayed
(`graphs.replay.recorded`). The graph and the agents cannot tell which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from agents.agent import Models
from agents.answers import Reply
from agents.request import Request
from desk.facts import FactTable
from desk.identity.roles import Needs, Person
from desk.instruments import Instruments
from desk.llm.choices import Voice
from desk.orders import Order
from desk.trading.approvals import Approval
from graphs.router import Route
from prompts.library import Prompt
from tools.context import RunTool, ToolContext


class Proposals(Protocol):
    """Where a proposal is kept while it waits for a person."""

    def propose(
        self,
        *,
        thread: str,
        asker: Person,
        agent: str,
        orders: list[Order],
        evidence: Mapping[str, object],
        needs: Needs,
        customer_account: bool,
        id: str = "",
    ) -> Approval:
        """See `desk.trading.approvals.Approvals`."""
        ...

    def get(self, id: str) -> Approval:
        """See `desk.trading.approvals.Approvals`."""
        ...


class Stage(NamedTuple):
    """What one agent is given beside the question."""

    prompt: Prompt
    voice: Voice
    models: Models
    context: ToolContext
    run_tool: RunTool


class World(Protocol):
    """See the module."""

    @property
    def instruments(self) -> Instruments:
        """The instruments that a question may name."""
        ...

    @property
    def approvals(self) -> Proposals:
        """Where proposals wait."""
        ...

    async def route(self, request: Request, history: Sequence[str]) -> Route:
        """Which agents speak."""
        ...

    def stage(self, agent: str, person: Person, run: str, facts: FactTable) -> Stage:
        """The next agent's; each speaks once."""
        ...

    def heard(self, reply: Reply, run: str) -> None:
        """Takes note of a reply."""
        ...

    def settle(self, approval: str) -> None:
        """Sends the orders of an approved proposal on, each exactly once."""
        ...
