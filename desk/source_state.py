"""How each live source fares: when it was last heard, why it failed, and when it is asked again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeVar

import structlog

from desk.clock import Clock
from desk.errors import BackEndUnreachable, Limited, NotAdmitted, NotFound

Word = Literal["not asked yet", "connected", "unreachable", "limited", "key refused"]
FIRST_WAIT_S, LONGEST_WAIT_S = 5.0, 300.0
Found = TypeVar("Found")


@dataclass(frozen=True)
class SourceState:
    """`since` is when it became so; `again` when it is asked next, where it waits."""

    name: str
    word: Word = "not asked yet"
    why: str = ""
    since: datetime | None = None
    heard: datetime | None = None
    again: datetime | None = None
    failures: int = 0


class SourceStates:
    """Safe for several threads."""

    def __init__(self, names: tuple[str, ...], wall: Clock) -> None:
        self._wall, self._lock = wall, threading.Lock()
        self._states = {name: SourceState(name) for name in names}

    def all(self) -> list[SourceState]:
        """In the order of the names."""
        with self._lock:
            return list(self._states.values())

    def get(self, name: str) -> SourceState:
        """One source's."""
        with self._lock:
            return self._states[name]

    def ready(self, name: str) -> bool:
        """Whether it may be asked now."""
        again, now = self.get(name).again, self._wall.now()
        return again is None or now >= again or again - now > timedelta(days=4)  # the clock was set back

    def ask(self, name: str, call: Callable[[], Found]) -> Found:
        """What the call gives; how it went is noted. Raises as the call does."""
        try:
            found = call()
        except BackEndUnreachable as error:
            self.failed(name, error)
            raise
        except NotFound:  # it answers
            self.heard(name)
            raise
        self.heard(name)
        return found

    def heard(self, name: str) -> None:
        """It serves."""
        now = self._wall.now()
        with self._lock:
            before = self._states[name]
            since = before.since if before.word == "connected" else now
            self._states[name] = SourceState(name, "connected", since=since, heard=now)
        if before.word not in ("connected", "not asked yet"):
            structlog.get_logger("market").info("source is back", source=name)

    def failed(self, name: str, error: BackEndUnreachable) -> None:
        """It does not; it is asked again later, and later each time."""
        now = self._wall.now()
        word: Word = "unreachable"
        with self._lock:
            before = self._states[name]
            wait = min(FIRST_WAIT_S * 2.0 ** min(before.failures, 10), LONGEST_WAIT_S)
            if isinstance(error, Limited):
                word, wait = "limited", error.wait_s
            elif isinstance(error, NotAdmitted):
                word, wait = "key refused", LONGEST_WAIT_S
            since = before.since if before.word == word else now
            again = now + timedelta(seconds=wait)
            self._states[name] = replace(
                before, word=word, why=error.message, since=since, again=again, failures=before.failures + 1
            )
        if before.word != word:
            structlog.get_logger("market").warning("source fails", source=name, why=error.message)
