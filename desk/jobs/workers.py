"""Who carries the orders: a worker in this process, or worker processes behind a Redis server."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from desk.bus.bus import EXECUTIONS, Event, EventBus
from desk.jobs.queue import EXECUTE, build_celery, register
from desk.jobs.relay import Relay, RelayThread
from desk.store.engine import Store

if TYPE_CHECKING:
    from celery import Celery
    from celery.worker import WorkController


class Workers(Protocol):
    """Takes orders that wait in the outbox to where they are executed."""

    def dispatch(self, client_id: str) -> None:
        """Hands an order over; from any thread, returns at once."""
        ...

    def start(self) -> None:
        """Begins; a second call does nothing."""
        ...

    def stop(self) -> None:
        """Lets what runs end, then stops; safe to call twice."""
        ...


class InProcessWorker:
    """The embedded worker: a Celery worker in a thread and the relay beside it, begun at the first order."""

    def __init__(self, store: Store, execute: Callable[[str], object]) -> None:
        self._store, self._execute = store, execute
        self._relay = RelayThread(self._build)
        self._controller: WorkController | None = None
        self._thread: threading.Thread | None = None

    def dispatch(self, client_id: str) -> None:
        """See `Workers.dispatch`."""
        self._relay.dispatch(client_id)

    def start(self) -> None:
        """See `Workers.start`."""
        self._relay.start()

    def stop(self) -> None:
        """See `Workers.stop`."""
        self._relay.stop()
        controller, thread = self._controller, self._thread
        self._controller = self._thread = None
        if controller is not None:
            controller.stop(in_sighandler=False)
        if thread is not None:
            thread.join(timeout=10)

    def _build(self) -> Relay:
        app = build_celery(queue_name=f"tenor.orders.{secrets.token_hex(4)}")
        register(app, EXECUTE, self._execute)
        controller = self._controller = build_controller(app, "tenor@embedded", pool="solo", processes=1)

        def work() -> None:
            app.set_current()  # Celery looks its tasks up in the application of the thread
            controller.start()

        self._thread = threading.Thread(target=work, name="tenor-worker", daemon=True)
        self._thread.start()
        return Relay(app, self._store)


class RemoteWorkers:
    """Worker processes (`tenor worker`) behind a Redis server; here only the relay runs.

    `collect` books what a venue said about one order, or with an empty text about all; a worker
    that has placed an order says so on the bus, and the sweep finds what was not heard.
    """

    def __init__(
        self, redis_url: str, store: Store, bus: EventBus, collect: Callable[[str], object], version: str
    ) -> None:
        self._bus = bus
        self._relay = RelayThread(lambda: Relay(build_celery(redis_url), store, version), collect)
        self._unlisten: Callable[[], None] | None = None

    def dispatch(self, client_id: str) -> None:
        """See `Workers.dispatch`."""
        self._relay.dispatch(client_id)

    def start(self) -> None:
        """See `Workers.start`."""
        if self._unlisten is None:
            self._unlisten = self._bus.listen(EXECUTIONS, self._hear)
        self._relay.start()

    def stop(self) -> None:
        """See `Workers.stop`."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        self._relay.stop()

    def _hear(self, event: Event) -> None:
        if event.body.get("state") == "placed":
            self._relay.placed(str(event.body["client_id"]))


def build_controller(app: Celery, name: str, *, pool: str, processes: int, beat: bool = False) -> WorkController:
    """A Celery worker of the application, not started; `name` is its own on the queue's server."""
    from celery.worker import WorkController

    return WorkController(
        app=app,
        pool_cls=pool,
        concurrency=processes,
        hostname=name,
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
        beat=beat,
        loglevel="WARNING",
    )
