"""Which model each agent asks first on this desk: the owner's order, a model of one's own, or none at all.

An evaluator's choice is kept in the store and holds from the next question on. A chosen model that is no longer
configured counts as the desk's order until it comes back or somebody chooses anew. Every change goes to the audit
ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select, update

from desk.clock import Clock, to_iso
from desk.errors import InputError, NotFound
from desk.store.engine import Store
from desk.store.known import Known
from desk.store.model_tables import agent_models

Record = Callable[[Connection, str, str, dict[str, object]], None]
DEFAULT, NONE = "default", "none"
"""Words that are no models: the desk's order; never a model, the plan's own words."""


@dataclass(frozen=True)
class Choice:
    """What one agent asks: DEFAULT, NONE or the id of a model, by whom and since when (empty: never chosen)."""

    agent: str
    model: str = DEFAULT
    set_by: str = ""
    since: str = ""


@dataclass(frozen=True)
class Voice:
    """Whose words an agent speaks in one turn.

    `speaks` false: the plan's own. `first`: the model asked before the others, empty for the desk's order. `only`:
    this model and no other, well or not, so that two can be compared.
    """

    speaks: bool = True
    first: str = ""
    only: str = ""


class AgentModels:
    """The choices of these agents among these models (`names`, best first), in the store."""

    def __init__(self, store: Store, clock: Clock, record: Record, agents: Sequence[str], names: Sequence[str]) -> None:
        self._store, self._clock, self._record = store, clock, record
        self.agents, self.names = tuple(agents), tuple(names)
        self._known = Known[Choice]()

    def all(self) -> list[Choice]:
        """Every agent's choice, in the agents' order."""
        with self._store.read() as connection:
            rows = connection.execute(select(agent_models)).mappings()
            kept = {row["agent"]: Choice(**row) for row in rows}
        return [kept.get(agent, Choice(agent)) for agent in self.agents]

    def of(self, agent: str) -> Choice:
        """One agent's choice; NotFound for no such agent."""
        self._check_agent(agent)
        return self._known.get(agent, lambda: self._read(agent))

    def choose(self, agent: str, model: str, person: str) -> Choice:
        """Keeps the choice; the same one again changes and records nothing.

        NotFound for no such agent, InputError for a model that is not configured.
        """
        self._check_agent(agent)
        if model not in (DEFAULT, NONE, *self.names):
            there = ", ".join((DEFAULT, NONE, *self.names))
            raise InputError(f"model {model!r} is not configured; an agent may use one of: {there}")
        with self._known.changing(agent), self._store.begin() as connection:
            before = self._of(connection, agent)
            if before.model == model:
                return before
            after = Choice(agent, model, person, to_iso(self._clock.now()))
            row = asdict(after)
            if connection.execute(update(agent_models).where(agent_models.c.agent == agent).values(row)).rowcount == 0:
                connection.execute(insert(agent_models).values(row))
            body: dict[str, object] = {"agent": agent, "from": before.model, "to": model, "by": person}
            self._record(connection, "agent.model_chosen", agent, body)
        return after

    def is_here(self, choice: Choice) -> bool:
        """Whether what was chosen can be had; False for a model that has left the settings."""
        return choice.model in (DEFAULT, NONE, *self.names)

    def order(self, choice: Choice) -> list[str]:
        """The models asked, one after the other when one fails; empty: the plan's own words."""
        if choice.model == NONE:
            return []
        return sorted(self.names, key=lambda name: name != self.voice(choice).first)

    def voice(self, choice: Choice) -> Voice:
        """What a choice comes to now."""
        if choice.model == NONE:
            return Voice(speaks=False)
        return Voice(first=choice.model if choice.model != DEFAULT and self.is_here(choice) else "")

    def _check_agent(self, agent: str) -> None:
        if agent not in self.agents:
            raise NotFound(f"agent {agent!r} does not exist; there are: {', '.join(self.agents)}")

    def _read(self, agent: str) -> Choice:
        with self._store.read() as connection:
            return self._of(connection, agent)

    def _of(self, connection: Connection, agent: str) -> Choice:
        row = connection.execute(select(agent_models).where(agent_models.c.agent == agent)).mappings().one_or_none()
        return Choice(**row) if row else Choice(agent)
