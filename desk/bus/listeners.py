"""Who listens to which topic, and telling them."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable

import structlog

from desk.bus.bus import Event, Listener


class Listeners:
    """The listeners of one bus, by topic; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, list[tuple[Listener, int]]] = defaultdict(list)

    def add(self, topic: str, listener: Listener, after: int = 0) -> Callable[[], None]:
        """Adds one that hears events with a `seq` above `after`; returns the way to stop, safe to call twice."""
        entry = (listener, after)
        with self._lock:
            self._known[topic].append(entry)

        def stop() -> None:
            with self._lock:
                if entry in self._known[topic]:
                    self._known[topic].remove(entry)

        return stop

    def topics(self) -> set[str]:
        """Topics that somebody listens to."""
        with self._lock:
            return {topic for topic, known in self._known.items() if known}

    def tell(self, event: Event) -> None:
        """Calls each listener of the topic; one that fails is logged and the others still hear."""
        with self._lock:
            known = list(self._known[event.topic])
        for listener, after in known:
            if event.seq <= after:
                continue
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - one bad listener must not silence the rest
                structlog.get_logger("bus").exception("listener failed", topic=event.topic, seq=event.seq)
