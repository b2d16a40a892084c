"""What a reader's frames are written to.

The server this product starts speaks WebSocket through `FeedProtocol`: uvicorn's own protocol plus an
ASGI extension by which a frame that was encoded once goes to a socket as it is, without a task, a
queue or another encoding per reader, and never waits. Under any other ASGI server a queue and a task
per reader do the same, at a higher price.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket as sockets
from typing import Protocol

from fastapi import WebSocket, WebSocketDisconnect
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from api.feed.frames import payload_of

EXTENSION = "tenor.wire"
SEND_BUFFER = 131_072
"""Bytes that the kernel holds for a reader; without a bound it would hide a slow one for megabytes."""

GRACE_S = 2.0
BACKLOG = 128


class Wire(Protocol):
    """Writes frames in order and never waits."""

    def write(self, framed: bytes) -> bool:
        """Sends one frame; False when the reader is behind: nothing was sent."""
        ...

    def end(self, code: int, reason: str) -> None:
        """Closes, also towards a reader that reads nothing any more."""
        ...


class FeedProtocol(WebSocketsSansIOProtocol):
    """The WebSocket protocol of the server, as a `Wire` to those routes that ask for it."""

    def handle_connect(self, event: Request) -> None:
        """Offers the extension to the application."""
        super().handle_connect(event)
        if not self.handshake_complete:
            self.scope["extensions"][EXTENSION] = {"wire": self}

    def bound(self) -> None:
        """Bounds what the kernel holds for this reader."""
        raw = self.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, SEND_BUFFER)

    def write(self, framed: bytes) -> bool:
        """See `Wire.write`."""
        if not self.writable.is_set():
            return False
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(framed)
        return True

    def end(self, code: int, reason: str) -> None:
        """See `Wire.end`: a reader that has not taken the close frame after two seconds is cut off."""
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(GRACE_S, self.transport.abort)


class QueueWire:
    """A bounded queue and a task that sends from it."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(BACKLOG)
        self._task = asyncio.create_task(self._send())

    def write(self, framed: bytes) -> bool:
        """See `Wire.write`."""
        try:
            self._queue.put_nowait(framed)
        except asyncio.QueueFull:
            return False
        return True

    def end(self, code: int, reason: str) -> None:
        """See `Wire.end`."""
        self._task.cancel()
        self._task = asyncio.create_task(self._close(code, reason))

    async def _close(self, code: int, reason: str) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            await asyncio.wait_for(self._socket.close(code, reason), GRACE_S)

    async def _send(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                await self._socket.send_text(payload_of(await self._queue.get()).decode())


def wire_of(socket: WebSocket) -> Wire:
    """The cheapest wire that the server offers; the socket was accepted."""
    offered = (socket.scope.get("extensions") or {}).get(EXTENSION)
    if offered is None:
        return QueueWire(socket)
    protocol: FeedProtocol = offered["wire"]
    protocol.bound()
    return protocol
