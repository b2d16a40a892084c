"""`tenor bench run order_http`: orders over HTTP to a whole running desk, journal, ledger and venue included.

Sixteen kept connections, each with one order in flight: market orders of one share, bought and sold in
turn. `cpu_us` is the server's CPU for one signed order on the hot route, all threads, less what the
desk uses when idle; `p50_us`, `p99_us` what the client sees with every connection always waiting for an
answer, `paced_*` at 200 orders a second, each timed from the moment it was due; `chat_*` as the first
while somebody chats; `first_order_ms` the very first order of the desk, nothing warmed up;
`spin_p99_us` is how long a 25 µs loop takes on this machine at its 99th percentile: the noise in
which the others stand. The ratio `fastapi_route` is the FastAPI route's CPU for the same orders by
bearer key, in the same process, over `cpu_us`.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.report import Report
from bench.serving import Served, serve_desk
from desk.identity.signing import Request, sign

CONNECTIONS, WARM, ORDERS, ROUTE_ORDERS, LONGEST_S = 16, 400, 6_000, 2_000, 60.0
PACED, PACE = 1_000, 200
QUESTION = "What is Microsoft trading at?"


class _Key(NamedTuple):
    id: str
    secret: str
    token: str


class _Series(NamedTuple):
    cpu_us: float | None
    p50_us: float
    p99_us: float
    rate: float
    created: int


def run() -> Report:
    """Correct when every order answered 201 and stands in the desk's own list, filled, once."""
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as home, serve_desk(Path(home)) as desk:
        if desk is None:
            return Report("order_http", False, {}, missing=["the desk did not start"])
        made = desk.command("keys", "create", "--as", "trader", "--scope", "trade,read,chat", "--expires", "1d")
        token = str(made["secret"])
        return _measure(desk, _Key(str(made["id"]), token.partition(".")[2], token))


def _measure(desk: Served, key: _Key) -> Report:
    idle = desk.idle_share()
    spin = _spin_p99_us()
    first = _series(desk, _signed(desk, key, "first", 1), idle)
    _series(desk, _signed(desk, key, "warm", WARM), idle)
    hot = _series(desk, _signed(desk, key, "hot", ORDERS), idle)
    route = _series(desk, _by_bearer(desk, key, "route", ROUTE_ORDERS), idle)
    again = _series(desk, _signed(desk, key, "again", ORDERS), idle)
    paced = _series(desk, _signed(desk, key, "paced", PACED), idle, PACE)
    with _Chatting(desk, key) as chat:
        busy = _series(desk, _signed(desk, key, "busy", ORDERS), idle)
    metrics: dict[str, float | None] = {
        "cpu_us": _mean(hot.cpu_us, again.cpu_us),
        "p50_us": min(hot.p50_us, again.p50_us),
        "p99_us": min(hot.p99_us, again.p99_us),
        "rate": max(hot.rate, again.rate),
        "first_order_ms": round(first.p50_us / 1_000, 1),
        "paced_p50_us": paced.p50_us,
        "paced_p99_us": paced.p99_us,
        "paced_rate": PACE,
        "spin_p99_us": spin,
        "chat_p50_us": busy.p50_us,
        "chat_p99_us": busy.p99_us,
        "chat_turns": chat.turns,
        "route_cpu_us": route.cpu_us,
        "route_p50_us": route.p50_us,
    }
    cpu = metrics["cpu_us"]
    ratios = {} if not cpu or route.cpu_us is None else {"fastapi_route": round(route.cpu_us / cpu, 2)}
    sent = 1 + WARM + 3 * ORDERS + ROUTE_ORDERS + PACED
    all_created = sum(s.created for s in (first, hot, route, again, paced, busy)) == sent - WARM
    return Report("order_http", all_created and _all_filled(desk, key, sent), metrics, ratios)


def _body(name: str, n: int) -> bytes:
    ticket = {
        "account": "desk-1",
        "instrument": "XNAS:MSFT",
        "side": "sell" if n % 2 else "buy",
        "quantity": 1,
        "client_id": f"{name}-{n}",
    }
    return json.dumps(ticket, separators=(",", ":")).encode()


def _request(desk: Served, headers: dict[str, str], body: bytes) -> bytes:
    host = desk.address.removeprefix("http://")
    lines = [f"{name}: {value}" for name, value in {"host": host, **headers}.items()]
    head = "\r\n".join(["POST /v1/orders HTTP/1.1", *lines, f"content-length: {len(body)}", "", ""])
    return head.encode() + body


