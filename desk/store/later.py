"""Rows that nobody waits for: a thread writes them in small groups, so that an answer never waits for the disk.

A process that is killed loses the last moments' rows: only for records of which that may be said.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import groupby

import structlog
from sqlalchemy.exc import SQLAlchemyError

from desk.store.engine import Store
from desk.store.statements import Row, Statement

GROUP_S = 0.05


class LaterWriter:
    """The rows that wait for a store. Its thread begins with the first row and ends with `close`."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._name = store, name
        self._waiting: list[tuple[Statement, Callable[[], Row]]] = []
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._more, self._stopping = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, statement: Statement, row: Callable[[], Row]) -> None:
        """Takes a row for a statement, made when it is written: a moment later, or by `flush`."""
        with self._lock:
            self._waiting.append((statement, row))
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name=self._name, daemon=True)
                self._thread.start()
        self._more.set()

    def flush(self) -> None:
        """Writes what waits, in the order it came."""
        with self._writing:
            with self._lock:
                rows, self._waiting = self._waiting, []
            if rows:
                with self._store.begin() as connection:
                    for statement, group in groupby(rows, key=lambda pair: pair[0]):
                        statement.run_all(connection, [row() for _, row in group])

    def close(self) -> bool:
        """Writes what waits and ends the thread; whether there was one. Safe to call twice."""
        if self._thread is None:
            return False
        self._stopping.set()
        self._more.set()
        self._thread.join(timeout=5)
        self._thread = None
        self.flush()
        return True

    def _write(self) -> None:
        while not self._stopping.is_set():
            self._more.wait()
            self._stopping.wait(GROUP_S)
            self._more.clear()
            try:
                self.flush()
            except SQLAlchemyError:
                structlog.get_logger("store").exception("rows were not written", by=self._name)
