"""From a run that has ended to its bundle."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from functools import lru_cache

from pydantic import TypeAdapter

from desk.clock import to_iso
from desk.factory import Desk
from desk.identity.roles import Person
from desk.instruments import Instrument, Instruments
from desk.settings import VERSION
from desk.trading.approvals import Approval
from graphs.live import LiveWorld
from graphs.replay.bundle import FORMAT, Bundle, GrantRow, PersonRow, answer_text
from graphs.replay.versions import code_hash, policy_hash
from graphs.router import Route
from graphs.state import State

_INSTRUMENTS = TypeAdapter(tuple[Instrument, ...])
_ROUTE = TypeAdapter(Route | None)


def record(
    world: LiveWorld, person: Person, state: State, answer: dict[str, object], approval: Approval | None
) -> Bundle:
    """All that the answer came from. ValueError for what JSON has no word for."""
    desk = world.sources.desk
    return Bundle(
        format=FORMAT,
        product=VERSION,
        code=code_hash(),
        policy=policy_hash(desk),
        run=state["run"],
        thread=state["thread"],
        at=to_iso(desk.wall.now()),
        question=state["question"],
        asked=state["asked"],
        wanted=state["wanted"],
        person=_person(person),
        history=tuple(state["history"]),
        background=tuple(state["background"]),
        instruments=_instruments(world.instruments),
        route=_ROUTE.dump_json(world.routed).decode(),
        parts=tuple(part.row() for part in world.parts),
        locale=state.get("locale", ""),
        proposed_at="" if approval is None else to_iso(approval.created_at),
        answer=answer_text(answer),
    )


def log_run(desk: Desk, person: Person, question: str, answer: dict[str, object], bundle: str) -> None:
    """Notes a finished turn in the audit log: who, which agents, which model; words and bundle only as hashes."""
    body: dict[str, object] = {
        "run": answer["run"],
        **person.named(),
        "question": hashlib.sha256(question.encode()).hexdigest(),
        "answer": hashlib.sha256(str(answer["answer"]).encode()).hexdigest(),
        "bundle": bundle,
        **{name: answer[name] for name in ("agents", "prompts", "model", "fallback", "abstained")},
    }
    with desk.store.begin() as connection:
        desk.record(connection, "run.answered", person.name, body)


def _person(person: Person) -> PersonRow:
    via = None if person.via is None else GrantRow(**asdict(person.via))
    return PersonRow(
        name=person.name,
        display_name=person.display_name,
        role=person.role,
        accounts=person.accounts,
        demo=person.demo,
        via=via,
    )


@lru_cache(maxsize=4)
def _instruments(known: Instruments) -> str:
    """The instruments as JSON, written once: they are fixed once built."""
    return _INSTRUMENTS.dump_json(tuple(known)).decode()
