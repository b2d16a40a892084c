"""The worker processes beside `tenor up`: begun with it, begun again when one dies, ended with it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import structlog

PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
STEADY_S = 60.0
"""A worker that ran so long was well: the next pause is short again."""

END_S = 8.0


class Crew:
    """`count` worker processes for the desk in `folder`; the first one beats."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._ending = threading.Event()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._threads = [
            threading.Thread(target=self._keep, args=(n,), name=f"tenor-crew-{n}", daemon=True) for n in range(count)
        ]

    def start(self) -> None:
        """Begins them; once."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Asks them to end what they do and stop; returns at once, safe to call twice."""
        self._ending.set()
        for process in list(self._processes.values()):
            process.terminate()

    def join(self) -> None:
        """After `end`: waits for them a few seconds, then kills. Safe to call twice."""
        ends = time.monotonic() + END_S
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))
        for process in list(self._processes.values()):
            process.kill()
            process.wait()

    def _keep(self, n: int) -> None:
        pause = PAUSE_S
        while not self._ending.is_set():
            began = time.monotonic()
            process = self._processes[n] = self._begin(n)
            if self._ending.is_set():
                process.terminate()
            code = process.wait()
            del self._processes[n]
            if self._ending.is_set():
                return
            pause = PAUSE_S if time.monotonic() - began > STEADY_S else min(pause * 2, LONGEST_PAUSE_S)
            structlog.get_logger("up").error("a worker ended; another begins", exit=code, pause_s=pause)
            self._ending.wait(pause)

    def _begin(self, n: int) -> subprocess.Popen[bytes]:
        words = [
            "-m",
            "api.cli",
            "worker",
            "--processes",
            "1",
            "--beside",
            str(os.getpid()),
            "--home",
            str(self._folder),
        ]
        return subprocess.Popen([sys.executable, *words, *(["--beat"] if n == 0 else [])], stdin=subprocess.DEVNULL)
