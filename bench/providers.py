"""Two providers on loopback in a process of their own: one takes every request and never answers, one streams at once.

Run as `python -m bench.providers`; prints both addresses as one JSON line and serves until its input ends.
"""

from __future__ import annotations

import asyncio
import json
import sys

WORDS = ("It ", "is ", "ready.")


def _event(body: dict[str, object]) -> bytes:
    data = f"data: {json.dumps({'id': 'x', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'm', **body})}\n\n"
    return f"{len(data):x}\r\n{data}\r\n".encode()


def _answer() -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    deltas: list[tuple[dict[str, object], str | None]] = [({"role": "assistant", "content": w}, None) for w in WORDS]
    events = [
        _event({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
        for delta, finish in (*deltas, ({}, "stop"))
    ]
    usage = {"prompt_tokens": 20, "completion_tokens": 3, "total_tokens": 23}
    return head + b"".join(events) + _event({"choices": [], "usage": usage}) + b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"


async def _serve() -> None:
    answer = _answer()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65536):
            pass
        writer.close()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = head.partition("content-length: ")[2].partition("\r\n")[0]
                await reader.readexactly(int(length or 0))
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    servers = [await asyncio.start_server(serve, "127.0.0.1", 0) for serve in (hang, speak)]
    addresses = [f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1" for server in servers]
    sys.stdout.write(json.dumps(addresses) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
