"""Order entry over one WebSocket: place, amend, cancel, cancel all, through the same gate as every other door.

A client opens `/v1/orders/entry` as a signed-in browser, with an API key of scope `trade` as bearer,
or with a signed handshake (the profile of the hot route; GET, empty body, the `http` address). Every
message is one JSON object and gets one answer, in order, with the message's own `id`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from api import errors
from api.deps import KEY_SCOPES, find_caller, working_person
from api.placing import (
    Ack,
    amend_one,
    cancel_many,
    cancel_one,
    placed_view,
    propose_held,
    submit_ticket,
    wait_durable,
)
from api.tickets import Amendment, Ticket
from desk.errors import InputError, NotSignedIn, TenorError
from desk.identity.roles import Action, Person, check_may
from desk.identity.signing import Request, Verifier
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1", tags=["trading"])
LARGEST_MESSAGE = 16_384
RECHECK_S = 1.0
"""How long a key or session that ended may still act."""

_SIGNED = ("content-digest", "signature", "signature-input")


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(default="", max_length=64)


class Place(_Message):
    """Places `order`; `ack` says what the answer waits for."""

    op: Literal["place"]
    order: Ticket
    ack: Ack = "accepted"


class Amend(_Message):
    """Changes an order that works."""

    op: Literal["amend"]
    order_id: str = Field(max_length=64)
    change: Amendment


class Cancel(_Message):
    """Cancels what is left of one order."""

    op: Literal["cancel"]
    order_id: str = Field(max_length=64)


class CancelAll(_Message):
    """Cancels everything open on one's accounts, or of one account or instrument."""

    op: Literal["cancel_all"]
    account: str = Field(default="", max_length=64)
    instrument: str = Field(default="", max_length=64)


_MESSAGES: TypeAdapter[Place | Amend | Cancel | CancelAll] = TypeAdapter(
    Annotated[Place | Amend | Cancel | CancelAll, Field(discriminator="op")]
)


def build_verifier(runtime: Runtime) -> Verifier:
    """Checks signed handshakes of this door."""
    return Verifier(lambda id: runtime.desk.api_keys.signing(id)[1], runtime.desk.wall)


@router.websocket("/orders/entry")
async def enter_orders(socket: WebSocket) -> None:
    """See the module. Closes with 4401 when nobody may act (any more), 1003 for bytes, 1009 for too much."""
    runtime: Runtime = socket.app.state.runtime
    await socket.accept()
    try:
        who = _identify(socket, runtime)
        person, checked = who(), time.monotonic()
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None or len(text) > LARGEST_MESSAGE:
                await socket.close(1003 if text is None else 1009, "one JSON object of at most 16,384 characters")
                return
            if time.monotonic() - checked >= RECHECK_S:
                person, checked = who(), time.monotonic()
            await socket.send_text(await _answer(runtime, person, text))
    except TenorError as error:
        await socket.close(4401, error.message[:100])
    except (WebSocketDisconnect, RuntimeError):
        return


def _identify(socket: WebSocket, runtime: Runtime) -> Callable[[], Person]:
    """How to find out, again and again, on whose behalf this socket acts. NotSignedIn or Forbidden when on nobody's."""
    desk, headers = runtime.desk, socket.headers
    if "signature-input" in headers:
        verifier: Verifier = socket.app.state.entry
        target = f"http{'s' if socket.url.scheme == 'wss' else ''}://{headers.get('host', '')}{socket.url.path}"
        key_id = verifier.check(Request("GET", target, b""), {name: headers.get(name, "") for name in _SIGNED})

        def find() -> Person | None:
            key = desk.api_keys.signing(key_id)[0]
            key.check_scope(KEY_SCOPES[Action.TRADE])
            return working_person(runtime, key.person)
    else:
        find = find_caller(socket, runtime, Action.TRADE)[1]

    return lambda: _trader(find())


def _trader(person: Person | None) -> Person:
    if person is None:
        raise NotSignedIn("sign in first")
    check_may(person, Action.TRADE)
    return person


async def _answer(runtime: Runtime, person: Person, text: str) -> str:
    """The answer to one message; a failure is a problem in it, never the end of the socket."""
    id = ""
    try:
        raw = _read(text)
        id = raw["id"][:64] if isinstance(raw.get("id"), str) else ""
        body = await _do(runtime, person, _MESSAGES.validate_python(raw))
        return json.dumps({"id": id, "ok": True, **body})
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])
        found = errors.problem(422, "input", wrong)
    except TenorError as error:
        found = errors.of_error(error)
    except Exception as error:  # noqa: BLE001 - the border: one message must not end the server
        structlog.get_logger("api").error("unexpected failure", path="/v1/orders/entry", exc_info=error)
        found = errors.problem(500, "internal", "something failed that should not have; the log names it")
    return json.dumps({"id": id, "ok": False, "problem": found})


def _read(text: str) -> dict[str, Any]:
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, dict):
        raise InputError("a message is one JSON object")
    return raw


async def _do(runtime: Runtime, person: Person, message: Place | Amend | Cancel | CancelAll) -> dict[str, object]:
    if isinstance(message, Place):
        return await _place(runtime, person, message)
    if isinstance(message, Amend):
        return {"order": amend_one(runtime, person, message.order_id, message.change).model_dump(mode="json")}
    if isinstance(message, Cancel):
        done = await asyncio.to_thread(cancel_one, runtime, person, message.order_id)
        return {"order": done.model_dump(mode="json")}
    many = await asyncio.to_thread(cancel_many, runtime, person, message.account, message.instrument)
    return many.model_dump(mode="json")


async def _place(runtime: Runtime, person: Person, message: Place) -> dict[str, object]:
    done = submit_ticket(runtime, person, message.order)
    if done.held:
        return (await asyncio.to_thread(propose_held, runtime, person, done)).model_dump(mode="json")
    if message.ack == "durable":
        await asyncio.to_thread(wait_durable, runtime, done)
    return placed_view(runtime, done, message.ack).model_dump(mode="json")
