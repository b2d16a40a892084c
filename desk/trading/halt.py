"""The halt switch: a file in the data folder, so that a halt survives every restart.

One person halts; two different people resume. A file that cannot be read counts as a halt: the
desk fails closed.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from desk.bus.bus import EventBus
from desk.clock import Clock, to_iso
from desk.errors import Conflict
from desk.trading.segments import write_atomically

NEEDED = 2
"""How many different people must resume."""


@dataclass(frozen=True)
class HaltState:
    """Where the switch stands. `resume` names those who have asked to resume so far."""

    halted: bool = False
    reason: str = ""
    by: str = ""
    at: str = ""
    resume: tuple[str, ...] = ()
    needed: int = NEEDED


class HaltSwitch:
    """The switch of one data folder; thread-safe. Who may turn it is decided above."""

    def __init__(self, folder: Path, bus: EventBus, wall: Clock) -> None:
        self._path, self._bus, self._wall = folder / "halt.json", bus, wall
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._state = HaltState()
        folder.mkdir(parents=True, exist_ok=True)

    def state(self) -> HaltState:
        """The switch as the file says now, whoever wrote it."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return HaltState()
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp != self._seen:
            self._state = self._read()
            self._seen = stamp
        return self._state

    def reason(self) -> str:
        """Why the desk is halted; empty when it is not. What the gate asks before every order."""
        state = self.state()
        return (state.reason or "no reason given") if state.halted else ""

    def halt(self, person: str, reason: str) -> HaltState:
        """Halts; durable on return. A second halt keeps the first's reason and clears resume votes."""
        with self._lock:
            before = self.state()
            if before.halted:
                return self._write(replace(before, resume=()))
            return self._write(HaltState(True, reason, person, to_iso(self._wall.now())))

    def resume(self, person: str) -> HaltState:
        """Counts one person for resuming; the second different person resumes.

        Conflict when the desk is not halted or this person has asked already.
        """
        with self._lock:
            before = self.state()
            if not before.halted:
                raise Conflict("the desk is not halted; there is nothing to resume")
            if person in before.resume:
                raise Conflict(f"{person} has asked to resume; another person must agree")
            votes = (*before.resume, person)
            done = len(votes) >= NEEDED
            return self._write(HaltState() if done else replace(before, resume=votes))

    def _write(self, state: HaltState) -> HaltState:
        write_atomically(self._path, json.dumps(asdict(state), sort_keys=True).encode())
        self._seen = None
        self._bus.publish("halt", {**asdict(state), "resume": list(state.resume)})
        return state

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
