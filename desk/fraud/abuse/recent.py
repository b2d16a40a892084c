"""The newest events by key, no more of each than a count and none older than a window: memory follows who acts now."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from desk.fraud.abuse.records import OrderEvent

K = TypeVar("K", bound=Hashable)


@dataclass
class _Kept:
    events: deque[OrderEvent]
    heard: int = 0


class Recent(Generic[K]):
    """At most `most` events of a key, of the last `seconds` before that key's newest.

    A key whose newest event is older than that, by the time of what is added now, is forgotten. Events come in the
    order of time; one that comes late may keep a key longer, never shorter.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._kept: OrderedDict[K, _Kept] = OrderedDict()

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._kept)

    def add(self, key: K, event: OrderEvent) -> int:
        """Takes an event, drops what its time puts out of the window; how many of the key came while it is known."""
        mine = self._kept.setdefault(key, _Kept(deque(maxlen=self._most)))
        self._kept.move_to_end(key)
        mine.events.append(event)
        mine.heard += 1
        since = event.at - self._seconds
        while mine.events[0].at < since:
            mine.events.popleft()
        while self._kept[first := next(iter(self._kept))].events[-1].at < since:
            del self._kept[first]
        return mine.heard

    def of(self, key: K) -> deque[OrderEvent]:
        """The events of a key in the order in which they came; KeyError for one that is not known."""
        return self._kept[key].events