def _signed(desk: Served, key: _Key, name: str, count: int) -> list[bytes]:
    url, created, found = f"{desk.address}/v1/orders", int(time.time()), []
    for n in range(count):
        body = _body(name, n)
        signed = sign(Request("POST", url, body), key.id, key.secret, created, life_s=240)
        found.append(_request(desk, {"content-type": "application/json", **signed.headers()}, body))
    return found


def _by_bearer(desk: Served, key: _Key, name: str, count: int) -> list[bytes]:
    headers = {"content-type": "application/json", "authorization": f"Bearer {key.token}"}
    return [_request(desk, headers, _body(name, n)) for n in range(count)]


def _series(desk: Served, requests: Sequence[bytes], idle: float | None, pace: float | None = None) -> _Series:
    before, began = desk.cpu_s(), time.perf_counter()
    spent, created = asyncio.run(_send_all(desk, requests, pace))
    wall, after = time.perf_counter() - began, desk.cpu_s()
    spent.sort()
    cpu = None
    if before is not None and after is not None and idle is not None:
        cpu = round((after - before - idle * wall) / len(spent) * 1e6, 1)
    return _Series(cpu, round(_at(spent, 0.5), 1), round(_at(spent, 0.99), 1), round(len(spent) / wall), created)


async def _send_all(desk: Served, requests: Sequence[bytes], pace: float | None) -> tuple[list[float], int]:
    """Microseconds of each answer, and how many were 201; every connection takes the next request that waits.

    With `pace` request n is due n ÷ pace seconds after the first, and timed from then.
    """
    host, _, port = desk.address.removeprefix("http://").rpartition(":")
    waiting, spent, created = iter(enumerate(requests)), list[float](), 0
    began = time.perf_counter_ns() + 100_000_000

    async def one() -> None:
        nonlocal created
        reader, writer = await asyncio.open_connection(host, int(port))
        for n, request in waiting:
            sent = time.perf_counter_ns()
            if pace:
                sent = began + int(n / pace * 1e9)
                await asyncio.sleep(max(0.0, (sent - time.perf_counter_ns()) / 1e9))
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
            await reader.readexactly(length)
            spent.append((time.perf_counter_ns() - sent) / 1_000)
            created += head.startswith(b"HTTP/1.1 201")
        writer.close()

    await asyncio.wait_for(asyncio.gather(*(one() for _ in range(CONNECTIONS))), LONGEST_S)
    return spent, created


class _Chatting:
    """Somebody who asks one question after another, at most 200, while the block runs."""

    def __init__(self, desk: Served, key: _Key) -> None:
        self._desk, self._key, self._stop = desk, key, threading.Event()
        self._thread = threading.Thread(target=self._chat, daemon=True)
        self.turns = 0

    def __enter__(self) -> _Chatting:
        self._thread.start()
        return self

    def __exit__(self, *failed: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def _chat(self) -> None:
        headers = {"authorization": f"Bearer {self._key.token}", "content-type": "application/json"}
        body = json.dumps({"message": QUESTION}).encode()
        while not self._stop.is_set() and self.turns < 200:
            request = urllib.request.Request(f"{self._desk.address}/v1/chat", body, headers)
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    self.turns += b"event: answer" in answer.read()
            except (urllib.error.URLError, OSError):
                return


def _all_filled(desk: Served, key: _Key, sent: int) -> bool:
    """Whether the desk lists every order once, filled; its pages are read to the end."""
    found: list[tuple[str, str]] = []
    before = ""
    while True:
        url = f"{desk.address}/v1/orders?limit=1000&before={before}"
        request = urllib.request.Request(url, headers={"authorization": f"Bearer {key.token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            page = json.load(answer)
        found += [(order["client_id"], order["state"]) for order in page["orders"]]
        before = page["older"]
        if not before:
            break
    return len(found) == len({client_id for client_id, _ in found}) == sent and {s for _, s in found} == {"filled"}


def _spin_p99_us() -> float:
    spent = []
    for _ in range(4_000):
        began = time.perf_counter_ns()
        while time.perf_counter_ns() - began < 25_000:
            pass
        spent.append((time.perf_counter_ns() - began) / 1_000)
    spent.sort()
    return round(_at(spent, 0.99), 1)


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _mean(*values: float | None) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 1) if known else None
