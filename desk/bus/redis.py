"""The bus over Redis or Valkey: quotes through pub/sub, all other topics through streams.

A stream entry's id is `SEQ-0`: a script gives out the numbers, so they have no gap, and refuses what
a publisher sent twice after an outage. `publish` only puts the event into a bounded outbox; a
thread sends it on and tries again for as long as the server is away. Two threads read, one for
streams from a cursor, one for pub/sub. After a server lost its streams, numbers go on where this
process saw them end, and nothing is told twice. What only the lost server knew is lost: run it
with `appendonly yes`. All keys share one hash slot; databases of one server are kept apart.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import structlog

from desk.bus.bus import KEPT, LOSSY, Event, Listener
from desk.bus.listeners import Listeners
from desk.bus.outbox import Outbox
from desk.errors import BackEndUnreachable

if TYPE_CHECKING:
    from redis import Redis
    from redis.client import PubSub

ROOM, BATCH = 100_000, 200
TIMEOUT_S, BLOCK_MS, POLL_S, FLUSH_S = 2.0, 100, 0.05, 2.0
DOUBT_AFTER = 10
"""Empty reads after which the ends of the streams are compared with what was read."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 2.0

_APPEND = """
local told = tonumber(redis.call('GET', KEYS[2]) or '0')
local seq = tonumber(ARGV[2])
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if newest[1] then seq = math.max(seq, tonumber(string.match(newest[1][1], '^%d+'))) end
for at = 4, #ARGV, 2 do
  if tonumber(ARGV[at]) > told then
    seq, told = seq + 1, tonumber(ARGV[at])
    redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[3], string.format('%.0f-0', seq),
      'from', ARGV[1], 'number', ARGV[at], 'body', ARGV[at + 1])
  end
end
redis.call('SET', KEYS[2], string.format('%.0f', told), 'EX', 86400)
return seq
"""
_SHOUT = """
for at = 1, #ARGV do
  redis.call('PUBLISH', KEYS[1], redis.call('INCR', KEYS[2]) .. ' ' .. ARGV[at])
end
"""


_Key = bytes | str | memoryview
_Id = int | bytes | str | memoryview
_Row = tuple[bytes, dict[bytes, bytes]]


@contextmanager
def _told(host: str = "") -> Iterator[None]:
    """Vendor errors become BackEndUnreachable; the address is named without its password."""
    from redis.exceptions import RedisError

    try:
        yield
    except (RedisError, OSError) as error:
        where = f"{host}: " if host else ""
        raise BackEndUnreachable(f"{where}{type(error).__name__}: {error}") from None


def _seq(row: _Row) -> int:
    return int(row[0].partition(b"-")[0])


def _event(topic: str, row: _Row) -> tuple[Event, str, int]:
    """An entry, who published it, and the publisher's own number for it."""
    fields = row[1]
    event = Event(topic, _seq(row), json.loads(fields[b"body"]))
    return event, fields[b"from"].decode(), int(fields[b"number"])


