"""The boundaries of the matrix, and the dice that decide where a process kills itself."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

HOLDER = ("proposal", "approval", "gate", "journal", "outbox", "publish")
"""In the process that holds the desk: around the store's commit, inside the gate, within and before a
sync of the journal, after the outbox row, before and after the task is published."""

WORKER = ("claim", "venue call", "commit", "ack")
"""In a worker: after its claim, after the venue has placed, before the venue's word is committed, before
the queue is told that the task is done."""

BOUNDARIES = HOLDER + WORKER


class Killer:
    """Kills this process (SIGKILL) with a chance at each pass of one boundary, `most` times in all lives.

    Lives are counted in a file beside the desk, one byte each, so that a run ends.
    """

    def __init__(self, folder: Path, boundary: str, chance: float, most: int) -> None:
        self._boundary, self._chance, self._most = boundary, chance, most
        self._lives = folder / "lives"
        self._dice = random.Random(f"{os.getpid()} {time.time_ns()}")

    def kills(self) -> int:
        """How often this boundary has killed so far."""
        return self._lives.stat().st_size if self._lives.exists() else 0

    def passing(self, boundary: str) -> None:
        """To be called where the boundary is; may not return."""
        if self.falls(boundary):
            self.die()

    def falls(self, boundary: str) -> bool:
        """Whether this pass is a fatal one; then `die` must follow."""
        return boundary == self._boundary and self._dice.random() < self._chance and self.kills() < self._most

    def die(self) -> None:
        """Notes the death and ends the process at once."""
        note = os.open(self._lives, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.write(note, b"x")
        os.fsync(note)
        os.kill(os.getpid(), signal.SIGKILL)


Passing = Callable[[str], None]
