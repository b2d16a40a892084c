"""Alerts as cases that people work: open, escalated, closing, closed.

An alert is recomputed from the transfers; what people did with it is kept in `fraud_actions` and
recorded in the audit log. Closing takes two: one compliance officer proposes it, another confirms.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import Connection, func, insert, select

from desk.clock import Clock, from_iso, to_iso
from desk.errors import Conflict, InputError, NotFound
from desk.fraud.alerts import Alert, Edge
from desk.fraud.graph import Columns, TransactionGraph, Transfer, columns_of
from desk.fraud.patterns import scan
from desk.fraud.thresholds import STANDARD, Thresholds
from desk.identity.roles import Action, Person, check_may
from desk.store.engine import Store
from desk.store.tables import fraud_actions, transfers

State = Literal["open", "escalated", "closing", "closed"]
Act = Literal["escalate", "close", "reopen"]
Record = Callable[[Connection, str, str, dict[str, object]], None]
"""Writes one audit record in the caller's transaction: kind, subject, body."""
LONGEST_REASON = 2_000
NEIGHBOURS = 12


class Step(NamedTuple):
    """What one person did with a case."""

    person: str
    action: str
    reason: str
    at: str


@dataclass(frozen=True)
class Case:
    """An alert and what became of it so far."""

    alert: Alert
    history: tuple[Step, ...] = ()

    @property
    def state(self) -> State:
        """Follows from the history alone."""
        return state_after(self.history)


def state_after(history: Iterable[Step]) -> State:
    """The state that these steps lead to; steps were checked when they were taken."""
    state: State = "open"
    for step in history:
        if step.action == "close":
            state = "closed" if state == "closing" else "closing"
        else:
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
        self._build_graph = build_graph
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

    def transfers_known(self) -> int:
        """How many transfers the scan read."""
        self._alerts()
        return len(self._scanned[1]) if self._scanned else 0

    def around(self, alert: Alert) -> list[Edge]:
        """Other transfers of the alert's accounts in its time, largest first: what surrounds the path."""
        self._alerts()
        columns = self._scanned[1] if self._scanned else columns_of([])
        inside, known = set(alert.accounts), {edge.id for edge in alert.edges}
        names, edges = columns.accounts, []
        for row in range(*columns.at.searchsorted([alert.start, alert.end + 1]).tolist()):
            source, target = names[columns.source[row]], names[columns.target[row]]
            if source in inside or target in inside:
                edges.append(Edge(columns.ids[row], source, target, int(columns.minor[row]), int(columns.at[row])))
        return sorted((e for e in edges if e.id not in known), key=lambda e: (-e.minor, e.id))[:NEIGHBOURS]

    def act(self, id: str, person: Person, action: Act, reason: str) -> Case:
        """One person's step on a case; recorded with the name and the reason.

        Conflict when the state does not allow it, or when the one who proposed closing confirms it.
        """
        check_may(person, Action.WORK_FRAUD)
        reason = reason.strip()
        if not reason or len(reason) > LONGEST_REASON:
            raise InputError(f"give a reason of 1 to {LONGEST_REASON:,} characters to {action} an alert")
        self.case(id)
        with self._lock, self._store.begin() as connection:
            history = _steps(connection, id).get(id, ())
            _check_step(id, history, person, action)
            step = Step(person.name, action, reason, to_iso(self._wall.now()))
            connection.execute(insert(fraud_actions).values(alert=id, **step._asdict()))
            state = state_after([*history, step])
            body: dict[str, object] = {**step._asdict(), "alert": id, "state": state}
            self._record(connection, f"fraud.{action}", id, body)
        return self.case(id)

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
    state = state_after(history)
    allowed: dict[State, tuple[Act, ...]] = {
        "open": ("escalate", "close"),
        "escalated": ("close", "reopen"),
        "closing": ("close", "reopen", "escalate"),
        "closed": ("reopen",),
    }
    if action not in allowed[state]:
        raise Conflict(f"alert {id} is {state}; possible now: {', '.join(allowed[state])}")
    if action == "close" and state == "closing" and history[-1].person == person.name:
        raise Conflict(f"{person.display_name} proposed closing alert {id}; another compliance officer must confirm")


def _steps(connection: Connection, alert: str = "") -> dict[str, tuple[Step, ...]]:
    query = select(fraud_actions).order_by(fraud_actions.c.id)
    rows = connection.execute(query.where(fraud_actions.c.alert == alert) if alert else query).all()
    found: dict[str, tuple[Step, ...]] = {}
    for row in rows:
        found[row.alert] = (*found.get(row.alert, ()), Step(row.person, row.action, row.reason, row.at))
    return found


def _read(connection: Connection, moment: str) -> list[Transfer]:
    query = select(transfers).where(transfers.c.at <= moment).order_by(transfers.c.at, transfers.c.id)
    return [
        Transfer(row.id, row.source, row.target, row.minor, row.currency, from_iso(row.at))
        for row in connection.execute(query)
    ]
