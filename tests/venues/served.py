"""A made-up venue's server: HTTP and WebSocket on one port of this machine, with switches for faults."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

Handler = Callable[[], Awaitable[tuple[int, Any, dict[str, str]]]]

BEFORE = ("429", "500", "cut_before", "hang_before", "late")
AFTER = ("cut_after", "hang_after", "502_after")


@dataclass
class Faults:
    """`script` is used up request by request on the paths that hold `where`; then `share` of all fail at random.

    `before` faults do nothing else, `after` ones carry the request out and lose the answer, `late`
    carries it out when the client no longer waits. Events are doubled, swapped and lost by shares.
    """

    script: list[str] = field(default_factory=list)
    where: str = ""
    share: float = 0.0
    kinds: tuple[str, ...] = (*BEFORE, *AFTER)
    doubled: float = 0.0
    swapped: float = 0.0
    lost: float = 0.0
    hang_s: float = 1.0
    late_s: float = 0.6
    pause_s: int = 1
    random: random.Random = field(default_factory=lambda: random.Random(7))
    met: list[str] = field(default_factory=list)

    def next(self, path: str) -> str:
        found = ""
        if self.script and self.where in path:
            found = self.script.pop(0)
        elif not self.script and self.share and self.random.random() < self.share:
            found = self.random.choice(self.kinds)
        if found:
            self.met.append(found)
        return found


class VenueServer:
    """Serves `respond` over HTTP and feeds `subscribers`. `stop` and `start` keep the port."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.faults = faults or Faults()
        self.subscribers: list[asyncio.Queue[dict[str, Any]]] = []
        self.requests: list[tuple[str, str]] = []
        self._held: dict[str, Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def app(self) -> ASGIApp:
        raise NotImplementedError

    def start(self) -> None:
        config = uvicorn.Config(self._guarded(), host="127.0.0.1", port=self.port, log_level="critical", lifespan="off",
                                ws="websockets-sansio", timeout_graceful_shutdown=1)  # fmt: skip
        server = self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=server.run, name="venue", daemon=True)
        self._thread.start()
        ends = time.monotonic() + 10
        while not server.started and time.monotonic() < ends:
            time.sleep(0.01)
        assert server.started

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join(timeout=10)
            self._server = None
            self.subscribers.clear()

    def tell(self, event: dict[str, Any]) -> None:
        """Sends an event to all who listen; perhaps twice, after its successor, or not at all."""
        faults = self.faults
        if faults.random.random() < faults.lost:
            return
        if self._held is None and faults.random.random() < faults.swapped:
            self._held = event
            return
        events = [event] * (2 if faults.random.random() < faults.doubled else 1)
        if self._held is not None:
            events.append(self._held)
            self._held = None
        for each in events:
            for queue in list(self.subscribers):
                if self._loop is not None:
                    self._loop.call_soon_threadsafe(queue.put_nowait, each)

    def _guarded(self) -> ASGIApp:
        inner = self.app()

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            self._loop = asyncio.get_running_loop()
            if scope["type"] != "http":
                await inner(scope, receive, send)
                return
            self.requests.append((scope["method"], scope["path"]))
            await self._serve(inner, scope, receive, send, self.faults.next(scope["path"]))

        return guarded

    async def _serve(self, inner: ASGIApp, scope: Scope, receive: Receive, send: Send, fault: str) -> None:
        if fault in ("429", "418", "500", "503"):
            await _answer(send, int(fault), self.faults.pause_s)
        elif fault == "cut_before":
            await _cut(send)
        elif fault == "hang_before":
            await asyncio.sleep(self.faults.hang_s)
            await _cut(send)
        elif fault in ("late", *AFTER):
            body = await receive()
            await asyncio.sleep(self.faults.late_s if fault == "late" else 0)

            async def again() -> Any:
                return body

            async def nowhere(_: Any) -> None:
                return None

            await inner(scope, again, nowhere)
            await asyncio.sleep(self.faults.hang_s if fault == "hang_after" else 0)
            await (_answer(send, 502, 0) if fault == "502_after" else _cut(send))
        else:
            await inner(scope, receive, send)


async def _answer(send: Send, status: int, pause_s: int) -> None:
    headers = [(b"content-type", b"application/json")]
    if status in (429, 418):
        headers.append((b"retry-after", str(pause_s).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


async def _cut(send: Send) -> None:
    """Begins an answer and ends the connection before it is whole."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"999")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": False})
