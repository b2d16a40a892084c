"""Who waits for which record: each is woken for its own, so that a group does not wake everybody."""

from __future__ import annotations

import threading
from typing import NamedTuple


class Bell(NamedTuple):
    """Waits for record `seq`: the lock is released when it may look again."""

    seq: int
    lock: threading.Lock

    def wait(self, timeout: float) -> None:
        """Returns when rung, or after `timeout` seconds."""
        self.lock.acquire(timeout=max(0.0, timeout))


class Bells:
    """The bells of one journal; the caller's lock serialises."""

    def __init__(self) -> None:
        self._hung: list[Bell] = []

    def hang(self, seq: int) -> Bell:
        """A bell that rings once `seq` is there."""
        bell = Bell(seq, threading.Lock())
        bell.lock.acquire()
        self._hung.append(bell)
        return bell

    def take(self, bell: Bell) -> None:
        """Forgets a bell, rung or not."""
        if bell in self._hung:
            self._hung.remove(bell)

    def ring(self, seq: int) -> None:
        """Rings those that wait for records up to `seq`, and no other."""
        hung, self._hung = self._hung, []
        for bell in hung:
            if bell.seq <= seq:
                bell.lock.release()
            else:
                self._hung.append(bell)
