"""The bus inside one process."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable

import structlog

from desk.bus.bus import Event

LOSSY = frozenset({"quotes"})
KEPT = 10_000


class LocalBus:
    """Calls listeners directly; keeps the last 10,000 events of each replayable topic."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seq: dict[str, int] = defaultdict(int)
        self._kept: dict[str, deque[Event]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._listeners: dict[str, list[Callable[[Event], None]]] = defaultdict(list)

    def publish(self, topic: str, body: dict[str, object]) -> Event:
        """See `EventBus.publish`; a listener that fails is logged and the others still hear."""
        with self._lock:
            self._seq[topic] += 1
            event = Event(topic, self._seq[topic], body)
            if topic not in LOSSY:
                self._kept[topic].append(event)
            listeners = list(self._listeners[topic])
        for listener in listeners:
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - one bad listener must not silence the rest
                structlog.get_logger("bus").exception("listener failed", topic=topic, seq=event.seq)
        return event

    def listen(self, topic: str, listener: Callable[[Event], None]) -> Callable[[], None]:
        """See `EventBus.listen`."""
        with self._lock:
            self._listeners[topic].append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners[topic]:
                    self._listeners[topic].remove(listener)

        return stop

    def since(self, topic: str, seq: int) -> list[Event]:
        """See `EventBus.since`."""
        with self._lock:
            return [event for event in self._kept[topic] if event.seq > seq]
