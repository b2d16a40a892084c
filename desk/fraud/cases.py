"""Alerts as cases that people work: open, escalated, closing, closed; taken by one officer, handed to another.

An alert is recomputed from the transfers; what people did with it is kept in `fraud_actions` and
recorded in the audit log. Closing takes two: one compliance officer proposes it, another confirms.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import Connection, func, insert, select

from desk.clock import Clock, from_iso, to_iso
from desk.errors import Conflict, InputError, NotFound
from desk.fraud.alerts import Alert, Edge
from desk.fraud.graph import DAY, Columns, TransactionGraph, Transfer, columns_of
from desk.fraud.patterns import scan
from desk.fraud.thresholds import STANDARD, Thresholds
from desk.identity.people import People
from desk.identity.roles import Action, Person, Role, check_may
from desk.store.engine import Store
from desk.store.tables import fraud_actions, transfers

State = Literal["open", "escalated", "closing", "closed"]
Act = Literal["escalate", "close", "reopen", "take", "hand"]
Record = Callable[[Connection, str, str, dict[str, object]], None]
"""Writes one audit record in the caller's transaction: kind, subject, body."""
LONGEST_REASON = 2_000
NEIGHBOURS = 12


class Step(NamedTuple):
    """What one person did with a case; `assignee` is who has it after `take` and `hand`, empty for other steps."""

    person: str
    action: str
    reason: str
    at: str
    assignee: str = ""


@dataclass(frozen=True)
class Case:
    """An alert and what became of it so far."""

    alert: Alert
    history: tuple[Step, ...] = ()

    @property
    def state(self) -> State:
        """Follows from the history alone."""
        return state_after(self.history)

    @property
    def assignee(self) -> str:
        """The officer who has it now; empty when nobody took it."""
        return _assigned(self.history)


def _assigned(history: Iterable[Step]) -> str:
    return next((step.assignee for step in reversed(tuple(history)) if step.assignee), "")


def state_after(history: Iterable[Step]) -> State:
    """The state that these steps lead to; steps were checked when they were taken."""
    state: State = "open"
    for step in history:
        if step.action == "close":
            state = "closed" if state == "closing" else "closing"
        elif step.action in {"escalate", "reopen"}:
            state = "escalated" if step.action == "escalate" else "open"
    return state


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
        self._scanned: tuple[int, Columns, list[Alert]] | None = None

    def cases(self, last: timedelta | None = None) -> list[Case]:
        """Cases whose money moved in the `last` time before the market clock (all when None).

        The newest first, and of one instant the highest score; only alerts that reach `report_from`.
        """
        since = None if last is None else int((self._now() - last).timestamp())
        found = [a for a in self._alerts() if a.score >= self.rules.report_from and (since is None or a.end >= since)]
        histories = self._histories()
        found.sort(key=lambda alert: (-alert.end, -alert.score, alert.id))
        return [Case(alert, histories.get(alert.id, ())) for alert in found]

    def case(self, id: str) -> Case:
        """One case by its alert's id; NotFound otherwise."""
        found = next((alert for alert in self._alerts() if alert.id == id), None)
        if found is None:
            raise NotFound(f"alert {id!r} does not exist; `GET /v1/fraud/alerts` lists those that do")
        return Case(found, self._histories().get(id, ()))

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
        self._alerts()
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
        self.case(id)
        with self._lock, self._store.begin() as connection:
            history = _steps(connection, id).get(id, ())
            if len(reason) > LONGEST_REASON or not (reason or (action == "take" and not _assigned(history))):
                raise InputError(f"give a reason of 1 to {LONGEST_REASON:,} characters to {action} an alert")
            _check_step(id, history, person, action)
            step = Step(person.name, action, reason, to_iso(self._wall.now()), self._taker(person, action, to))
            connection.execute(insert(fraud_actions).values(alert=id, **step._asdict()))
            state = state_after([*history, step])
            body: dict[str, object] = {**step._asdict(), "alert": id, "state": state}
            self._record(connection, f"fraud.{action}", id, body)
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

    def _alerts(self) -> list[Alert]:
        moment = to_iso(self._now())
        with self._lock:
            with self._store.read() as connection:
                known = connection.execute(select(func.count()).where(transfers.c.at <= moment)).scalar_one()
                if self._scanned is None or self._scanned[0] != known:
                    columns = columns_of(_read(connection, moment))
                    self._scanned = (known, columns, scan(self._build_graph(columns), self.rules))
            return self._scanned[2]

    def _histories(self) -> dict[str, tuple[Step, ...]]:
        with self._store.read() as connection:
            return _steps(connection)


def _check_step(id: str, history: tuple[Step, ...], person: Person, action: Act) -> None:
    state, assignee = state_after(history), _assigned(history)
    allowed: dict[State, tuple[Act, ...]] = {
        "open": ("escalate", "close", "take", "hand"),
        "escalated": ("close", "reopen", "take", "hand"),
        "closing": ("close", "reopen", "escalate", "take", "hand"),
        "closed": ("reopen",),
    }
    if action not in allowed[state]:
        raise Conflict(f"alert {id} is {state}; possible now: {', '.join(allowed[state])}")
    if action == "close" and state == "closing" and _proposer(history) == person.name:
        raise Conflict(f"{person.display_name} proposed closing alert {id}; another compliance officer must confirm")
    if action == "take" and assignee == person.name:
        raise Conflict(f"{person.display_name} has alert {id} already")
    if action == "hand" and assignee != person.name:
        raise Conflict(
            f"alert {id} is {f'with {assignee}' if assignee else 'with nobody'}; take it before handing it on"
        )


def _proposer(history: tuple[Step, ...]) -> str:
    """Who proposed the closing that waits; taking and handing on since then do not change that."""
    return next((step.person for step in reversed(history) if step.action == "close"), "")


def _steps(connection: Connection, alert: str = "") -> dict[str, tuple[Step, ...]]:
    query = select(fraud_actions).order_by(fraud_actions.c.id)
    rows = connection.execute(query.where(fraud_actions.c.alert == alert) if alert else query).all()
    found: dict[str, tuple[Step, ...]] = {}
    for row in rows:
        found[row.alert] = (*found.get(row.alert, ()), Step(row.person, row.action, row.reason, row.at, row.assignee))
    return found


def _read(connection: Connection, moment: str) -> list[Transfer]:
    query = select(transfers).where(transfers.c.at <= moment).order_by(transfers.c.at, transfers.c.id)
    return [
        Transfer(row.id, row.source, row.target, row.minor, row.currency, from_iso(row.at))
        for row in connection.execute(query)
    ]