class RedisBus:
    """See `EventBus`. BackEndUnreachable when the server does not answer at the start; later it waits for it."""

    def __init__(self, url: str, *, kept: int = KEPT, room: int = ROOM) -> None:
        self._redis = _connect(url)
        database = self._redis.connection_pool.connection_kwargs.get("db", 0)
        self._prefix = f"{{tenor-{database}}}:"  # pub/sub ignores databases; the name must not
        self._kept, self._name = kept, secrets.token_hex(8)
        self._outbox, self._listeners = Outbox(room), Listeners()
        self._lock = threading.Lock()
        self._cursors: dict[str, int] = {}
        self._floors: dict[str, int] = {}
        self._seen: dict[tuple[str, str], int] = {}
        self._doubted, self._quiet = False, 0
        self._hearing = threading.Condition()
        self._asked: set[str] = set()
        self._subscribed: set[str] = set()
        self._pubsub: PubSub | None = None
        self._closing = threading.Event()
        steps = {"bus-send": self._send, "bus-read": self._read, "bus-hear": self._hear}
        self._threads = [threading.Thread(target=self._run, args=item, name=item[0]) for item in steps.items()]
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    def publish(self, topic: str, body: dict[str, object]) -> Event:
        """See `EventBus.publish`; the event's `seq` is 0: the server numbers it later."""
        self._outbox.put(topic, json.dumps(body, separators=(",", ":"), default=str))
        return Event(topic, 0, body)

    def listen(self, topic: str, listener: Listener) -> Callable[[], None]:
        """See `EventBus.listen`; called from a thread of the bus, a slow one delays this process's others."""
        if topic in LOSSY:
            stop = self._listeners.add(topic, listener)
            with self._hearing:
                self._hearing.wait_for(lambda: topic in self._subscribed, TIMEOUT_S)
            return stop
        self._outbox.wait_empty(FLUSH_S)
        after = self._newest(topic)
        with self._lock:
            self._cursors.setdefault(topic, after)
        return self._listeners.add(topic, listener, after)

    def since(self, topic: str, seq: int) -> list[Event]:
        """See `EventBus.since`. BackEndUnreachable while the server is away."""
        if topic in LOSSY:
            return []
        self._outbox.wait_empty(FLUSH_S)
        with _told():
            rows = self._redis.xrange(self._prefix + topic, f"{seq + 1}-0")
        return [_event(topic, row)[0] for row in cast(list[_Row], rows)]

    def close(self) -> None:
        """Sends what waits, for at most two seconds, and ends the threads; safe to call twice."""
        self._outbox.wait_empty(FLUSH_S)
        self._closing.set()
        for thread in self._threads:
            thread.join(TIMEOUT_S + 1)
        self._redis.close()

    def _run(self, name: str, step: Callable[[], None]) -> None:
        """Repeats `step` until closed; waits longer and longer while the server is away."""
        pause, log = 0.0, structlog.get_logger("bus")
        while not self._closing.wait(pause):
            try:
                with _told():
                    step()
            except BackEndUnreachable as error:
                if not pause:
                    log.warning("server lost", thread=name, why=error.message)
                    self._recheck()
                pause = min(max(FIRST_PAUSE_S, 2 * pause), LONGEST_PAUSE_S)
            except Exception:
                log.exception("bus thread failed", thread=name)
                pause = LONGEST_PAUSE_S
            else:
                if pause:
                    log.info("server is back", thread=name)
                pause = 0.0

    def _recheck(self) -> None:
        """What must be looked at again once the server is back: cursors may stand past a lost stream's end."""
        with self._lock:
            self._doubted = True

    def _send(self) -> None:
        letters = self._outbox.take(BATCH, POLL_S)
        if not letters:
            return
        topic = letters[0].topic
        try:
            if topic in LOSSY:
                keys = [self._prefix + topic, f"{self._prefix}seq:{topic}"]
                self._redis.eval(_SHOUT, 2, *keys, *(letter.text for letter in letters))
            else:
                keys = [self._prefix + topic, f"{self._prefix}from:{self._name}:{topic}"]
                pairs = (part for letter in letters for part in (str(letter.number), letter.text))
                floor = max(self._floors.get(topic, 0), self._cursors.get(topic, 0))
                seq = self._redis.eval(_APPEND, 2, *keys, self._name, str(floor), str(self._kept), *pairs)
                self._floors[topic] = int(cast(int, seq))
        except Exception:
            self._outbox.forget_lossy()
            raise
        self._outbox.sent()

    def _read(self) -> None:
        with self._lock:
            wanted: dict[_Key, _Id] = {self._prefix + topic: f"{seq}-0" for topic, seq in self._cursors.items()}
            doubted, self._doubted = self._doubted, False
        if not wanted:
            self._closing.wait(POLL_S)
            return
        if doubted:
            try:
                self._restart_cursors()
            except BaseException:
                self._recheck()
                raise
            return
        found = self._redis.xread(wanted, count=BATCH, block=BLOCK_MS)
        self._quiet = 0 if found else self._quiet + 1
        if self._quiet == DOUBT_AFTER:  # a server may have died and come back between two calls
            self._quiet = 0
            self._recheck()
        for key, rows in cast(list[tuple[bytes, list[_Row]]], found or []):
            topic = key.decode().removeprefix(self._prefix)
            for row in rows:
                self._tell(topic, row)

    def _restart_cursors(self) -> None:
        """Begins at the start of every stream that now ends before what was read: its server lost it."""
        for topic, seq in list(self._cursors.items()):
            newest = self._newest(topic)
            if newest < seq:
                structlog.get_logger("bus").error("the server lost a stream", topic=topic, read=seq, holds=newest)
                with self._lock:
                    self._cursors[topic] = 0

    def _tell(self, topic: str, row: _Row) -> None:
        """Hands one entry on, unless its publisher's number says that it was told already."""
        event, sender, number = _event(topic, row)
        before = self._cursors[topic]
        if before and event.seq > before + 1:
            structlog.get_logger("bus").error("events were trimmed unread", topic=topic, lost=event.seq - before - 1)
        with self._lock:
            self._cursors[topic] = event.seq
            last = self._seen.get((topic, sender), number - 1)
            if number <= last:
                return
            self._seen[topic, sender] = number
        if number > last + 1:
            structlog.get_logger("bus").error("a publisher's events were lost", topic=topic, lost=number - last - 1)
        self._listeners.tell(event)

    def _hear(self) -> None:
        """Listens to pub/sub for one poll; a lost connection ends in BackEndUnreachable and is made anew."""
        if self._pubsub is None:
            self._pubsub = self._redis.pubsub()  # type: ignore[no-untyped-call]
        wanted = self._listeners.topics() & LOSSY
        try:
            for topic in wanted - self._asked:
                self._pubsub.subscribe(self._prefix + topic)
                self._asked.add(topic)
            if not self._asked:
                self._closing.wait(POLL_S)
                return
            message = self._pubsub.get_message(timeout=POLL_S)
        except BaseException:
            self._pubsub, self._asked = None, set()
            raise
        if message is None:
            return
        topic = message["channel"].decode().removeprefix(self._prefix)
        if message["type"] == "subscribe":
            with self._hearing:
                self._subscribed.add(topic)
                self._hearing.notify_all()
        elif message["type"] == "message":
            seq, _, body = message["data"].partition(b" ")
            self._listeners.tell(Event(topic, int(seq), json.loads(body)))

    def _newest(self, topic: str) -> int:
        with _told():
            rows = cast(list[_Row], self._redis.xrevrange(self._prefix + topic, count=1))
        return _seq(rows[0]) if rows else 0


def _connect(url: str) -> Redis:
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    try:
        redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),  # an outage must be seen, cursors are checked after it
        )
    except ValueError as error:
        raise BackEndUnreachable(f"the address is not one of a Redis server: {error}") from None
    with _told(urlsplit(url).hostname or ""):
        redis.ping()
    return redis
