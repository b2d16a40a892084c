"""The Celery application, the outbox relay and its sweeper.

Tasks are known by name; `api/worker.py` registers what they do. Embedded, the broker is
`memory://` and the worker a thread of this process; with a Redis URL, workers are processes.
Delivery is at least once; the effect is once because every task is idempotent by client order id.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog
from celery import Celery
from celery.worker import WorkController
from sqlalchemy import or_, select, update

from desk.clock import Clock, to_iso
from desk.store.engine import Store
from desk.store.tables import outbox

EXECUTE = "tenor.execute_order"
POLL_S = 0.005
HARD_LIMIT_S = 30
VISIBILITY_S = 120
RESEND_AFTER = timedelta(seconds=15)


def build_celery(redis_url: str = "") -> Celery:
    """The application: JSON only, late acknowledgement, one task at a time per worker."""
    app = Celery("tenor", broker=redis_url or "memory://", backend=None)
    transport = {"visibility_timeout": VISIBILITY_S} if redis_url else {"polling_interval": POLL_S}
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_time_limit=HARD_LIMIT_S if redis_url else None,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options=transport,
        task_default_queue="tenor.orders",
        enable_utc=True,
    )
    return app


def register_execute(app: Celery, execute: Callable[[str], None]) -> None:
    """Says what executing an order means; later registrations replace earlier ones."""
    app.tasks.pop(EXECUTE, None)

    def run(client_id: str) -> None:
        execute(client_id)

    app.task(name=EXECUTE)(run)


class Relay:
    """Moves outbox rows to the queue: at once when woken, and again when one seems lost."""

    def __init__(self, app: Celery, store: Store, clock: Clock) -> None:
        self._app, self._store, self._clock = app, store, clock

    def send_waiting(self) -> int:
        """Publishes every waiting row and every row sent long ago without an end; returns how many."""
        now = self._clock.now()
        stale = (outbox.c.state == "sent") & (outbox.c.updated_at < to_iso(now - RESEND_AFTER))
        with self._store.read() as connection:
            due = (
                connection.execute(select(outbox.c.client_id).where(or_(outbox.c.state == "waiting", stale)))
                .scalars()
                .all()
            )
        for client_id in due:
            self._app.send_task(EXECUTE, args=[client_id], task_id=f"execute-{client_id}")
            with self._store.begin() as connection:
                unfinished = (outbox.c.client_id == client_id) & outbox.c.state.in_(("waiting", "sent"))
                connection.execute(update(outbox).where(unfinished).values(state="sent", updated_at=to_iso(now)))
        return len(due)

    def resend_all(self) -> None:
        """Marks everything unfinished as waiting: an in-process queue lost it with the last process."""
        with self._store.begin() as connection:
            connection.execute(update(outbox).where(outbox.c.state == "sent").values(state="waiting"))


class InProcessWorker:
    """The embedded worker: one Celery worker in a thread, and the relay beside it."""

    def __init__(self, app: Celery, relay: Relay) -> None:
        self._app, self._relay = app, relay
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._controller: WorkController | None = None
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts both threads; unfinished work of the last process goes first."""
        self._relay.resend_all()
        self._controller = WorkController(
            app=self._app,
            pool_cls="solo",
            concurrency=1,
            hostname="tenor@embedded",
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            loglevel="WARNING",
        )
        for name, work in (("tenor-worker", self._controller.start), ("tenor-relay", self._pump)):
            thread = threading.Thread(target=work, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        self._wake.set()

    def wake(self) -> None:
        """Tells the relay that the outbox has something; cheap, from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Lets the running task end, then stops; safe to call twice."""
        self._stopping.set()
        self._wake.set()
        if self._controller is not None:
            self._controller.should_stop = True
            self._controller.stop(in_sighandler=False)
        for thread in self._threads:
            thread.join(timeout=5)
        self._threads.clear()

    def _pump(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(timeout=1.0)
            self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                self._relay.send_waiting()
            except Exception:  # noqa: BLE001 - the next round tries again
                structlog.get_logger("jobs").exception("relay round failed")
