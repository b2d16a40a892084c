"""A venue's stream of events, of orders or of its market: one thread that connects, greets, reads, begins anew.

A line on which nothing more can come (half open: the other side is gone and said nothing) is found
by pings that go unanswered. Events may be lost with a line, so each new one is told to `connected`,
which reads what it may have missed.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import orjson
import structlog
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from desk.errors import BrokerError

PING_S = 15.0
OPEN_S = 6.0
LONGEST_WAIT_S = 30.0
_LOOK_S = 0.5

Event = dict[str, object]


class Talk:
    """The first words on a new line: send one, wait for one."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line

    def say(self, message: Event) -> None:
        """Sends a message."""
        self._line.send(orjson.dumps(message).decode())

    def hear(self) -> Event:
        """The next message; TimeoutError after some seconds of silence."""
        return read_event(self._line.recv(timeout=OPEN_S))


class VenueStream:
    """See the module. `greet` raises BrokerError when the venue refuses; `take` hears each event, in the thread."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        greet: Callable[[Talk], None],
        take: Callable[[Event], None],
        connected: Callable[[], None],
        ping_s: float = PING_S,
    ) -> None:
        self._name, self._url, self._ping_s = name, url, ping_s
        self._greet, self._take, self._connected = greet, take, connected
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"tenor-{name.lower()}-stream", daemon=True)
        self.live = False

    def start(self) -> None:
        """Begins, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it; safe to call twice, and without a start."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=OPEN_S)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                failures = 0 if self._read() else failures + 1
            except (OSError, WebSocketException, TimeoutError, ValueError, BrokerError) as error:
                failures = 0 if self.live else failures + 1
                structlog.get_logger("stream").info("stream lost", venue=self._name, why=type(error).__name__)
            self.live = False
            wait = min(LONGEST_WAIT_S, 0.2 * 2 ** min(failures, 10))
            self._stopping.wait(wait * random.uniform(0.5, 1.0))

    def _read(self) -> bool:
        """One line from its opening to its end; whether it was ever live."""
        half = self._ping_s / 2
        with connect(
            self._url, open_timeout=OPEN_S, close_timeout=1, ping_interval=half, ping_timeout=half, proxy=None
        ) as line:
            self._greet(Talk(line))
            self.live = True
            self._connected()
            while not self._stopping.is_set():
                try:
                    text = line.recv(timeout=_LOOK_S)
                except TimeoutError:
                    continue
                self._take(read_event(text))
        return True


def read_event(text: str | bytes) -> Event:
    """A message as it came, text or binary; ValueError when it is no JSON object."""
    plain = orjson.loads(text)
    if not isinstance(plain, dict):
        raise ValueError("a stream message is no object")
    return plain
