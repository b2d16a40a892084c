"""The bus protocol.

Topics: `quotes` is lossy (a slow reader misses some); `orders`, `approvals`, `halt` are kept and
can be read again from a sequence number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Event:
    """One message: `seq` counts per topic from 1 without gaps."""

    topic: str
    seq: int
    body: dict[str, object]


class EventBus(Protocol):
    """Publishes to every listener of a topic."""

    def publish(self, topic: str, body: dict[str, object]) -> Event:
        """Hands the event to every listener; never blocks on a slow one, never raises for one."""
        ...

    def listen(self, topic: str, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Calls `listener` from the publisher's thread for each event; returns the way to stop."""
        ...

    def since(self, topic: str, seq: int) -> list[Event]:
        """Kept events after `seq`, oldest first; empty for a lossy topic."""
        ...
