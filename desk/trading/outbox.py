"""The outbox: one row for each order on its way to a broker, and every step such a row may take.

    waiting -> sent -> placed -> done            review after five attempts
       ^--------'  (the broker asked to try again, or the worker died)

`sent`: a worker has the order and may have placed it. `placed`: the venue has spoken, the holder
of the desk has not booked its word yet. A row is taken up again when its worker is known to be
dead, or has been silent for a minute. Steps are single statements that name the state they start
from, so two processes never take the same one.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import ColumnElement, select, update

from desk.clock import Clock, to_iso
from desk.store.engine import Store
from desk.store.tables import outbox

ATTEMPTS = 5
LEASE = timedelta(minutes=1)

OutboxState = Literal["waiting", "sent", "placed", "done", "review"]


@dataclass(frozen=True)
class Row:
    """One row. `error` is what the last attempt met; `worker` who made it."""

    client_id: str
    journal_seq: int
    state: OutboxState
    attempts: int
    updated_at: str
    error: str
    canonical: str
    token: str
    worker: str
    placement: str


class Outbox:
    """The rows of one store, seen by one process. Thread-safe."""

    def __init__(self, store: Store, wall: Clock) -> None:
        self._store, self._wall = store, wall
        self.worker = name_process()

    def row(self, client_id: str) -> Row | None:
        """The row as it stands; None when there is none."""
        with self._store.read() as connection:
            found = connection.execute(select(outbox).where(outbox.c.client_id == client_id)).one_or_none()
        return None if found is None else Row(**found._mapping)

    def rows(self, states: Sequence[OutboxState]) -> list[Row]:
        """Every row in one of the states, oldest order first."""
        query = select(outbox).where(outbox.c.state.in_(states)).order_by(outbox.c.journal_seq)
        with self._store.read() as connection:
            return [Row(**found._mapping) for found in connection.execute(query)]

    def claim(self, row: Row) -> bool:
        """Takes a row that waits, or that its worker gave up, for this process; False when another was quicker."""
        same = (outbox.c.state == row.state) & (outbox.c.attempts == row.attempts)
        return self._step(row.client_id, same, state="sent", attempts=row.attempts + 1, worker=self.worker)

    def given_up(self, row: Row) -> bool:
        """Whether a sent row's worker is dead, or has been silent for the lease."""
        return row.updated_at <= to_iso(self._wall.now() - LEASE) or is_gone(row.worker)

    def mark(self, client_id: str, state: OutboxState, error: str = "") -> OutboxState:
        """Puts the row into a state; a finished one forgets the order and its token."""
        gone: dict[str, str | int] = {"canonical": "", "token": "", "placement": ""} if state == "done" else {}
        self._step(client_id, outbox.c.state != "done", state=state, error=error, **gone)
        return state

    def give_back(self, row: Row, error: str) -> OutboxState:
        """Lets a row that was claimed wait again as if it had not been: the venue was never reached."""
        self._step(row.client_id, outbox.c.state == "sent", state="waiting", attempts=row.attempts, error=error)
        return "waiting"

    def placed(self, client_id: str, placement: str) -> OutboxState:
        """Keeps the venue's word for the holder of the desk; one that is kept already stays."""
        self._step(client_id, outbox.c.state == "sent", state="placed", placement=placement, error="")
        row = self.row(client_id)
        return row.state if row else "done"

    def withdraw(self, client_id: str, *, untried: bool) -> bool:
        """Takes an order out before it is sent; False when it is too late.

        `untried` leaves an order alone that was sent before: the broker may have it.
        """
        here: ColumnElement[bool] = outbox.c.state.in_(("waiting", "review"))
        if untried:
            here = here & (outbox.c.attempts == 0)
        return self._step(client_id, here, state="done", canonical="", token="")

    def retry(self, client_id: str) -> bool:
        """Lets an order in review wait again, its attempts forgotten; False when it is not in review."""
        return self._step(client_id, outbox.c.state == "review", state="waiting", attempts=0)

    def keep(self, client_id: str, canonical: str, token: str) -> None:
        """Completes a row of an older version, which held neither order nor token."""
        self._step(client_id, outbox.c.canonical == "", canonical=canonical, token=token)

    def reset(self) -> None:
        """At the holder's start: what this machine's dead workers had sent waits again."""
        for row in self.rows(("sent",)):
            if self.given_up(row):
                self._step(row.client_id, outbox.c.state == "sent", state="waiting")

    def _step(self, client_id: str, here: ColumnElement[bool], **values: str | int) -> bool:
        change = update(outbox).where((outbox.c.client_id == client_id) & here)
        with self._store.begin() as connection:
            done = connection.execute(change.values(**values, updated_at=to_iso(self._wall.now())))
            return done.rowcount == 1


def name_process() -> str:
    """This process among all that ever ran: host, process id and when it began (0 where nothing tells)."""
    return f"{socket.gethostname()[:64]}/{os.getpid()}/{_began(os.getpid())}"


def is_gone(worker: str) -> bool:
    """Whether a worker of this machine is known to be dead; False for another machine's."""
    host, _, rest = worker.partition("/")
    pid, _, began = rest.partition("/")
    if host != socket.gethostname()[:64] or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return began != str(_began(int(pid)))


def _began(pid: int) -> int:
    """Clock ticks from boot to the process's start; a zombie's is as good as gone: -1."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1
    return -1 if fields[0] == "Z" else int(fields[19])
