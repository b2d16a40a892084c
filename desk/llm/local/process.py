"""The desk's side of the process that holds the weights: started at need, watched, ended with the desk."""

from __future__ import annotations

import json
import os
import secrets
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from desk.errors import DataError, ModelError

TOP = Path(__file__).parents[3]
LOAD_S = 180.0
"""Longest wait for a model to be loaded."""
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "TMPDIR", "SYSTEMROOT")
"""What the process sees of the environment: no key of the desk."""


class Address(NamedTuple):
    """Where the model listens, and the key it takes."""

    url: str
    key: str


class ModelServer(Protocol):
    """Whoever serves the model's tokens."""

    def find(self) -> Address:
        """Where it is; starts it when it does not run. Blocking. ModelError when it cannot be loaded."""
        ...

    def stop(self) -> None:
        """Ends it; `find` starts it again."""
        ...

    def close(self) -> None:
        """Ends it for good; safe to call twice."""
        ...


class LlamaProcess:
    """llama.cpp over one file, in a process of its own; it ends with this one, however this one ends. Thread-safe.

    `check` runs before every load and raises DataError for a file that is not what it should be.
    """

    def __init__(self, path: Path, threads: int, context: int, check: Callable[[], None] = lambda: None) -> None:
        self.path, self.threads, self._context, self._check = path, threads, context, check
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._address: Address | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Of the running process; None when there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def find(self) -> Address:
        """See `ModelServer.find`."""
        with self._lock:
            if self._closed:
                raise ModelError("the desk is closing", billed=False)
            if self._address is None or self.pid is None:
                self._end()
                self._address = self._start()
            return self._address

    def stop(self) -> None:
        """See `ModelServer.stop`."""
        with self._lock:
            self._end()

    def close(self) -> None:
        """See `ModelServer.close`."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()  # a load that goes on elsewhere ends with it
        self.stop()

    def _start(self) -> Address:
        try:
            self._check()
        except DataError as error:
            raise ModelError(error.message, billed=False) from None
        key = secrets.token_urlsafe(24)
        process = self._process = subprocess.Popen(
            (sys.executable, "-m", "desk.llm.local.child"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the desk, which then closes the pipe
            cwd=TOP,
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
        )
        asked = {"path": str(self.path), "threads": self.threads, "context": self._context, "key": key}
        said = _exchange(process, json.dumps(asked).encode() + b"\n", LOAD_S)
        if "address" not in said:
            self._end()
            why = said.get("error") or f"its process ended with {process.returncode} while loading"
            raise ModelError(f"{self.path.name} cannot be loaded: {why}", kind="connection", billed=False)
        return Address(str(said["address"]), key)

    def _end(self) -> None:
        process, self._process, self._address = self._process, None, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


def _exchange(process: subprocess.Popen[bytes], line: bytes, limit_s: float) -> Mapping[str, object]:
    """What the process answers; `error` when it is late, nothing when it died."""
    if process.stdin is None or process.stdout is None:
        return {}
    ends, said = time.monotonic() + limit_s, b""
    with suppress(OSError):
        process.stdin.write(line)
        process.stdin.flush()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not said.endswith(b"\n"):
            if not selector.select(max(0.0, ends - time.monotonic())):
                return {"error": f"not loaded in {limit_s:.0f} s"}
            part = os.read(process.stdout.fileno(), 1 << 16)
            if not part:
                return {}
            said += part
    answer: dict[str, object] = json.loads(said)
    return answer
