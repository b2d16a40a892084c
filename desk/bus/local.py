"""The bus inside one process."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable

import orjson

from desk.bus.bus import KEPT, LOSSY, Event, Listener
from desk.bus.listeners import Listeners


class LocalBus:
    """Calls listeners directly; keeps the last 10,000 events of each replayable topic, as JSON to save room."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seq: dict[str, int] = defaultdict(int)
        self._kept: dict[str, deque[tuple[int, bytes]]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._listeners = Listeners()

    def publish(self, topic: str, body: dict[str, object]) -> Event:
        """See `EventBus.publish`."""
        with self._lock:
            self._seq[topic] += 1
            event = Event(topic, self._seq[topic], body)
            if topic not in LOSSY:
                text = orjson.dumps(body)
                self._kept[topic].append((event.seq, memoryview(text).tobytes()))  # a copy: see `Order.canonical`
        self._listeners.tell(event)
        return event

    def listen(self, topic: str, listener: Listener) -> Callable[[], None]:
        """See `EventBus.listen`."""
        return self._listeners.add(topic, listener)

    def since(self, topic: str, seq: int) -> list[Event]:
        """See `EventBus.since`."""
        with self._lock:
            found = [kept for kept in self._kept[topic] if kept[0] > seq]
        return [Event(topic, number, orjson.loads(text)) for number, text in found]
