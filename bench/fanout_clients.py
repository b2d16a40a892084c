"""The clients of `bench fanout`, in a process of their own: many WebSockets, one parser, one book each a line.

Reads one JSON line `{host, port, token, instruments, clients, seconds}` on stdin, connects, subscribes
and says `ready`; at `go` it counts for `seconds`, says `counted`, then checks every client's books
against snapshots that it asks for, and writes one JSON line of what it found.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
import sys
import time
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

AT_ONCE, LONGEST_S, CHECK_S = 50, 60.0, 15.0
MEMO = 4_096
"""Distinct payloads remembered: every client gets the same bytes, one of them is parsed."""


@dataclass
class Tally:
    """What all clients of the process saw together; latencies in tenths of a millisecond."""

    whole: int = 0
    frames: int = 0
    gaps: int = 0
    verified: int = 0
    counting: bool = False
    checking: bool = False
    again: list[tuple[Client, str]] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    memo: dict[bytes, dict[str, Any]] = field(default_factory=dict)

    def parse(self, payload: bytes) -> dict[str, Any]:
        """The object of a payload."""
        found = self.memo.get(payload)
        if found is None:
            if len(self.memo) >= MEMO:
                self.memo.clear()
            found = self.memo[payload] = orjson.loads(payload)
        return found


@dataclass
class Book:
    """One client's copy of a book: lots by price, a side each."""

    n: int = 0
    sides: tuple[dict[int, int], dict[int, int]] = field(default_factory=lambda: ({}, {}))

    def apply(self, frame: dict[str, Any]) -> None:
        """Takes the changed levels."""
        self.n = frame["n"]
        for side, changed in zip(self.sides, (frame["bids"], frame["asks"]), strict=True):
            for price, lots in changed:
                if lots:
                    side[price] = lots
                else:
                    side.pop(price, None)


class Client(asyncio.Protocol):
    """One reader: it answers pings, keeps its books, and counts."""

    def __init__(self, tally: Tally) -> None:
        self._tally, self._buffer, self.open = tally, b"", False
        self.books: dict[str, Book] = {}
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way to write."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Cuts the stream into frames."""
        data = self._buffer + data if self._buffer else data
        at, end = 0, len(data)
        if not self.open:
            head = data.find(b"\r\n\r\n")
            if head < 0:
                self._buffer = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(data[:200].decode(errors="replace"))
            self.open, at = True, head + 4
        while end - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                if end - at < 4:
                    break
                size, start = (data[at + 2] << 8) | data[at + 3], at + 4
            if end - start < size:
                break
            if data[at] == 0x81:
                self._take(data[start : start + size])
            elif data[at] == 0x89 and self.transport is not None:  # a ping: its pong, masked with zeros
                self.transport.write(struct.pack("!BBI", 0x8A, 0x80 | size, 0) + data[start : start + size])
            at = start + size
        self._buffer = data[at:]

    def _take(self, payload: bytes) -> None:
        tally = self._tally
        frame = tally.parse(payload)
        kind = frame["type"]
        if kind not in ("diff", "snapshot"):
            return
        book = self.books.setdefault(frame["instrument"], Book())
        if kind == "diff":
            if tally.counting:
                tally.frames += 1
                tally.late.append(int((time.time() - frame["sent"]) * 10_000))
            tally.gaps += frame["n"] != book.n + 1
            book.apply(frame)
            return
        fresh = Book()
        fresh.apply(frame)
        tally.whole += not book.n
        if tally.checking and fresh.n != book.n:  # diffs were on their way: this snapshot stands for them
            tally.again.append((self, frame["instrument"]))
        elif tally.checking:
            tally.verified += fresh == book
        self.books[frame["instrument"]] = fresh

    def say(self, op: str, instruments: list[str]) -> None:
        """Sends one message, masked with zeros."""
        message = {"op": op, "channel": "book", "instruments": instruments, "id": "x" * 64}
        payload = json.dumps(message).encode()
        if self.transport is None or not 126 <= len(payload) < 65_536:
            raise ValueError(f"a message of {len(payload)} bytes is not what this client was made for")
        self.transport.write(struct.pack("!BBHI", 0x81, 0x80 | 126, len(payload), 0) + payload)


def _handshake(host: str, port: int, token: str) -> bytes:
    lines = [
        "GET /v1/market/stream HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"Authorization: Bearer {token}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


async def _connect(plan: dict[str, Any], tally: Tally) -> list[Client]:
    loop, clients = asyncio.get_running_loop(), list[Client]()
    for first in range(0, plan["clients"], AT_ONCE):
        count = min(AT_ONCE, plan["clients"] - first)
        made = [loop.create_connection(lambda: Client(tally), plan["host"], plan["port"]) for _ in range(count)]
        for transport, client in await asyncio.gather(*made):
            transport.write(_handshake(plan["host"], plan["port"], plan["token"]))
            clients.append(client)
        await _until(lambda: sum(client.open for client in clients), len(clients))
    for client in clients:
        client.say("subscribe", plan["instruments"])
    await _until(lambda: tally.whole, len(clients) * len(plan["instruments"]))
    return clients


async def _until(count: Any, wanted: int) -> None:  # noqa: ANN401 - any way to count
    ends = time.monotonic() + LONGEST_S
    while count() < wanted and time.monotonic() < ends:
        await asyncio.sleep(0.05)


async def _run(plan: dict[str, Any]) -> dict[str, Any]:
    tally = Tally()
    clients = await _connect(plan, tally)
    _say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    tally.counting = True
    await asyncio.sleep(plan["seconds"])
    tally.counting = False
    _say("counted")
    tally.checking = True
    wanted = len(clients) * len(plan["instruments"])
    for first in range(0, len(clients), AT_ONCE):
        for client in clients[first : first + AT_ONCE]:
            client.say("resync", plan["instruments"])
        await asyncio.sleep(0.05)
    ends = time.monotonic() + CHECK_S
    while tally.verified < wanted and time.monotonic() < ends:
        await asyncio.sleep(0.3)
        again, tally.again = tally.again, []
        for client, instrument in again:
            client.say("resync", [instrument])
    late = sorted(tally.late)
    places = {name: late[int(len(late) * share)] * 100 if late else 0 for name, share in (("p50", 0.5), ("p99", 0.99))}
    found = {"frames": tally.frames, "gaps": tally.gaps, "verified": tally.verified, "wanted": wanted}
    return {**found, **places, "clients": len(clients)}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """See the module."""
    import uvloop

    plan = json.loads(sys.stdin.readline())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        _say(json.dumps(runner.run(_run(plan))))


if __name__ == "__main__":
    main()
