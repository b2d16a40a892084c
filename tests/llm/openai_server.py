"""A real HTTP server on loopback that speaks the OpenAI chat protocol, with the faults real ones have."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

PROMPT_TOKENS, COMPLETION_TOKENS = 11, 7
Kind = Literal["status", "hang", "hang_after", "cut", "end", "endless", "garbage", "type", "error_event"]


@dataclass(frozen=True)
class Fault:
    """What goes wrong: an HTTP `status` (with `retry_after`), nothing ever, nothing after the first token, a
    connection cut or ended after it, tokens without end, events that are no JSON, a page of HTML, an error event.
    """

    kind: Kind
    status: int = 500
    retry_after: str = ""


Reply = Callable[[dict], "dict | str | int | Fault"]


class OpenAiServer:
    """Answers each request with what `reply` returns: a message, raw text, an HTTP status or a fault.

    Streams when asked to. `usage` false: never says how many tokens. `hung_up` counts clients that left first.
    """

    def __init__(
        self, reply: Reply, delay_s: float = 0.0, *, usage: bool = True, tls: ssl.SSLContext | None = None
    ) -> None:
        self.requests: list[dict] = []
        self.hung_up = 0
        self._reply, self._delay_s, self._usage, self._tls = reply, delay_s, usage, tls
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.Task] = set()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}/v1"

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls, backlog=256)

    async def _stop(self) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; False when the connection must end."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n"))}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if head.startswith("GET"):
            await _send(writer, 200, json.dumps({"data": []}))
            return True
        request = json.loads(body)
        self.requests.append({**request, "authorization": headers.get("authorization")})
        await asyncio.sleep(self._delay_s)
        answer = self._reply(request)
        if isinstance(answer, Fault):
            gone = asyncio.create_task(reader.read(1))  # a client says nothing more until it leaves
            try:
                await self._fail(answer, writer, gone)
            except ConnectionError:
                self.hung_up += 1
            return False
        if isinstance(answer, int):
            await _send(writer, answer, json.dumps({"error": {"message": "no"}}))
        elif isinstance(answer, str):
            await _send(writer, 200, answer)
        elif request.get("stream"):
            await self._stream(writer, answer, request)
        else:
            await _send(writer, 200, json.dumps(self._whole(answer)))
        return True

    async def _fail(self, fault: Fault, writer: asyncio.StreamWriter, gone: asyncio.Task) -> None:
        if fault.kind == "status":
            more = f"retry-after: {fault.retry_after}\r\n" if fault.retry_after else ""
            await _send(writer, fault.status, json.dumps({"error": {"message": "no"}}), more=more)
        elif fault.kind == "type":
            await _send(writer, 200, "<html>sign in to the network</html>", "text/html")
        elif fault.kind == "hang":
            await gone
            self.hung_up += 1
        else:
            await _begin(writer)
            await self._break(fault, writer, gone)

    async def _break(self, fault: Fault, writer: asyncio.StreamWriter, gone: asyncio.Task) -> None:
        await _event(writer, {"content": "Half "})
        if fault.kind == "hang_after":
            await gone
            self.hung_up += 1
        elif fault.kind == "cut":
            writer.transport.abort()
        elif fault.kind == "end":
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        elif fault.kind == "garbage":
            await _chunk(writer, b"data: {not json]\n\n")
        elif fault.kind == "error_event":
            await _chunk(writer, b'data: {"error": {"message": "overloaded", "code": 500}}\n\n')
        while fault.kind == "endless":
            await _event(writer, {"content": "more "})
            await asyncio.sleep(0.0005)

    async def _stream(self, writer: asyncio.StreamWriter, answer: dict, request: dict) -> None:
        await _begin(writer)
        for delta in _deltas(answer):
            await _event(writer, delta)
        await _event(writer, {}, finish="tool_calls" if answer.get("tool_calls") else "stop")
        if self._usage and (request.get("stream_options") or {}).get("include_usage"):
            await _chunk(writer, f"data: {json.dumps({**_head(), 'choices': [], 'usage': _usage()})}\n\n".encode())
        await _chunk(writer, b"data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    def _whole(self, answer: dict) -> dict:
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **answer}}
        body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        return {**body, "usage": _usage()} if self._usage else body


def _usage() -> dict:
    total = PROMPT_TOKENS + COMPLETION_TOKENS
    return {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": COMPLETION_TOKENS, "total_tokens": total}


def _head() -> dict:
    return {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def _deltas(answer: dict) -> list[dict]:
    """A message in the pieces a provider sends: words, and calls with their arguments in two halves."""
    words = (answer.get("content") or "").split(" ")
    found: list[dict] = [{"content": word if n == 0 else f" {word}"} for n, word in enumerate(words) if word or n]
    for index, call in enumerate(answer.get("tool_calls") or ()):
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        half = len(arguments) // 2
        first = {"index": index, "id": call["id"], "type": "function"}
        found.append({"tool_calls": [{**first, "function": {"name": name, "arguments": arguments[:half]}}]})
        found.append({"tool_calls": [{"index": index, "function": {"arguments": arguments[half:]}}]})
    return found


async def _begin(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    await writer.drain()


async def _event(writer: asyncio.StreamWriter, delta: dict, finish: str | None = None) -> None:
    choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}
    await _chunk(writer, f"data: {json.dumps({**_head(), 'choices': [choice]})}\n\n".encode())


async def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    await writer.drain()


async def _send(
    writer: asyncio.StreamWriter, status: int, body: str, kind: str = "application/json", more: str = ""
) -> None:
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(body.encode())}\r\n{more}\r\n"
    writer.write(head.encode() + body.encode())
    await writer.drain()
