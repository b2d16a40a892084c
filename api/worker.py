"""`tenor worker`: a process that carries orders from the queue to their brokers.

Orders for the venue inside the desk's process are handed over to it; orders for an outside broker
are placed from here, and the venue's word goes back through the outbox. SIGTERM lets running
tasks end first. Any number of workers may run, on this machine or on others that share the data
folder and the queue; the beat of scheduled work runs in one of them.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import socket
import threading
import time
from pathlib import Path
from typing import cast

import structlog

from api.holder import Outcome, hand_over
from desk.backends import check_startable, read_backends
from desk.errors import Conflict, HolderBusy, SettingError
from desk.factory import build_courier
from desk.jobs.queue import EXECUTE, RECONCILE, SCAN, SWEEP, build_celery, register
from desk.settings import VERSION, Settings
from desk.store.folder import DataFolder
from desk.trading.courier import Courier

ANSWER_S = 20.0
"""How long the desk may take for one order; shorter than a task's hard limit."""


PARENT_S = 1.0
"""How often a worker beside another process looks whether that still lives."""


class Hands:
    """What the tasks do in one process. Opened at the first task: a forked child must not share a parent's lines."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._owner = 0
        self._courier: Courier | None = None

    def execute(self, client_id: str) -> None:
        """Brings one order to its broker. An order that cannot go now is sent again by the relay's sweep."""
        courier = self._open()
        if courier is None or not courier.serves(client_id):
            self.ask("execute", client_id)
        else:
            courier.deliver(client_id)

    def ask(self, what: str, about: str = "") -> None:
        """Lets the process that holds the desk do it; without one there is nothing to do yet."""
        try:
            outcome = hand_over(DataFolder(self._settings.data_folder), ["work", what, about], ANSWER_S)
        except HolderBusy as error:
            structlog.get_logger("worker").warning("the desk takes no work now", work=what, why=error.message)
            return
        if outcome is None:
            structlog.get_logger("worker").info("no desk is running", work=what)
        elif outcome.error is not None:
            structlog.get_logger("worker").warning("the desk refused", work=what, about=about, **outcome.error)

    def _open(self) -> Courier | None:
        if self._owner != os.getpid():
            self._owner, self._courier = os.getpid(), build_courier(self._settings)
        return self._courier


def run_worker(settings: Settings, *, processes: int, beat: bool, beside: int = 0) -> Outcome:
    """Runs until stopped; with `beside`, no longer than the parent process of that number.

    SettingError without TENOR_REDIS_URL, Conflict beside a desk of another version.
    """
    if not settings.redis_url:
        raise SettingError("tenor worker needs TENOR_REDIS_URL; without it `tenor up` executes orders itself")
    if not 1 <= processes <= 64:
        raise SettingError(f"--processes {processes} is not between 1 and 64")
    check_startable(read_backends(settings))
    folder = DataFolder(settings.data_folder)
    check_version(folder)
    from celery.signals import beat_embedded_init

    app, hands = build_celery(settings.redis_url), Hands(settings)
    register(app, EXECUTE, hands.execute, VERSION)
    register(app, SWEEP, lambda _: hands.ask("sweep"), VERSION)
    register(app, RECONCILE, lambda _: hands.ask("reconcile"), VERSION)
    register(app, SCAN, lambda _: hands.ask("scan"), VERSION)
    beats = beat and _holds_beat(folder.path)
    name = f"tenor-{secrets.token_hex(4)}@{socket.gethostname()}"
    structlog.get_logger("worker").info("worker begins", name=name, processes=processes, beat=beats)
    worker = app.Worker(
        hostname=name,
        pool="prefork",
        concurrency=processes,
        beat=beats,
        schedule_filename=str(folder.path / "beat-schedule"),
        without_mingle=True,
        without_gossip=True,
        loglevel="WARNING",
        quiet=True,
    )
    beat_embedded_init.connect(_end_with_worker)
    if beside:
        threading.Thread(target=_end_with, args=(beside,), name="tenor-beside", daemon=True).start()
    worker.start()
    return Outcome(cast(int, worker.exitcode or 0))


def check_version(folder: DataFolder) -> None:
    """Raises Conflict when the desk that runs is of another version than this worker."""
    running = (folder.held_by() or {}).get("version")
    if running and running != VERSION:
        raise Conflict(f"the desk that runs is version {running}, this worker is {VERSION}; install the same version")


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_S)
    os.kill(os.getpid(), signal.SIGTERM)


def _end_with_worker(**_: object) -> None:
    """In the process that beats: nobody else ends it when its worker is killed, and it would beat on alone."""
    threading.Thread(target=_end_with, args=(os.getppid(),), name="tenor-beside", daemon=True).start()


_beat: list[int] = []


def _holds_beat(folder: Path) -> bool:
    """Whether this process may beat: one at a time per data folder, until it ends."""
    handle = os.open(folder / "beat.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return False
    _beat.append(handle)
    return True
