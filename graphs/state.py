"""What the graph remembers between steps: small, typed, and nothing that is a service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import add
from typing import Annotated, TypedDict

from agents.agent import Agent
from agents.answers import Reply
from desk.factory import Desk
from desk.identity.roles import Person
from desk.llm.choices import AgentModels
from desk.llm.router import DeadlineRouter
from desk.llm.turns import TurnBook
from graphs.router import QuestionRouter
from prompts.labels import PromptLabels
from rag.filings import Filings
from rag.knowledge.search import KnowledgeBase

Announce = Callable[[str, dict[str, object]], None]
"""Tells whoever watches the run: the event's name and its body."""


@dataclass(frozen=True)
class Carried:
    """The conversation that a caller keeps itself and sends along: nothing of it is kept here.

    `history`: the person's earlier questions, oldest first. `background`: see `State`.
    """

    history: tuple[str, ...] = ()
    background: tuple[str, ...] = ()


class State(TypedDict):
    """What is kept. `agents` are those still to speak, `wanted` the one the person chose ("" when none).

    `background` is untrusted text that came with the question: models may read it, nothing acts on it.

    `replies` grow; `approval` waits for a person.
    """

    question: str
    run: str
    thread: str
    history: list[str]
    background: list[str]
    wanted: str
    agents: list[str]
    route: dict[str, object]
    replies: Annotated[list[Reply], add]
    approval: str
    decision: str


@dataclass(frozen=True)
class Services:
    """What nodes may reach; rides in the run context, never in a checkpoint."""

    desk: Desk
    filings: Filings
    knowledge: KnowledgeBase
    models: DeadlineRouter
    agents: dict[str, Agent]
    person: Person
    announce: Announce
    router: QuestionRouter
    prompts: PromptLabels
    voices: AgentModels
    turns: TurnBook
