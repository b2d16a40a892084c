"""The halt switch: two files in the data folder, so that a halt survives every restart.

`halt.json` says who halted, why, and who has asked to resume. `halt.flag` is one byte that every
process maps into its memory: 0 is trading, anything else is a halt, seen by the next order after
it was written, whoever wrote it. A halt sets the byte before the words, a resume writes the words
before it clears the byte; where the two differ, or the words cannot be read, the desk is halted.

One person halts; two different people resume. Turning the switch needs no lock that a stuck
process could hold.
"""

from __future__ import annotations

import json
import mmap
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from desk.bus.bus import EventBus
from desk.clock import Clock, to_iso
from desk.errors import Conflict
from desk.trading.segments import write_atomically

NEEDED = 2
"""How many different people must resume."""

PATIENCE_S = 0.2
"""How long to wait for another process that turns the switch; then go on without it."""


@dataclass(frozen=True)
class HaltState:
    """Where the switch stands. `resume` names those who have asked to resume so far."""

    halted: bool = False
    reason: str = ""
    by: str = ""
    at: str = ""
    resume: tuple[str, ...] = ()
    needed: int = NEEDED


WORDLESS = HaltState(True, "the halt flag is set and no reason was written", "the desk itself")


class HaltSwitch:
    """The switch of one data folder; thread-safe. Who may turn it is decided above. `bus` hears of each turn."""

    def __init__(self, folder: Path, bus: EventBus | None, wall: Clock) -> None:
        self._path, self._bus, self._wall = folder / "halt.json", bus, wall
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._state = HaltState()
        folder.mkdir(parents=True, exist_ok=True)
        self._flag = _map_flag(folder / "halt.flag")
        self.state()

    def state(self) -> HaltState:
        """The switch as its files say now, whoever wrote them; words that say halt set the flag."""
        flagged = self._flag[0] != 0  # before the words: a resume clears it after them
        words = self._words()
        if words.halted and not flagged:
            self._flag[0] = 1
        return WORDLESS if flagged and not words.halted else words

    def reason(self) -> str:
        """Why the desk is halted; empty when it is not. What the gate asks before every order: one byte."""
        if self._flag[0] == 0:
            return ""
        return self.state().reason or "no reason given"

    def halt(self, person: str, reason: str) -> HaltState:
        """Halts; durable on return. A second halt keeps the first's reason and clears resume votes."""
        self._flag[0] = 1
        with self._turning():
            self._flag[0] = 1  # a resume may have ended just before
            before = self._words()
            if before.halted:
                return self._write(replace(before, resume=()))
            return self._write(HaltState(True, reason, person, to_iso(self._wall.now())))

    def resume(self, person: str) -> HaltState:
        """Counts one person for resuming; the second different person resumes.

        Conflict when the desk is not halted or this person has asked already.
        """
        with self._turning():
            before = self.state()
            if not before.halted:
                raise Conflict("the desk is not halted; there is nothing to resume")
            if person in before.resume:
                raise Conflict(f"{person} has asked to resume; another person must agree")
            votes = (*before.resume, person)
            done = len(votes) >= NEEDED
            state = self._write(HaltState() if done else replace(before, resume=votes))
            if done:
                self._flag[0] = 0
                self._flag.flush()
            return state

    @contextmanager
    def _turning(self) -> Iterator[None]:
        """One turn at a time, here and in other processes, as far as patience goes."""
        held = self._lock.acquire(timeout=PATIENCE_S)
        handle = os.open(self._path.with_name("halt.flag"), os.O_RDWR)
        try:
            _lock_file(handle)
            yield
        finally:
            os.close(handle)
            if held:
                self._lock.release()

    def _write(self, state: HaltState) -> HaltState:
        write_atomically(self._path, json.dumps(asdict(state), sort_keys=True).encode())
        self._flag.flush()
        self._seen = None
        if self._bus is not None:
            self._bus.publish("halt", {**asdict(state), "resume": list(state.resume)})
        return state

    def _words(self) -> HaltState:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return HaltState()
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp != self._seen:
            self._state = self._read()
            self._seen = stamp
        return self._state

    def _read(self) -> HaltState:
        try:
            plain = json.loads(self._path.read_text(encoding="utf-8"))
            return HaltState(
                halted=bool(plain["halted"]),
                reason=str(plain["reason"]),
                by=str(plain["by"]),
                at=str(plain["at"]),
                resume=tuple(map(str, plain["resume"])),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return HaltState(True, f"the halt file {self._path} cannot be read", "the desk itself")


def _map_flag(path: Path) -> mmap.mmap:
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if os.fstat(handle).st_size == 0:
            os.truncate(handle, 1)
        return mmap.mmap(handle, 1)
    finally:
        os.close(handle)


def _lock_file(handle: int) -> None:
    """Takes the file's lock until it is closed, or gives up after `PATIENCE_S`. Nothing on Windows."""
    if sys.platform == "win32":
        return
    import fcntl

    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(0.005)
