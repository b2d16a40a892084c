"""What people do with a case, of whatever kind: one rule of states, officers, reasons and records for all of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from desk.clock import Clock, to_iso
from desk.errors import InputError
from desk.fraud.graph import DAY
from desk.fraud.steps import (
    Act,
    Record,
    Step,
    Verdict,
    assigned,
    check_step,
    check_verdict,
    read_steps,
    state_after,
    write_step,
)
from desk.identity.people import People
from desk.identity.roles import Action, Person, Role, check_may
from desk.store.engine import Store

LONGEST_REASON = 2_000


def priority_of(score: float, amount: float, end: float, now: datetime) -> float:
    """How soon to look at a case that is not closed, 0 to 100: score times amount times age.

    The amount counts by its logarithm, whole from a million on; the age from half when its last row is new to whole
    after thirty days on the market clock.
    """
    size = min(1.0, max(0.1, math.log10(max(1.0, amount)) / 6))
    age = min(1.0, 0.5 + max(0.0, now.timestamp() - end) / (60 * DAY))
    return round(100 * score * size * age, 1)


class CaseWork:
    """Steps of officers, kept and recorded; who calls makes sure that one step is taken at a time."""

    def __init__(self, store: Store, wall: Clock, record: Record) -> None:
        self._store, self._wall, self._record, self._people = store, wall, record, People(store)

    def act(
        self,
        id: str,
        person: Person,
        action: Act,
        reason: str,
        to: str,
        verdict: Verdict,
        note_closing: Callable[[Connection], None],
    ) -> None:
        """One person's step on a case, recorded with the name and the reason. `to` is whom `hand` hands it to.

        `verdict` goes with the first vote to close; the second may say the same or nothing. `note_closing` is called
        in the transaction of the first vote. Conflict when the state does not allow the step, when the one who
        proposed closing confirms it, says another verdict, or when a case of another is handed on. InputError without
        a reason; only taking what nobody has needs none.
        """
        check_may(person, Action.WORK_FRAUD)
        reason = reason.strip()
        with self._store.begin() as connection:
            history = read_steps(connection, id).get(id, ())
            if len(reason) > LONGEST_REASON or not (reason or (action == "take" and not assigned(history))):
                raise InputError(f"give a reason of 1 to {LONGEST_REASON:,} characters to {action} an alert")
            check_step(id, history, person, action)
            check_verdict(id, history, action, verdict)
            at = to_iso(self._wall.now())
            step = Step(person.name, action, reason, at, self._taker(person, action, to), verdict)
            state = state_after([*history, step])
            if state == "closing" and action == "close":
                note_closing(connection)
            write_step(connection, id, step, state, self._record)

    def note_export(self, id: str, person: Person, form: str, digest: str) -> None:
        """Records that a person took a report draft out of the desk; `digest` is the SHA-256 of its bytes."""
        check_may(person, Action.WORK_FRAUD)
        body: dict[str, object] = {**person.named(), "alert": id, "format": form, "sha256": digest}
        with self._store.begin() as connection:
            self._record(connection, "fraud.report", id, body)

    def officers(self) -> list[Person]:
        """Those who work cases, by name."""
        everybody = (person for person, _ in self._people.all())
        return sorted((person for person in everybody if person.role is Role.COMPLIANCE), key=lambda one: one.name)

    def _taker(self, person: Person, action: Act, to: str) -> str:
        """Who has the case after this step; empty for a step that does not change that."""
        if action != "hand":
            return person.name if action == "take" else ""
        known = [one.name for one in self.officers() if one.name != person.name]
        if to not in known:
            raise InputError(f"{to!r} works no cases; hand it to one of: {', '.join(known) or 'nobody else is there'}")
        return to
