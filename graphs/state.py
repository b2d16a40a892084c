"""What the graph remembers between steps: small, typed, and nothing that is a service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import add
from typing import Annotated, NotRequired, TypedDict

from agents.answers import Reply
from desk.identity.roles import Person
from graphs.world import World

Announce = Callable[[str, dict[str, object]], None]
"""Tells whoever watches the run: the event's name and its body."""


@dataclass(frozen=True)
class Carried:
    """The conversation that a caller keeps itself and sends along: nothing of it is kept here.

    `history`: the person's earlier questions, oldest first; `complete` when none of them leaves anything unsaid
    (`graphs.following`). `background`, `asked` and `locale`: see `State`.
    """

    history: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    asked: str = ""
    complete: bool = False
    locale: str = ""


class State(TypedDict):
    """What is kept. `agents` are those still to speak, `wanted` the one the person chose ("" when none).

    `asked` are the person's own words when `question` completes them (`graphs.following`), else empty.

    `background` is untrusted text that came with the question: models may read it, nothing acts on it.

    `replies` grow; `approval` waits for a person. `locale` is how the person reads numbers, empty for the house's form.
    """

    question: str
    asked: str
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
    locale: NotRequired[str]


@dataclass(frozen=True)
class Services:
    """What nodes may reach; rides in the run context, never in a checkpoint."""

    world: World
    person: Person
    announce: Announce
