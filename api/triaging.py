"""Triage of the queue, for the door and the command alike: opinions asked for, and the order that they make."""

from __future__ import annotations

import asyncio

from pydantic import BaseModel, Field

from agents.triage import ASKED_AS, ask_opinion
from desk.errors import Conflict
from desk.factory import Desk
from desk.fraud.cases import Case
from desk.fraud.grounds import gather_grounds
from desk.fraud.triage import BAND, Opinion, OpinionBook, Standing, may_be_asked, order_queue
from desk.identity.roles import Person
from graphs.runtime import Runtime

NO_MODEL = "no model connected"
MOST_ASKED = 20


class TriageBody(BaseModel):
    """How many of the borderline alerts without an opinion a model is asked about, the most urgent first."""

    most: int = Field(default=5, ge=1, le=MOST_ASKED)


class UnansweredView(BaseModel):
    """An alert on which there is no opinion although a model was asked, and what asking cost all the same."""

    alert: str
    why: str
    cost_usd: float


class TriageView(BaseModel):
    """What a model says of borderline alerts: opinions, no decisions.

    `note` is "no model connected" where none is for this task; opinions that hold are shown all the same. `band`: an
    alert is borderline less than so much above its level. `waiting`: borderline open cases without an opinion. `order`:
    every case of the queue, the most urgent first; borderline ones share their places by what was said of them.
    """

    connected: bool
    note: str
    band: float
    waiting: int
    opinions: list[Opinion]
    unanswered: list[UnansweredView]
    order: list[str]


def triage_view(runtime: Runtime, unanswered: list[UnansweredView] | None = None) -> TriageView:
    """The queue as it stands now."""
    desk, connected = runtime.desk, runtime.models.serves(ASKED_AS)
    cases, borderline = _borderline(desk)
    opinions = _book(desk).of([case.alert for case in borderline])
    asked_about = {case.alert.id for case in borderline}
    standing = [
        Standing(c.alert.id, desk.fraud.priority(c), float(c.alert.end), c.alert.id in asked_about) for c in cases
    ]
    standing += [Standing(c.alert.id, desk.market.priority(c), c.alert.end, False) for c in desk.market.cases()]
    return TriageView(
        connected=connected,
        note="" if connected else NO_MODEL,
        band=BAND,
        waiting=len(borderline) - len(opinions),
        opinions=list(opinions.values()),
        unanswered=unanswered or [],
        order=order_queue(standing, {id: one.word for id, one in opinions.items()}),
    )


async def ask_opinions(runtime: Runtime, person: Person, most: int) -> TriageView:
    """Asks about the most urgent borderline cases without an opinion, one after the other; Conflict without a model."""
    if not runtime.models.serves(ASKED_AS):
        raise Conflict(f"{NO_MODEL} for the task {ASKED_AS}; connect one (docs/models.md), or read the queue without")
    async with runtime.triage:
        unanswered = await _ask_waiting(runtime, person, most)
    return await asyncio.to_thread(triage_view, runtime, unanswered)


async def _ask_waiting(runtime: Runtime, person: Person, most: int) -> list[UnansweredView]:
    """Keeps the opinions that were given; the cases on which there is none all the same."""
    desk, book = runtime.desk, _book(runtime.desk)
    _, borderline = await asyncio.to_thread(_borderline, desk)
    known = await asyncio.to_thread(book.of, [case.alert for case in borderline])
    waiting = sorted(
        (case for case in borderline if case.alert.id not in known),
        key=lambda case: (-desk.fraud.priority(case), case.alert.id),
    )
    columns, rules, unanswered = await asyncio.to_thread(desk.fraud.columns), desk.fraud.rules, list[UnansweredView]()
    for case in waiting[:most]:
        alert = case.alert
        facts = await asyncio.to_thread(gather_grounds, alert, columns, rules.level_of(alert.typology))
        asked = await ask_opinion(alert, facts, runtime.models, desk.feed.instruments, person, f"triage-{alert.id}")
        if asked.opinion is None:
            unanswered.append(UnansweredView(alert=alert.id, why=asked.why, cost_usd=asked.cost_usd))
        else:
            await asyncio.to_thread(book.keep, asked.opinion, person)
    return unanswered


def _borderline(desk: Desk) -> tuple[list[Case], list[Case]]:
    """All cases of transfers, and those on which a model's opinion is of use."""
    cases, rules = desk.fraud.cases(), desk.fraud.rules
    return cases, [case for case in cases if may_be_asked(case, rules)]


def _book(desk: Desk) -> OpinionBook:
    return OpinionBook(desk.store, desk.wall, desk.record)
