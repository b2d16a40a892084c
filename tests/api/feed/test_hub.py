"""The hub: the same bytes for all, holes healed, the slow dropped alone, lines that nobody wants forgotten."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from functools import partial

import pytest

from api.feed.frames import Key
from api.feed.hub import Hub
from api.feed.publisher import Publisher
from desk.bus.bus import Event
from desk.bus.local import LocalBus
from desk.clock import WallClock
from tests.api.feed.fake_books import FakeBooks
from tests.api.feed.fake_reader import FakeWire, build_reader, rebuild
from tests.desk.trading.fake_feed import AAPL, SAP, FakeFeed

BOOK = Key("book", AAPL)


class LosingBus(LocalBus):
    """Loses every message of the feed that `lose` says to."""

    def __init__(self) -> None:
        super().__init__()
        self.lose = lambda: False

    def publish(self, topic: str, body: dict[str, object]) -> Event:
        return Event(topic, 0, body) if topic == "feed" and self.lose() else super().publish(topic, body)


class Running:
    """A publisher and a hub that run, over one bus."""

    def __init__(self, bus: LosingBus) -> None:
        self.bus, self.books, self.feed = bus, FakeBooks(AAPL, SAP), FakeFeed()
        self.hub = Hub(bus, slow_s=0.5)
        self.publisher = Publisher(self.feed, self.books, bus, WallClock())
        self.tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self.tasks = [asyncio.create_task(self.hub.run()), asyncio.create_task(self.publisher.run())]

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        for task in self.tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


@pytest.fixture
async def running():
    made = Running(LosingBus())
    made.start()
    await asyncio.sleep(0.05)
    yield made
    await made.stop()


async def until(found) -> None:
    ends = time.monotonic() + 10
    while not found():
        assert time.monotonic() < ends, "it did not come about within 10 s"
        await asyncio.sleep(0.01)


def levels(depth) -> tuple[dict[int, int], dict[int, int]]:
    return dict(depth.bids), dict(depth.asks)


async def test_everybody_gets_the_same_bytes_and_nothing_between_two_steps(running):
    running.books.put(AAPL, {100: 1}, {102: 1})
    readers = [build_reader() for _ in range(5)]
    for reader, _ in readers:
        running.hub.join(reader)
        running.hub.subscribe(reader, [BOOK])
    await until(lambda: all(wire.of("book", AAPL) for _, wire in readers))
    for lots in range(2, 50):
        running.books.put(AAPL, {100: lots}, {102: 1})
    await until(lambda: all(len(wire.of("book", AAPL)) >= 2 for _, wire in readers))
    first, second = readers[0][1].of("book", AAPL)
    assert (first["type"], second["type"], second["n"]) == ("snapshot", "diff", first["n"] + 1)
    assert second["bids"] == [[100, 49]]
    assert len({tuple(raw for raw in wire.raw if b"book" in raw) for _, wire in readers}) == 1


async def test_one_who_comes_later_begins_whole_and_goes_on_with_all(running):
    early, early_wire = build_reader()
    running.hub.join(early)
    running.hub.subscribe(early, [BOOK])
    for lots in range(1, 6):
        running.books.put(AAPL, {100: lots, 90 + lots: 1}, {})
        await asyncio.sleep(0.12)
    late, late_wire = build_reader()
    running.hub.join(late)
    running.hub.subscribe(late, [BOOK])
    running.books.put(AAPL, {100: 9}, {101: 9})
    await until(lambda: rebuild(late_wire.of("book", AAPL)) == ({100: 9}, {101: 9}))
    assert rebuild(early_wire.of("book", AAPL)) == ({100: 9}, {101: 9})
    assert late_wire.of("book", AAPL)[0]["type"] == "snapshot"


async def test_what_the_bus_loses_is_healed_by_a_snapshot(running):
    dice = random.Random(7)
    reader, wire = build_reader()
    running.hub.join(reader)
    running.hub.subscribe(reader, [BOOK])
    running.bus.lose = lambda: dice.random() < 0.4
    for number in range(25):
        running.books.put(AAPL, {100 + dice.randrange(9): number + 1}, {120: number + 1})
        await asyncio.sleep(0.11)
    running.bus.lose = lambda: False
    running.books.put(AAPL, {100: 77}, {120: 78})
    await until(lambda: rebuild(wire.of("book", AAPL)) == ({100: 77}, {120: 78}))
    assert sum(frame["type"] == "snapshot" for frame in wire.of("book", AAPL)) > 1


async def test_one_who_skips_is_made_whole_again(running):
    reader, wire = build_reader()
    running.hub.join(reader)
    running.hub.subscribe(reader, [BOOK])
    running.books.put(AAPL, {100: 1}, {})
    await until(lambda: wire.of("book", AAPL))
    wire.room = 0
    running.books.put(AAPL, {100: 2}, {})
    await until(lambda: reader.behind)
    wire.room = None
    running.books.put(AAPL, {100: 3}, {})
    await until(lambda: rebuild(wire.of("book", AAPL)) == ({100: 3}, {}))
    assert wire.ended is None
    assert not reader.behind


async def test_one_who_stays_behind_is_dropped_and_harms_nobody(running):
    slow, slow_wire = build_reader()
    good, good_wire = build_reader()
    for reader in (slow, good):
        running.hub.join(reader)
        running.hub.subscribe(reader, [BOOK])
    running.books.put(AAPL, {100: 1}, {})
    await until(lambda: slow_wire.of("book", AAPL) and good_wire.of("book", AAPL))
    slow_wire.room = 0
    number = 1
    while slow_wire.ended is None:
        number += 1
        assert number < 100
        running.books.put(AAPL, {100: number}, {})
        await asyncio.sleep(0.1)
    assert slow_wire.ended == 4408
    await until(lambda: rebuild(good_wire.of("book", AAPL)) == ({100: number}, {}))
    assert all(frame["type"] == "diff" for frame in good_wire.of("book", AAPL)[1:])


async def test_a_new_publisher_begins_with_a_snapshot(running):
    reader, wire = build_reader()
    running.hub.join(reader)
    running.hub.subscribe(reader, [BOOK])
    running.books.put(AAPL, {100: 1}, {})
    await until(lambda: rebuild(wire.of("book", AAPL)) == ({100: 1}, {}))
    running.tasks[1].cancel()
    other = Publisher(running.feed, running.books, running.bus, WallClock())
    running.tasks.append(asyncio.create_task(other.run()))
    running.books.put(AAPL, {99: 4}, {})
    other.want({"lines": [[*BOOK, 1]]})
    await until(lambda: rebuild(wire.of("book", AAPL)) == ({99: 4}, {}))
    running.books.put(AAPL, {99: 5}, {})
    await until(lambda: rebuild(wire.of("book", AAPL)) == ({99: 5}, {}))
    assert wire.of("book", AAPL)[-1]["type"] == "diff"


async def test_an_unsubscribed_line_is_silent_and_what_nobody_wants_is_not_looked_at(running):
    reader, wire = build_reader()
    running.hub.join(reader)
    running.hub.subscribe(reader, [BOOK, Key("trades", AAPL)])
    await until(lambda: wire.of("book", AAPL) and wire.of("trades", AAPL))
    running.hub.unsubscribe(reader, [BOOK])
    running.books.put(AAPL, {100: 5}, {})
    running.books.trade(AAPL, 100, 2)
    await until(lambda: len(wire.of("trades", AAPL)) == 2)
    assert len(wire.of("book", AAPL)) == 1
    assert wire.of("trades", AAPL)[1]["trades"][0]["lots"] == 2


async def test_a_session_that_ended_takes_its_readers_with_it(running):
    gone: set[str] = set()

    def stands(token: str) -> bool:
        return token not in gone

    wires: dict[str, list[FakeWire]] = {}
    for token in ("a", "a", "b"):
        reader, wire = build_reader(token)
        reader.here = partial(stands, token)
        running.hub.join(reader)
        wires.setdefault(token, []).append(wire)
    gone.add("a")
    await until(lambda: all(wire.ended == 4401 for wire in wires["a"]))
    assert wires["b"][0].ended is None
    await until(lambda: any(frame["type"] == "heartbeat" for frame in wires["b"][0].frames))
