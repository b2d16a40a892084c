"""What people, and the desk itself, did with a case; its state and who has it follow from these steps alone.

Closing takes two: one compliance officer proposes it, another confirms. The desk never closes anything: it records what
became of the alert behind the case, and takes a closing back when that alert grew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, get_args

from sqlalchemy import Connection, insert, select

from desk.errors import Conflict, InputError
from desk.identity.roles import Person
from desk.store.tables import fraud_actions

State = Literal["open", "escalated", "closing", "closed"]
Act = Literal["escalate", "close", "reopen", "take", "hand"]
Turn = Literal["grow", "change", "merge", "split", "lapse", "return", "escalate", "reopen"]
"""What the desk records: payments joined, payments left or the typology is another, two cases became one, one became
two, the scan no longer finds it, it does again; and the two of people's steps that follow from these."""
Verdict = Literal["", "confirmed", "cleared"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
Record = Callable[[Connection, str, str, dict[str, object]], None]
"""Writes one audit record in the caller's transaction: kind, subject, body."""
DESK = "desk"
"""Who takes a step that nobody took; no person has this name, and it is never one of two officers."""


class Step(NamedTuple):
    """What was done with a case; `assignee` is who has it after `take` and `hand`, empty for other steps.

    `verdict` is what a vote to close says of the suspicion; empty where it says nothing.
    """

    person: str
    action: str
    reason: str
    at: str
    assignee: str = ""
    verdict: Verdict = ""


def state_after(history: Iterable[Step]) -> State:
    """The state that these steps lead to; steps were checked when they were taken."""
    state: State = "open"
    for step in history:
        if step.action == "close":
            state = "closed" if state == "closing" else "closing"
        elif step.action in {"escalate", "reopen"}:
            state = "escalated" if step.action == "escalate" else "open"
    return state


def assigned(history: Iterable[Step]) -> str:
    """The officer who has it now; empty when nobody took it."""
    return next((step.assignee for step in reversed(tuple(history)) if step.assignee), "")


class Worked:
    """A case as far as people work it: state and holder follow from its history alone."""

    history: tuple[Step, ...]

    @property
    def state(self) -> State:
        """Where it stands."""
        return state_after(self.history)

    @property
    def assignee(self) -> str:
        """The officer who has it now; empty when nobody took it."""
        return assigned(self.history)


def was_worked(history: Iterable[Step]) -> bool:
    """Whether a person did something with it."""
    return any(step.person != DESK for step in history)


def read_steps(connection: Connection, alert: str = "") -> dict[str, tuple[Step, ...]]:
    """The steps of one case, or of all, in the order they were taken."""
    query = select(fraud_actions).order_by(fraud_actions.c.id)
    rows = connection.execute(query.where(fraud_actions.c.alert == alert) if alert else query).all()
    found: dict[str, tuple[Step, ...]] = {}
    for row in rows:
        step = Step(row.person, row.action, row.reason, row.at, row.assignee, row.verdict)
        found[row.alert] = (*found.get(row.alert, ()), step)
    return found


def write_step(connection: Connection, alert: str, step: Step, state: State, record: Record) -> None:
    """Keeps a step and its audit record; `state` is the one it leads to."""
    connection.execute(insert(fraud_actions).values(alert=alert, **step._asdict()))
    record(connection, f"fraud.{step.action}", alert, {**step._asdict(), "alert": alert, "state": state})


def agreed_verdict(history: Iterable[Step]) -> Verdict:
    """What both officers who closed a case say of it; empty while it is not closed, or when the first said nothing."""
    steps = tuple(history)
    if state_after(steps) != "closed":
        return ""
    return [step for step in steps if step.action == "close"][-2].verdict


def check_verdict(id: str, history: tuple[Step, ...], action: Act, verdict: Verdict) -> None:
    """InputError for a verdict on anything but closing; Conflict when the second vote says other than the first."""
    if not verdict:
        return
    if action != "close":
        raise InputError(f"a verdict goes with closing, not with {action}")
    if state_after(history) == "closing" and _proposed(history).verdict != verdict:
        said = _proposed(history).verdict or "without a verdict"
        raise Conflict(f"closing alert {id} was proposed as {said}, not {verdict}; reopen it to propose otherwise")


def check_step(id: str, history: tuple[Step, ...], person: Person, action: Act) -> None:
    """Conflict when the case's state, its proposer or who has it does not allow this."""
    state, assignee = state_after(history), assigned(history)
    allowed: dict[State, tuple[Act, ...]] = {
        "open": ("escalate", "close", "take", "hand"),
        "escalated": ("close", "reopen", "take", "hand"),
        "closing": ("close", "reopen", "escalate", "take", "hand"),
        "closed": ("reopen",),
    }
    if action not in allowed[state]:
        raise Conflict(f"alert {id} is {state}; possible now: {', '.join(allowed[state])}")
    if action == "close" and state == "closing" and _proposed(history).person == person.name:
        raise Conflict(f"{person.display_name} proposed closing alert {id}; another compliance officer must confirm")
    if action == "take" and assignee == person.name:
        raise Conflict(f"{person.display_name} has alert {id} already")
    if action == "hand" and assignee != person.name:
        raise Conflict(
            f"alert {id} is {f'with {assignee}' if assignee else 'with nobody'}; take it before handing it on"
        )


def _proposed(history: tuple[Step, ...]) -> Step:
    """The first vote of a closing that waits; taking and handing on since then do not change that."""
    return next(step for step in reversed(history) if step.action == "close")
