"""Runs one request of the door while its client waits: whole or as a stream, and not a moment longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from api.openai import errors
from api.openai.answers import Chunks, Heading, Outcome, event, whole
from desk.errors import TenorError

PING_S = 15.0
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}

Said = str | Outcome | TenorError | None
Emit = Callable[[str], None]
Work = Callable[[Emit], Awaitable[Outcome]]


class Running:
    """Work that ends when its client leaves. What it emits comes first, then its outcome or error, then None."""

    def __init__(self, request: Request, work: Work, done: Callable[[], None]) -> None:
        self._said: asyncio.Queue[Said] = asyncio.Queue()
        self._task = asyncio.create_task(self._run(work))
        self._task.add_done_callback(lambda _: self._finish(done))
        self._watch = asyncio.create_task(self._until_gone(request))

    async def next(self) -> Said:
        """What comes next; an empty text when nothing came for a while."""
        try:
            return await asyncio.wait_for(self._said.get(), PING_S)
        except TimeoutError:
            return ""

    def stop(self) -> None:
        """Ends the work, if it still runs; its money is settled by whoever spends it."""
        self._watch.cancel()
        self._task.cancel()

    async def _run(self, work: Work) -> None:
        try:
            self._said.put_nowait(await work(self._said.put_nowait))
        except TenorError as error:
            self._said.put_nowait(error)
        except Exception:  # noqa: BLE001 - a client must be told, whatever failed
            structlog.get_logger("openai").exception("request failed")
            self._said.put_nowait(TenorError("the answer failed unexpectedly; ask again"))

    def _finish(self, done: Callable[[], None]) -> None:
        self._watch.cancel()
        self._said.put_nowait(None)
        done()

    async def _until_gone(self, request: Request) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        self._task.cancel()


async def answer(running: Running, heading: Heading) -> Response:
    """The whole answer as JSON; an empty one when nobody waits any more."""
    try:
        while True:
            said = await running.next()
            if isinstance(said, Outcome):
                return JSONResponse(whole(heading, said), headers=HEADERS)
            if isinstance(said, TenorError):
                return failure(said)
            if said is None:
                return Response(status_code=499)
    finally:
        running.stop()


async def stream(running: Running, heading: Heading, *, usage: bool) -> Response:
    """The answer as events. A failure before anything was said keeps its HTTP status; later it is an event."""
    try:
        first = await running.next()
    except asyncio.CancelledError:
        running.stop()
        raise
    if isinstance(first, TenorError):
        return failure(first)
    body = _events(running, first, Chunks(heading, usage=usage))
    return StreamingResponse(body, media_type="text/event-stream", headers=HEADERS)


async def _events(running: Running, said: Said, chunks: Chunks) -> AsyncGenerator[str, None]:
    try:
        yield chunks.opening()
        while said is not None:
            if isinstance(said, Outcome):
                yield chunks.ending(said)
                return
            if isinstance(said, TenorError):
                yield event(errors.of_error(said)[1])
                return
            yield chunks.text(said) if said else ": still working\n\n"
            said = await running.next()
    finally:
        running.stop()


def failure(error: TenorError) -> JSONResponse:
    """An error of the door as a response."""
    status, body, headers = errors.of_error(error)
    return JSONResponse(body, status_code=status, headers=headers)
