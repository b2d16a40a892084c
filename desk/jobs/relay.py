"""The relay: orders from the outbox to the queue, and the venues' words from the outbox to the desk.

One thread of the process that holds the desk. It sends an order's task as soon as it is told of
it, and again when one seems lost: a queue that is full, restarted or away costs time, no order.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select

from desk.jobs.queue import EXECUTE, VERSION_HEADER
from desk.store.engine import Store
from desk.store.tables import outbox

if TYPE_CHECKING:
    from celery import Celery

RESEND_S = 5.0
SWEEP_S = 1.0


class Relay:
    """Moves orders from the outbox to the queue: at once when told, and again when one seems lost."""

    def __init__(self, app: Celery, store: Store, version: str = "", resend_s: float = RESEND_S) -> None:
        self._app, self._store, self._resend_s = app, store, resend_s
        self._headers = {VERSION_HEADER: version} if version else {}
        self._sent: dict[str, float] = {}

    def send(self, client_id: str) -> None:
        """Publishes the task of one order; a second delivery does no harm.

        Raises what the queue's client raises when it is away.
        """
        self._sent[client_id] = time.monotonic()
        self._app.send_task(
            EXECUTE, args=[client_id], task_id=f"execute-{client_id}", headers=self._headers, retry=False
        )

    def sweep(self) -> int:
        """Publishes again what still waits although it was sent a while ago; returns how many."""
        with self._store.read() as connection:
            open_rows = select(outbox.c.client_id).where(outbox.c.state.in_(("waiting", "sent")))
            waiting = list(connection.execute(open_rows.order_by(outbox.c.journal_seq)).scalars())
        self._sent = {client_id: at for client_id, at in self._sent.items() if client_id in set(waiting)}
        late = [c for c in waiting if time.monotonic() - self._sent.get(c, -self._resend_s) >= self._resend_s]
        for client_id in late:
            self.send(client_id)
        return len(late)


class RelayThread:
    """Runs a relay in a thread of its own, made there by `build`; `collect` books what venues have said.

    `collect` is called at every sweep with an empty text, and with the client id of each order of
    which `placed` was told.
    """

    def __init__(self, build: Callable[[], Relay], collect: Callable[[str], object] = lambda _: None) -> None:
        self._build, self._collect = build, collect
        self._todo: queue.SimpleQueue[tuple[str, str] | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    def dispatch(self, client_id: str) -> None:
        """Passes an order on; from any thread, returns at once, starts the thread."""
        self._todo.put(("send", client_id))
        self.start()

    def placed(self, client_id: str) -> None:
        """A venue has spoken about the order; from any thread, returns at once."""
        self._todo.put(("collect", client_id))

    def start(self) -> None:
        """Starts the thread; a second call does nothing."""
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="tenor-relay", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Ends the thread after what it does now; safe to call twice."""
        with self._guard:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._todo.put(None)
            thread.join(timeout=10)

    def _run(self) -> None:
        relay, swept = self._build(), time.monotonic()
        while True:
            try:
                told = self._todo.get(timeout=SWEEP_S)
            except queue.Empty:
                told = ("", "")
            if told is None:
                return
            what, client_id = told
            if what:
                self._try(partial(relay.send if what == "send" else self._collect, client_id))
            if time.monotonic() - swept >= SWEEP_S:
                self._try(partial(self._collect, ""))
                self._try(relay.sweep)
                swept = time.monotonic()

    def _try(self, step: Callable[[], object]) -> None:
        try:
            step()
        except Exception:  # noqa: BLE001 - the sweep tries again; the relay must live
            structlog.get_logger("jobs").exception("relay step failed")
