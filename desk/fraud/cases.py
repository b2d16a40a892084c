"""Alerts as cases that people work: open, escalated, closing, closed; taken by one officer, handed to another.

Alerts are recomputed from the transfers; each goes on as the case it was before (`carrying.py`). What people did with
it is kept in `fraud_actions` and recorded in the audit log (`steps.py`).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from desk.clock import Clock, from_iso, to_iso
from desk.errors import Conflict, InputError, NotFound
from desk.fraud.alerts import Alert, Edge
from desk.fraud.carrying import carry_on
from desk.fraud.case_rows import CaseRow, note_closing
from desk.fraud.graph import DAY, Columns, TransactionGraph, Transfer, columns_of
from desk.fraud.patterns import scan
from desk.fraud.steps import (
    Act,
    Record,
    State,
    Step,
    assigned,
    check_step,
    read_steps,
    state_after,
    was_worked,
    write_step,
)
from desk.fraud.thresholds import STANDARD, Thresholds
from desk.identity.people import People
from desk.identity.roles import Action, Person, Role, check_may
from desk.store.engine import Store
from desk.store.tables import transfers

LONGEST_REASON = 2_000
NEIGHBOURS = 12


@dataclass(frozen=True)
class Case:
    """An alert and what became of it so far.

    `found`: whether the last scan found it. `version`: the thresholds that first found it. `into`: the case in which
    it goes on, empty for none.
    """

    alert: Alert
    history: tuple[Step, ...] = ()
    found: bool = True
    version: int = 0
    into: str = ""

    @property
    def state(self) -> State:
        """Follows from the history alone."""
        return state_after(self.history)

    @property
    def assignee(self) -> str:
        """The officer who has it now; empty when nobody took it."""
        return assigned(self.history)


class CaseBook:
    """The desk's alerts and cases. `now` is the market clock: later transfers are not known yet.

    A graph that is lost during a scan raises, and nothing of that scan is kept: the next look scans anew.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        wall: Clock,
        record: Record,
        build_graph: Callable[[Columns], TransactionGraph],
        rules: Thresholds = STANDARD,
    ) -> None:
        self._store, self._now, self._wall, self._record, self.rules = store, now, wall, record, rules
        self._build_graph, self._people = build_graph, People(store)
        self._lock = threading.Lock()
        self._scanned: tuple[int, Columns, dict[str, CaseRow]] | None = None

    def cases(self, last: timedelta | None = None) -> list[Case]:
        """Cases whose money moved in the `last` time before the market clock (all when None).

        The newest first, and of one instant the highest score; only alerts that reach `report_from`, and those that
        the scan no longer finds if a person worked on them.
        """
        since = None if last is None else int((self._now() - last).timestamp())
        shown = [
            case
            for case in self._all().values()
            if not case.into
            and (case.alert.score >= self.rules.report_from if case.found else was_worked(case.history))
            and (since is None or case.alert.end >= since)
        ]
        return sorted(shown, key=lambda case: (-case.alert.end, -case.alert.score, case.alert.id))

    def case(self, id: str) -> Case:
        """One case by its id, also one that lapsed or goes on in another; NotFound otherwise."""
        found = self._all().get(id)
        if found is None:
            raise NotFound(f"alert {id!r} does not exist; `GET /v1/fraud/alerts` lists those that do")
        return found

    def priority(self, case: Case) -> float:
        """How soon to look at it, 0 to 100: score times amount times age; 0 once it is closed.

        The amount counts by its logarithm, whole from a million on; the age from half when the last payment is new to
        whole after thirty days on the market clock.
        """
        if case.state == "closed":
            return 0.0
        size = min(1.0, max(0.1, math.log10(max(1.0, float(case.alert.amount))) / 6))
        age = min(1.0, 0.5 + max(0.0, self._now().timestamp() - case.alert.end) / (60 * DAY))
        return round(100 * case.alert.score * size * age, 1)

    def columns(self) -> Columns:
        """All transfers known at the market clock."""
        self._scan()
        return self._scanned[1] if self._scanned else columns_of([])

    def transfers_known(self) -> int:
        """How many transfers the scan read."""
        return len(self.columns())

    def around(self, alert: Alert) -> list[Edge]:
        """Other transfers of the alert's accounts in its time, largest first: what surrounds the path."""
        columns = self.columns()
        inside, known = set(alert.accounts), {edge.id for edge in alert.edges}
        names, edges = columns.accounts, []
        for row in range(*columns.at.searchsorted([alert.start, alert.end + 1]).tolist()):
            source, target = names[columns.source[row]], names[columns.target[row]]
            if source in inside or target in inside:
                edges.append(Edge(columns.ids[row], source, target, int(columns.minor[row]), int(columns.at[row])))
        return sorted((e for e in edges if e.id not in known), key=lambda e: (-e.minor, e.id))[:NEIGHBOURS]

    def act(self, id: str, person: Person, action: Act, reason: str, to: str = "") -> Case:
        """One person's step on a case; recorded with the name and the reason. `to` is whom `hand` hands it to.

        Conflict when the state does not allow it, when the one who proposed closing confirms it, or when a case of
        another is handed on. InputError without a reason; only taking what nobody has needs none.
        """
        check_may(person, Action.WORK_FRAUD)
        reason = reason.strip()
        case = self.case(id)
        if case.into:
            raise Conflict(f"alert {id} goes on in case {case.into}; work that one")
        with self._lock, self._store.begin() as connection:
            history = read_steps(connection, id).get(id, ())
            if len(reason) > LONGEST_REASON or not (reason or (action == "take" and not assigned(history))):
                raise InputError(f"give a reason of 1 to {LONGEST_REASON:,} characters to {action} an alert")
            check_step(id, history, person, action)
            step = Step(person.name, action, reason, to_iso(self._wall.now()), self._taker(person, action, to))
            state = state_after([*history, step])
            if state == "closing" and action == "close":
                note_closing(connection, case.alert)
            write_step(connection, id, step, state, self._record)
        return self.case(id)

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

    def _all(self) -> dict[str, Case]:
        """Every case there ever was, by its id."""
        rows = self._scan()
        with self._store.read() as connection:
            steps = read_steps(connection)
        return {id: Case(row.alert, steps.get(id, ()), row.found, row.version, row.into) for id, row in rows.items()}

    def _scan(self) -> dict[str, CaseRow]:
        """The cases after a scan of the transfers known now; the scan before serves while there are no others."""
        moment = to_iso(self._now())
        with self._lock:
            with self._store.read() as connection:
                known = connection.execute(select(func.count()).where(transfers.c.at <= moment)).scalar_one()
                if self._scanned is not None and self._scanned[0] == known:
                    return self._scanned[2]
                columns = columns_of(_read(connection, moment))
            alerts = scan(self._build_graph(columns), self.rules)
            with self._store.begin() as connection:
                rows = carry_on(connection, alerts, 0, to_iso(self._wall.now()), self._record)
            self._scanned = (known, columns, rows)
            return rows


def _read(connection: Connection, moment: str) -> list[Transfer]:
    query = select(transfers).where(transfers.c.at <= moment).order_by(transfers.c.at, transfers.c.id)
    return [
        Transfer(row.id, row.source, row.target, row.minor, row.currency, from_iso(row.at))
        for row in connection.execute(query)
    ]
