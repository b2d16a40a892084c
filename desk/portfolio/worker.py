"""The desk's side of the solver: one process, asked one thing at a time, started again when it dies."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import structlog

from desk.errors import DataError

TOP = Path(__file__).parents[2]
LIMIT_S = 60.0
"""Longest wait for an answer, the solver's own start included."""

COMMAND = (sys.executable, "-m", "desk.portfolio.solver")


class Solver(Protocol):
    """Whoever solves. DataError says in one sentence why there is no answer."""

    def ask(self, request: Mapping[str, object]) -> dict[str, object]:
        """The answer to a request of `desk.portfolio.solver`."""
        ...


class SolverProcess:
    """A solver in a process of its own; it ends with this one, however this one ends. Thread-safe."""

    def __init__(self, command: tuple[str, ...] = COMMAND, limit_s: float = LIMIT_S) -> None:
        self._command, self._limit_s = command, limit_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def start(self) -> None:
        """Starts it ahead of the first question; returns at once. Does nothing when it runs or somebody asks."""
        if self._lock.acquire(blocking=False):
            try:
                self._running()
            finally:
                self._lock.release()

    def ask(self, request: Mapping[str, object]) -> dict[str, object]:
        """See `Solver`. A solver that died is started once more; one that is late is ended."""
        line = json.dumps(request).encode() + b"\n"
        with self._lock:
            reply = self._exchange(line) or self._exchange(line)
        if reply is None:
            raise DataError("the portfolio solver ended twice without an answer; the log has its last words")
        plain: dict[str, object] = json.loads(reply)
        if "error" in plain:
            raise DataError(f"the portfolio solver found no solution ({plain['error']})")
        return plain

    def close(self) -> None:
        """Ends it; safe to call twice. A question after this is refused."""
        with self._lock:
            self._closed = True
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise DataError("the desk is closing; ask again when it runs")
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the desk, which then closes the pipe
                cwd=TOP,
                env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )
        return self._process

    def _exchange(self, line: bytes) -> bytes | None:
        """One question and its answer; None when the process died. DataError when time ran out."""
        process = self._running()
        ends = time.monotonic() + self._limit_s
        if process.stdin is None or process.stdout is None:
            return None
        try:
            process.stdin.write(line)
            process.stdin.flush()
            return self._read(process.stdout.fileno(), ends)
        except OSError:
            self._end()
            return None

    def _read(self, handle: int, ends: float) -> bytes | None:
        parts = b""
        with selectors.DefaultSelector() as selector:
            selector.register(handle, selectors.EVENT_READ)
            while not parts.endswith(b"\n"):
                if not selector.select(max(0.0, ends - time.monotonic())):
                    self._end()
                    raise DataError(f"the portfolio solver gave no answer in {self._limit_s:.0f} s and was ended")
                part = os.read(handle, 1 << 16)
                if not part:
                    structlog.get_logger("solver").warning("the solver ended in the middle")
                    self._end()
                    return None
                parts += part
        return parts

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
