"""The hub: one per process, between the bus and this process's readers.

It keeps each wanted line's state from snapshots and diffs, so that any reader can be made whole at any
time, and hands every diff on as the same bytes. A hole in the numbers (the topic is lossy) is
healed by asking the publisher for a snapshot. Nobody is waited for: a reader that is behind gets
nothing more until it has caught up, then a snapshot of each line it missed; one that stays behind
for five seconds is dropped with code 4408.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from api.feed.frames import Frame, Key, Kind, say
from api.feed.publisher import MOVING, TOPIC, UNSURE, WANTED
from api.feed.states import Body, State, build_state
from api.feed.wire import Wire
from desk.bus.bus import Event, EventBus

TURN_S, RENEW_S, ASK_AGAIN_S, HEARTBEAT_S, QUIET_S = 0.1, 3.0, 1.0, 1.0, 1.0
SLOW_S, RECHECK_S = 5.0, 5.0
SLICE = 128
"""Frames written between two turns of the event loop, so that orders need not wait for a fan-out."""


@dataclass(eq=False)
class Reader:
    """One subscriber. `token` names its session; `here` says whether that still stands."""

    wire: Wire
    token: str
    here: Callable[[], bool]
    keys: set[Key] = field(default_factory=set)
    behind: set[Key] = field(default_factory=set)
    behind_since: float = 0.0


@dataclass(eq=False)
class _Line:
    """`readers` maps to the number each was last made whole at, below 0 while it waits for a first snapshot.

    `epoch` counts the snapshots taken in: diffs of an older one are void.
    """

    key: Key
    state: State
    publisher: str = ""
    n: int = 0
    sent: float = 0.0
    epoch: int = 0
    asked_at: float = 0.0
    heard_at: float = 0.0
    readers: dict[Reader, int] = field(default_factory=dict)
    snapshot: tuple[int, bytes] = (0, b"")

    def whole(self) -> bytes:
        """The snapshot at `n`, encoded once however many ask."""
        if self.snapshot[0] != self.n:
            self.snapshot = self.n, Frame(self.key, "snapshot", self.n, self.sent, self.state.whole()).encode()
        return self.snapshot[1]


class _Step(NamedTuple):
    """A diff on its way out."""

    line: _Line
    epoch: int
    n: int
    framed: bytes


class Hub:
    """See the module. Used from one event loop; `run` is its only task."""

    def __init__(self, bus: EventBus, slow_s: float = SLOW_S) -> None:
        self._bus, self._slow_s = bus, slow_s
        self._lines: dict[Key, _Line] = {}
        self._readers: set[Reader] = set()
        self._outgoing: deque[list[_Step]] = deque()
        self._due = asyncio.Event()

    async def run(self) -> None:
        """Works until cancelled; its readers then end with 1012 (the server restarts)."""
        loop = asyncio.get_running_loop()

        def hand_over(event: Event) -> None:
            loop.call_soon_threadsafe(self.take, event)

        stop = await asyncio.to_thread(self._bus.listen, TOPIC, hand_over)
        upkeep = asyncio.create_task(self._upkeep())
        try:
            while True:
                await self._due.wait()
                self._due.clear()
                while self._outgoing:
                    await self._fan_out(self._outgoing.popleft())
        finally:
            stop()
            upkeep.cancel()
            for reader in self._readers:
                reader.wire.end(1012, "the server stops")

    def join(self, reader: Reader) -> None:
        """A reader that hears heartbeats and can subscribe."""
        self._readers.add(reader)

    def leave(self, reader: Reader) -> None:
        """Forgets a reader and what it subscribed to."""
        self._readers.discard(reader)
        self.unsubscribe(reader, list(reader.keys))

    def subscribe(self, reader: Reader, keys: Iterable[Key]) -> None:
        """Adds lines; each begins with a snapshot, at once when it is known here. Again: a new snapshot."""
        unknown = []
        for key in keys:
            line = self._lines.setdefault(key, _Line(key, build_state(key.channel)))
            reader.keys.add(key)
            line.readers.setdefault(reader, -1)
            if line.n:
                self._make_whole(reader, line)
            else:
                unknown.append(line)
        self._ask(unknown)

    def unsubscribe(self, reader: Reader, keys: Iterable[Key]) -> None:
        """Takes lines away; those it never had are no fault."""
        for key in keys:
            reader.keys.discard(key)
            reader.behind.discard(key)
            line = self._lines.get(key)
            if line is not None:
                line.readers.pop(reader, None)

    def take(self, event: Event) -> None:
        """Takes one event of the publisher."""
        publisher, holes, batch = str(event.body["publisher"]), list[_Line](), list[_Step]()
        for raw in cast(list[Body], event.body["frames"]):
            key = Key(*cast(list[str], raw["line"]))  # type: ignore[arg-type]
            line = self._lines.get(key)
            if line is None:
                continue
            sent, body = cast(float, raw["sent"]), cast(Body, raw["body"])
            frame = Frame(key, cast(Kind, raw["kind"]), cast(int, raw["n"]), sent, body)
            if not self._apply(line, publisher, frame, batch):
                holes.append(line)
        self._ask(holes)
        if batch:
            self._outgoing.append(batch)
            self._due.set()

    def _apply(self, line: _Line, publisher: str, frame: Frame, batch: list[_Step]) -> bool:
        """False when the frame does not follow what is known: a snapshot must be asked for. Diffs go to `batch`."""
        follows = line.publisher == publisher and frame.n == line.n + 1
        if frame.kind == "diff" and not follows:
            return line.publisher == publisher and 0 < frame.n <= line.n
        if frame.kind == "snapshot" and line.publisher == publisher and frame.n == line.n:
            return True
        line.state.apply(frame.body, fresh=frame.kind == "snapshot")
        line.publisher, line.n, line.sent, line.heard_at = publisher, frame.n, frame.sent, time.monotonic()
        if frame.kind == "snapshot":
            line.epoch += 1
            line.snapshot = 0, b""
            for reader in list(line.readers):
                self._make_whole(reader, line)
        else:
            batch.append(_Step(line, line.epoch, frame.n, frame.encode()))
        return True

    async def _fan_out(self, batch: list[_Step]) -> None:
        """One publisher's step: the same bytes to every reader that is up to date, all of a reader's in one go.

        What changes while others have their turn (a reader leaves, a snapshot comes) is looked at anew.
        """
        count = 0
        for reader in dict.fromkeys(reader for step in batch for reader in step.line.readers):
            for step in batch:
                line = step.line
                if line.epoch != step.epoch or not 0 <= line.readers.get(reader, -1) < step.n:
                    continue
                if reader.behind or not reader.wire.write(step.framed):
                    self._fall_behind(reader, line)
                count += 1
            if count >= SLICE:
                count = 0
                await asyncio.sleep(0)

    def _make_whole(self, reader: Reader, line: _Line) -> None:
        if reader.wire.write(line.whole()):
            line.readers[reader] = line.n
            reader.behind.discard(line.key)
        else:
            self._fall_behind(reader, line)

    def _fall_behind(self, reader: Reader, line: _Line) -> None:
        if line.key not in reader.keys:
            return
        if not reader.behind:
            reader.behind_since = time.monotonic()
        reader.behind.add(line.key)

    def _ask(self, lines: Iterable[_Line]) -> None:
        """Asks the publisher for snapshots, for each line at most once a second."""
        now = time.monotonic()
        asked = [line for line in lines if now - line.asked_at >= ASK_AGAIN_S]
        for line in asked:
            line.asked_at = now
        if asked:
            self._bus.publish(WANTED, {"lines": [[*line.key, UNSURE] for line in asked]})

    async def _upkeep(self) -> None:
        """Renews leases, catches readers up or drops them, beats, and ends what is signed out."""
        turn = 0
        while True:
            await asyncio.sleep(TURN_S)
            turn += 1
            self._catch_up()
            if turn % round(HEARTBEAT_S / TURN_S) == 0:
                await self._beat()
                self._ask(line for line in self._lines.values() if line.readers and not line.n)
            if turn % round(RENEW_S / TURN_S) == 0:
                self._renew()
            if turn % round(RECHECK_S / TURN_S) == 0:
                self._recheck()

    def _catch_up(self) -> None:
        now = time.monotonic()
        for reader in [reader for reader in self._readers if reader.behind]:
            for key in list(reader.behind):
                line = self._lines.get(key)
                if line is None or not line.n:
                    reader.behind.discard(key)
                    continue
                self._make_whole(reader, line)
                if key in reader.behind:
                    break
            if reader.behind and now - reader.behind_since >= self._slow_s:
                reader.wire.end(4408, "too slow")
                self.leave(reader)

    async def _beat(self) -> None:
        framed = say("heartbeat", sent=time.time())
        for count, reader in enumerate(list(self._readers), 1):
            reader.wire.write(framed)
            if count % SLICE == 0:
                await asyncio.sleep(0)

    def _renew(self) -> None:
        """Renews leases; for a line that is quiet it says how far it is, for the last frame may have been lost."""
        quiet = time.monotonic() - QUIET_S
        for key in [key for key, line in self._lines.items() if not line.readers]:
            del self._lines[key]
        if self._lines:
            known = ((line, line.n if line.heard_at < quiet else MOVING) for line in self._lines.values())
            self._bus.publish(WANTED, {"lines": [[*line.key, n] for line, n in known]})

    def _recheck(self) -> None:
        """Sessions that ended take their readers with them; each session is looked up once."""
        standing: dict[str, bool] = {}
        for reader in list(self._readers):
            if reader.token not in standing:
                standing[reader.token] = reader.here()
            if not standing[reader.token]:
                reader.wire.end(4401, "your session has ended")
                self.leave(reader)
