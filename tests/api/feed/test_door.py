"""The market stream of a served desk, over real sockets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from api.app import build_app
from api.feed.wire import FeedProtocol
from tests.api.feed.fake_books import FakeBooks
from tests.api.feed.fake_reader import rebuild
from tests.api.feed.test_hub import until

AAPL, MSFT = "XNAS:AAPL", "XNAS:MSFT"


@dataclass
class Live:
    """A served desk over books that the test moves."""

    runtime: object
    books: FakeBooks
    port: int
    token: str

    def connect(self, token: str | None = None) -> connect:
        cookie = {"Cookie": f"tenor_session={self.token if token is None else token}"}
        return connect(f"ws://127.0.0.1:{self.port}/v1/market/stream", additional_headers=cookie)


@pytest.fixture(params=["own wire", "any server"])
async def live(runtime, request):
    desk = runtime.desk
    desk.books = FakeBooks(AAPL, MSFT)
    listener = socket.create_server(("127.0.0.1", 0))
    protocol = FeedProtocol if request.param == "own wire" else "websockets-sansio"
    config = uvicorn.Config(build_app(runtime), log_config=None, ws=protocol, ws_per_message_deflate=False)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await until(lambda: server.started)
    yield Live(runtime, desk.books, listener.getsockname()[1], desk.sessions.create("analyst", door=False))
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def hear(client: ClientConnection, *kinds: str) -> Any:
    """The next frame of one of the kinds; heartbeats pass."""
    while True:
        frame = json.loads(await asyncio.wait_for(client.recv(), 10))
        if frame["type"] in kinds:
            return frame
        assert frame["type"] == "heartbeat", frame


async def say(client: ClientConnection, op: str, channel: str, *instruments: str, **more: object) -> None:
    await client.send(json.dumps({"op": op, "channel": channel, "instruments": instruments, **more}))


async def test_a_book_comes_whole_then_in_numbered_diffs_and_whole_again_when_asked(live):
    live.books.put(AAPL, {100: 5}, {102: 7})
    async with live.connect() as client:
        await say(client, "subscribe", "book", AAPL, id="mine")
        answer = await hear(client, "subscribed")
        assert (answer["id"], answer["channel"], answer["instruments"]) == ("mine", "book", [AAPL])
        frames = [await hear(client, "snapshot")]
        assert (frames[0]["tick"], frames[0]["currency"], frames[0]["bids"]) == ("0.01", "USD", [[100, 5]])
        live.books.put(AAPL, {99: 1}, {102: 7})
        frames.append(await hear(client, "diff"))
        assert rebuild(frames) == ({99: 1}, {102: 7})
        await say(client, "resync", "book", AAPL)
        again = await hear(client, "snapshot")
        assert (again["n"], rebuild([again])) == (frames[-1]["n"], rebuild(frames))


async def test_trades_bars_and_quotes(live):
    live.books.trade(MSFT, 41_000, 3)
    async with live.connect() as client:
        await say(client, "subscribe", "trades", MSFT)
        await hear(client, "subscribed")
        assert [row["lots"] for row in (await hear(client, "snapshot"))["trades"]] == [3]
        live.books.trade(MSFT, 41_010, 8)
        assert [(row["price"], row["lots"]) for row in (await hear(client, "diff"))["trades"]] == [(41_010, 8)]
        await say(client, "unsubscribe", "trades", MSFT)
        await hear(client, "unsubscribed")
        await say(client, "subscribe", "bars", MSFT)
        await hear(client, "subscribed")
        assert {"start", "open", "high", "low", "close"} <= set((await hear(client, "snapshot"))["bars"][0])
        await say(client, "unsubscribe", "bars", MSFT)
        await hear(client, "unsubscribed", "diff")
        await say(client, "subscribe", "quotes", MSFT)
        while (frame := await hear(client, "snapshot", "diff", "subscribed", "unsubscribed"))["type"] != "snapshot":
            continue
        assert frame["quote"]["instrument"] == MSFT


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("not json", "input"),
        ("[]", "input"),
        ('{"op":"subscribe","channel":"book"}', "input"),
        ('{"op":"subscribe","channel":"secrets","instruments":["XNAS:AAPL"]}', "input"),
        ('{"op":"subscribe","channel":"book","instruments":["XNAS:NONE"]}', "not_found"),
        ('{"op":"subscribe","channel":"book","instruments":[]}', "input"),
        ('{"op":"subscribe","channel":"book","instruments":[1e999]}', "input"),
        ('{"op":"resync","channel":"book","instruments":["XNAS:AAPL"]}', "input"),
        ('{"op":"subscribe","channel":"book","instruments":["XNAS:AAPL"],"more":1}', "input"),
        ("[" * 5_000, "input"),
    ],
)
async def test_what_cannot_be_understood_is_an_error_frame_and_harms_nothing(live, sent, told):
    async with live.connect() as client:
        await client.send(sent)
        assert (await hear(client, "error"))["code"] == told
        await say(client, "subscribe", "book", AAPL)
        await hear(client, "subscribed")


async def test_an_index_has_no_book(live):
    index = next(i.id for i in live.runtime.desk.feed.instruments if not i.tradable)
    async with live.connect() as client:
        await say(client, "subscribe", "book", index, id="i")
        error = await hear(client, "error")
        assert (error["id"], error["code"]) == ("i", "input")
        assert index in error["message"]


async def end_of(client: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            await asyncio.wait_for(client.recv(), 15)
    return closed.value.rcvd.code if closed.value.rcvd else 0


async def test_bounds_of_the_door_end_a_connection_with_their_code(live):
    async with live.connect() as client:
        await client.send(b"\x00\x01")
        assert await end_of(client) == 1003
    async with live.connect() as client:
        await client.send("x" * 20_000)
        assert await end_of(client) == 1009
    async with live.connect() as client:
        for _ in range(120):
            await say(client, "subscribe", "book", AAPL)
        assert await end_of(client) == 4429


async def test_nobody_hears_anything_without_a_session_or_after_it(live):
    async with live.connect("wrong") as client:
        assert await end_of(client) == 4401
    async with live.connect() as client:
        await say(client, "subscribe", "book", AAPL)
        await hear(client, "subscribed")
        live.runtime.desk.sessions.end(live.token)
        assert await end_of(client) == 4401


def handshake(live: Live) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET /v1/market/stream HTTP/1.1",
        f"Host: 127.0.0.1:{live.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Cookie: tenor_session={live.token}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def masked(message: Mapping[str, object]) -> bytes:
    payload = json.dumps(message).encode()
    return struct.pack("!BBHI", 0x81, 0x80 | 126, len(payload), 0) + payload


async def drain(stuck: socket.socket) -> bytes:
    """The last bytes that come before the end; an end by reset is `b"reset"`."""
    tail = b""
    while True:
        try:
            read = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(stuck, 1 << 20), 10)
        except ConnectionResetError:
            return b"reset"
        if not read:
            return tail
        tail = (tail + read)[-200:]


@pytest.mark.parametrize("live", ["own wire"], indirect=True)
async def test_a_reader_that_reads_nothing_is_dropped_and_others_miss_nothing(live):
    every = [instrument.id for instrument in live.runtime.desk.feed.instruments]
    loop = asyncio.get_running_loop()
    with socket.socket() as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        stuck.setblocking(False)
        await loop.sock_connect(stuck, ("127.0.0.1", live.port))
        await loop.sock_sendall(stuck, handshake(live))
        await asyncio.sleep(0.3)
        await loop.sock_sendall(stuck, masked({"op": "subscribe", "channel": "quotes", "instruments": every}))
        async with live.connect() as client:
            await say(client, "subscribe", "book", AAPL)
            await hear(client, "subscribed")
            frames, began, count = [await hear(client, "snapshot")], loop.time(), 0
            while loop.time() - began < 6.5:
                count += 1
                live.books.put(AAPL, {100: count}, {})
                if count <= 20:
                    for _ in range(4):
                        again = {"op": "resync", "channel": "quotes", "instruments": every}
                        await loop.sock_sendall(stuck, masked(again))
                frames.append(await hear(client, "diff"))
            assert rebuild(frames) == ({100: count}, {})
            assert len(frames) == count + 1
            tail = await drain(stuck)
            assert tail == b"reset" or struct.pack("!H", 4408) in tail
