"""The holder publishes, and hubs over a server of their own connection hear: as one process does of another."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import cast

import httpx
import pytest
from websockets.sync.client import connect

from api.feed.frames import Key
from api.feed.hub import Hub
from api.feed.publisher import Publisher
from desk.bus.bus import Event
from desk.bus.redis import RedisBus
from desk.clock import WallClock
from tests.api.feed.fake_books import FakeBooks
from tests.api.feed.fake_reader import build_reader, rebuild
from tests.api.feed.test_hub import until
from tests.api.running import Up, tenor
from tests.desk.trading.fake_feed import AAPL, FakeFeed
from tests.valkey import Valkey

pytestmark = pytest.mark.service
BOOK = Key("book", AAPL)


@pytest.fixture
async def two(tmp_path):
    """The server, the venue, the holder's hub and a second process's hub."""
    server = Valkey(tmp_path / "valkey", durable=False)
    buses = [RedisBus(server.url), RedisBus(server.url)]
    books, hubs = FakeBooks(AAPL), [Hub(bus) for bus in buses]
    publisher = Publisher(FakeFeed(), books, buses[0], WallClock())
    tasks = [asyncio.create_task(run()) for run in (*(hub.run for hub in hubs), publisher.run)]
    await asyncio.sleep(0.3)
    yield server, books, hubs
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    for bus in buses:
        await asyncio.to_thread(bus.close)
    server.kill()


def watch(hub: Hub):
    reader, wire = build_reader()
    hub.join(reader)
    hub.subscribe(reader, [BOOK])
    return wire


async def test_frames_of_the_holder_reach_the_second_process(two):
    _, books, hubs = two
    books.put(AAPL, {100: 1}, {101: 1})
    wires = [watch(hub) for hub in hubs]
    await until(lambda: all(wire.of("book", AAPL) for wire in wires))
    for lots in range(2, 8):
        books.put(AAPL, {100: lots, 90 + lots: 1}, {101: 1})
        await asyncio.sleep(0.11)
    await until(lambda: all(rebuild(wire.of("book", AAPL)) == ({100: 7, 97: 1}, {101: 1}) for wire in wires))
    diffs = [[raw for raw in wire.raw if b'"diff"' in raw] for wire in wires]
    assert diffs[0] == diffs[1]
    assert len(diffs[0]) >= 3


async def test_both_go_on_after_the_server_was_away(two):
    server, books, hubs = two
    books.put(AAPL, {100: 1}, {})
    wires = [watch(hub) for hub in hubs]
    await until(lambda: all(wire.of("book", AAPL) for wire in wires))
    await asyncio.to_thread(server.kill)
    for lots in range(2, 6):
        books.put(AAPL, {100: lots}, {})
        await asyncio.sleep(0.11)
    await asyncio.to_thread(server.start)
    books.put(AAPL, {99: 50}, {})
    await until(lambda: all(rebuild(wire.of("book", AAPL)) == ({99: 50}, {}) for wire in wires))


def test_a_running_desk_over_a_server_is_heard_by_another_process(tmp_path):
    server = Valkey(tmp_path / "valkey", durable=False)
    up = Up(tmp_path / "home", TENOR_REDIS_URL=server.url)
    bus = RedisBus(server.url)
    heard: list[Event] = []
    bus.listen("feed", heard.append)
    try:
        key = tenor(up.home, "keys", "create", "--scope", "trade,read", "--as", "trader").json["secret"]
        headers = {"Authorization": f"Bearer {key}"}
        url = up.address.replace("http://", "ws://") + "v1/market/stream"
        with connect(url, additional_headers=headers) as socket:
            socket.send(json.dumps({"op": "subscribe", "channel": "book", "instruments": ["XNAS:AAPL"]}))
            frames: list[dict[str, object]] = []
            while len(frames) < 3:
                frame = json.loads(socket.recv(timeout=20))
                if frame["type"] in {"snapshot", "diff"}:
                    frames.append(frame)
        sent = [frame for event in heard for frame in cast(list[dict[str, object]], event.body["frames"])]
        assert {(frame["kind"], frame["n"]) for frame in sent} >= {(frame["type"], frame["n"]) for frame in frames}
        order = {"account": "desk-1", "instrument": "XNAS:AAPL", "side": "buy", "quantity": 1, "client_id": "bus-1"}
        httpx.post(f"{up.address}v1/orders", json=order, headers=headers).raise_for_status()
        bodies = [event.body for event in bus.since("orders", 0)]
        assert "bus-1" in {body["client_id"] for body in bodies}
    finally:
        bus.close()
        up.stop()
        server.kill()


def test_a_desk_refuses_to_start_without_its_server(tmp_path):
    with pytest.raises(AssertionError, match="TENOR_REDIS_URL"):
        Up(tmp_path / "home", TENOR_REDIS_URL="redis://127.0.0.1:1/0")
