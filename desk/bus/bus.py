"""The bus protocol.

Topics named in `LOSSY` may lose messages (a slow or absent reader misses some); all others
(`orders`, `approvals`, `schedules`, `halt`) are kept and can be read again from a sequence number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

LOSSY = frozenset({"quotes", "feed", "feed.wanted"})
EXECUTIONS = "executions"
"""Where orders stand on their way to a broker; see `desk.trading.courier.delivery`."""

KEPT = 10_000
"""Events of each replayable topic that can be read again."""


@dataclass(frozen=True)
class Event:
    """One message: `seq` counts per topic from 1 without gaps; 0 while the bus has not numbered it yet."""

    topic: str
    seq: int
    body: dict[str, object]


Listener = Callable[[Event], None]


class EventBus(Protocol):
    """Publishes to every listener of a topic, in this process and, over a server, in all that share it."""

    def publish(self, topic: str, body: dict[str, object]) -> Event:
        """Hands the event over; never blocks on a slow listener or a lost server, never raises for one."""
        ...

    def listen(self, topic: str, listener: Listener) -> Callable[[], None]:
        """Calls `listener` for each event from now on, in order; returns the way to stop.

        In process the publisher's thread calls, over a server a thread of the bus. A listener that
        fails is logged and the others still hear.
        """
        ...

    def since(self, topic: str, seq: int) -> list[Event]:
        """Kept events after `seq`, oldest first; empty for a lossy topic."""
        ...
