"""What was published and has not reached the server yet."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from typing import NamedTuple

import structlog

from desk.bus.bus import LOSSY


class Letter(NamedTuple):
    """One event on its way: `number` counts this process's own per topic from 1, `text` is its body as JSON."""

    topic: str
    number: int
    text: str


class Outbox:
    """Ordered, bounded, thread-safe. One taker; what it took is given again until it says `sent`.

    Above `room` the oldest waiting letter is dropped and logged: memory stays bounded while a
    server is away. Listeners see the loss as a jump in the publisher's numbers.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._waiting: deque[Letter] = deque()
        self._taken: list[Letter] = []
        self._numbers: dict[str, int] = defaultdict(int)
        self._changed = threading.Condition()
        self._dropped = 0

    def put(self, topic: str, text: str) -> None:
        """Adds one; never blocks."""
        with self._changed:
            self._numbers[topic] += 1
            self._waiting.append(Letter(topic, self._numbers[topic], text))
            if len(self._waiting) > self._room:
                self._drop()
            self._changed.notify_all()

    def take(self, most: int, timeout: float) -> list[Letter]:
        """The oldest letters, all of one topic, in order; the same again until `sent`; empty after `timeout` s."""
        with self._changed:
            if not self._taken:
                self._changed.wait_for(lambda: bool(self._waiting), timeout)
                while self._waiting and len(self._taken) < most:
                    if self._taken and self._waiting[0].topic != self._taken[0].topic:
                        break
                    self._taken.append(self._waiting.popleft())
            return list(self._taken)

    def sent(self) -> None:
        """What was taken has arrived."""
        with self._changed:
            self._taken.clear()
            self._changed.notify_all()

    def forget_lossy(self) -> None:
        """Drops letters of lossy topics, which are worth nothing when late."""
        with self._changed:
            self._taken = [letter for letter in self._taken if letter.topic not in LOSSY]
            self._waiting = deque(letter for letter in self._waiting if letter.topic not in LOSSY)
            self._changed.notify_all()

    def wait_empty(self, timeout: float) -> bool:
        """Whether everything put so far has arrived, or was dropped, within `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._taken, timeout)

    def _drop(self) -> None:
        letter = self._waiting.popleft()
        if letter.topic in LOSSY:
            return
        self._dropped += 1
        if self._dropped & (self._dropped - 1) == 0:  # the 1st, 2nd, 4th, 8th … so that a long outage fills no disk
            structlog.get_logger("bus").error("outbox full, event dropped", topic=letter.topic, dropped=self._dropped)
