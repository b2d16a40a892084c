"""What a halt does, besides the gate's refusing: every open order is cancelled, and it is recorded.

A thread of its own looks at the switch 20 times a second, so that a halt takes hold whoever wrote
it and whatever the event loop does. While the desk is halted it goes on cancelling what was on
its way when the halt came. A desk that is started while halted is told the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from desk.errors import TenorError
from desk.trading.halt import HaltState, HaltSwitch

LOOK_S = 0.05
LONGEST_PAUSE_S = 2.0


class Halting:
    """`record` notes a halt (person, reason) in the journal, `cancel_open` cancels and returns how many are left."""

    def __init__(
        self, switch: HaltSwitch, *, record: Callable[[str, str], None], cancel_open: Callable[[], int]
    ) -> None:
        self._switch, self._record, self._cancel_open = switch, record, cancel_open
        self._lock = threading.Lock()
        self._told: tuple[str, str, str] | None = None
        self._wordless = 0
        self._next, self._pause = 0.0, LOOK_S
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Lets the thread look; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._look_forever, name="halt", daemon=True)
            self._thread.start()

    def take_hold(self, person: str = "", reason: str = "") -> None:
        """Cancels what is open and records the halt once; nothing when the desk is not halted.

        `person` and `reason` are of whoever halts a desk that is halted already.
        """
        with self._lock:
            state = self._switch.state()
            if state.halted:
                self._tell(state, person, reason)
                self._cancel()
            else:
                self._told, self._wordless, self._next, self._pause = None, 0, 0.0, LOOK_S

    def close(self) -> None:
        """Stops looking; safe to call twice."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    def _look_forever(self) -> None:
        while not self._stop.wait(LOOK_S):
            try:
                self.take_hold()
            except TenorError as error:
                structlog.get_logger("halt").warning("a halt is not recorded", why=error.message)
                self._stop.wait(1)
            except Exception:  # noqa: BLE001 - the switch must go on being watched
                structlog.get_logger("halt").exception("looking at the halt switch failed")
                self._stop.wait(1)

    def _tell(self, state: HaltState, person: str, reason: str) -> None:
        self._wordless = 0 if state.at else self._wordless + 1
        known = self._told is not None and self._told[:2] == (state.by, state.at)
        if known and (not person or person == state.by):
            return
        if self._wordless == 1 and not person:
            return  # whoever set the flag is still writing the words
        if not known:
            self._next, self._pause = 0.0, LOOK_S
        self._told = (state.by, state.at, person)
        self._record(person or state.by, reason if person else state.reason)

    def _cancel(self) -> None:
        if time.monotonic() < self._next:
            return
        left = self._cancel_open()
        self._pause = min(self._pause * 2, LONGEST_PAUSE_S) if left else LOOK_S
        self._next = time.monotonic() + self._pause
