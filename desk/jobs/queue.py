"""The Celery application, the outbox relay and its sweeper.

Tasks are known by name; `api/worker.py` registers what they do. Embedded, the broker is
`memory://` and the worker a thread of this process; with a Redis URL, workers are processes.
Delivery is at least once; the effect is once because every task is idempotent by client order id.
"""

from __future__ import annotations

import queue
import secrets
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select

from desk.store.engine import Store
from desk.store.tables import outbox

if TYPE_CHECKING:
    from celery import Celery
    from celery.worker import WorkController

EXECUTE = "tenor.execute_order"
POLL_S = 0.005
HARD_LIMIT_S = 30
VISIBILITY_S = 120
RESEND_S = 5.0
SWEEP_S = 1.0


def build_celery(redis_url: str = "", queue_name: str = "tenor.orders") -> Celery:
    """The application: JSON only, late acknowledgement, one task at a time per worker.

    The in-process broker is shared by everything in the process: each desk names its own queue.
    """
    from celery import Celery

    app = Celery("tenor", broker=redis_url or "memory://localhost/", backend=None)
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
        task_default_queue=queue_name,
        enable_utc=True,
    )
    return app


def register_execute(app: Celery, execute: Callable[[str], object]) -> None:
    """Says what executing an order means; later registrations replace earlier ones."""
    app.tasks.pop(EXECUTE, None)

    def run(client_id: str) -> None:
        execute(client_id)

    app.task(name=EXECUTE, shared=False, lazy=False)(run)


class Relay:
    """Moves orders from the outbox to the queue: at once when told, and again when one seems lost."""

    def __init__(self, app: Celery, store: Store) -> None:
        self._app, self._store = app, store
        self._sent: dict[str, float] = {}

    def send(self, client_id: str) -> None:
        """Publishes the task of one order; a second delivery does no harm."""
        self._sent[client_id] = time.monotonic()
        self._app.send_task(EXECUTE, args=[client_id], task_id=f"execute-{client_id}")

    def sweep(self) -> int:
        """Publishes again what still waits although it was sent a while ago; returns how many."""
        with self._store.read() as connection:
            open_rows = select(outbox.c.client_id).where(outbox.c.state.in_(("waiting", "sent")))
            waiting = list(connection.execute(open_rows.order_by(outbox.c.journal_seq)).scalars())
        self._sent = {client_id: at for client_id, at in self._sent.items() if client_id in waiting}
        late = [c for c in waiting if time.monotonic() - self._sent.get(c, -RESEND_S) >= RESEND_S]
        for client_id in late:
            self.send(client_id)
        return len(late)


class InProcessWorker:
    """The embedded worker: a Celery worker in a thread and the relay beside it, begun at the first order."""

    def __init__(self, store: Store, execute: Callable[[str], object]) -> None:
        self._store, self._execute = store, execute
        self._todo: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._controller: WorkController | None = None

    def dispatch(self, client_id: str) -> None:
        """Hands an order to the worker; from any thread, returns at once."""
        self._todo.put(client_id)
        self.start()

    def start(self) -> None:
        """Starts the relay, which starts the worker; a second call does nothing."""
        with self._guard:
            if not self._threads:
                self._begin("tenor-relay", self._pump)

    def stop(self) -> None:
        """Lets the running task end, then stops; safe to call twice."""
        with self._guard:
            threads, self._threads = self._threads, []
        if not threads:
            return
        self._todo.put(None)
        threads[0].join(timeout=10)
        if self._controller is not None:
            self._controller.stop(in_sighandler=False)
        for thread in threads[1:]:
            thread.join(timeout=10)

    def _begin(self, name: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _pump(self) -> None:
        from celery.worker import WorkController

        app = build_celery(queue_name=f"tenor.orders.{secrets.token_hex(4)}")
        register_execute(app, self._execute)
        controller = self._controller = WorkController(
            app=app,
            pool_cls="solo",
            concurrency=1,
            hostname="tenor@embedded",
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            loglevel="WARNING",
        )

        def work() -> None:
            app.set_current()  # Celery looks its tasks up in the application of the thread
            controller.start()

        self._begin("tenor-worker", work)
        relay = Relay(app, self._store)
        while True:
            try:
                client_id = self._todo.get(timeout=SWEEP_S)
            except queue.Empty:
                self._try(relay.sweep)
                continue
            if client_id is None:
                return
            self._try(partial(relay.send, client_id))

    def _try(self, step: Callable[[], object]) -> None:
        try:
            step()
        except Exception:  # noqa: BLE001 - the sweep tries again; the relay must live
            structlog.get_logger("jobs").exception("relay step failed")
