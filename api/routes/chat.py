"""Chat with the supervisor as a stream of server-sent events, and one's own conversations."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

import structlog
from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, JsonValue

from agents.request import check_question
from api.deps import Asker, RuntimeDep
from api.errors import of_error, problem
from desk.errors import TenorError
from desk.identity.roles import Person
from desk.locales import accepted, locale_of
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1", tags=["chat"])
PING_S = 15.0


class Question(BaseModel):
    """What the person asks; `thread` continues a conversation of theirs, `agent` answers instead of the routed ones.

    `locale` says how numbers are written, else the person's profile does, else Accept-Language.
    """

    message: str
    thread: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9_-]*$")
    agent: str = Field(default="", max_length=64, pattern=r"^[a-z_]*$")
    locale: str = Field(default="", max_length=16, pattern=r"^[A-Za-z_-]*$")


class ThreadView(BaseModel):
    """One conversation."""

    id: str
    title: str
    updated_at: str


class Threads(BaseModel):
    """One's own conversations, newest first."""

    threads: list[ThreadView]


class TurnView(BaseModel):
    """One question with its answer."""

    asked_at: str
    question: str
    answer: dict[str, JsonValue]


class ThreadDetail(BaseModel):
    """All turns of a conversation, oldest first."""

    id: str
    turns: list[TurnView]


def _frame(event: str, body: object) -> str:
    return f"event: {event}\ndata: {json.dumps(body, separators=(',', ':'), default=str)}\n\n"


async def _events(runtime: Runtime, person: Person, body: Question) -> AsyncIterator[str]:
    """The run's events as frames; the run is cancelled when the reader leaves."""
    queue: asyncio.Queue[tuple[str, object]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def announce(event: str, payload: dict[str, object]) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, (event, payload))

    async def work() -> None:
        try:
            answer = await runtime.ask(body.message, person, body.thread, announce, body.agent, locale=body.locale)
            queue.put_nowait(("answer", answer))
        except TenorError as error:
            queue.put_nowait(("error", of_error(error)))
        except Exception:  # noqa: BLE001 - the stream must end with a sentence, whatever failed
            structlog.get_logger("chat").exception("run failed")
            queue.put_nowait(("error", problem(500, "internal", "the answer failed unexpectedly; ask again")))
        queue.put_nowait(("done", {}))

    task = asyncio.create_task(work())
    try:
        while True:
            try:
                event, payload = await asyncio.wait_for(queue.get(), PING_S)
            except TimeoutError:
                yield ": still working\n\n"
                continue
            yield _frame(event, payload)
            if event == "done":
                return
    finally:
        task.cancel()


@router.post("/chat")
async def chat(
    body: Question, runtime: RuntimeDep, person: Asker, accept_language: Annotated[str, Header()] = ""
) -> StreamingResponse:
    """Asks; answers with `text/event-stream` (see docs/api.md for the events and their order)."""
    check_question(body.message)
    if not locale_of(body.locale).name and not runtime.desk.people.profile(person.name).get("locale"):
        body = body.model_copy(update={"locale": accepted(accept_language)})
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_events(runtime, person, body), media_type="text/event-stream", headers=headers)


@router.get("/threads")
def list_threads(runtime: RuntimeDep, person: Asker) -> Threads:
    """One's own conversations."""
    found = runtime.conversations.all(person)
    return Threads(threads=[ThreadView(id=t.id, title=t.title, updated_at=t.updated_at) for t in found])


@router.get("/threads/{id}")
def read_thread(id: str, runtime: RuntimeDep, person: Asker) -> ThreadDetail:
    """All turns of one's own conversation."""
    turns = [TurnView.model_validate(turn) for turn in runtime.conversations.turns(person, id)]
    return ThreadDetail(id=id, turns=turns)


@router.delete("/threads/{id}", status_code=204)
def forget_thread(id: str, runtime: RuntimeDep, person: Asker) -> None:
    """Deletes one's own conversation."""
    runtime.forget(person, id)
