"""`WS /v1/market/stream`: order books, trades, one-minute bars and quotes for whoever is signed in.

A client sends JSON messages and gets frames; docs/api.md has both. What cannot be understood is
answered with an `error` frame and harms nothing.
"""

from __future__ import annotations

import time
from typing import Annotated, Literal

from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.deps import find_caller
from api.feed.frames import Key, say
from api.feed.hub import Hub, Reader
from api.feed.states import ChannelName
from api.feed.wire import wire_of
from desk.errors import InputError, TenorError
from desk.identity.roles import Action, check_may
from desk.instruments import Instruments
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1/market", tags=["stream"])
LARGEST_MESSAGE, MOST_LINES, MOST_A_SECOND = 16_384, 200, 50


class Message(BaseModel):
    """What a client may say; `id` comes back in the answer."""

    model_config = ConfigDict(extra="forbid")

    op: Literal["subscribe", "unsubscribe", "resync"]
    channel: ChannelName
    instruments: list[Annotated[str, Field(max_length=64)]] = Field(min_length=1, max_length=MOST_LINES)
    id: str = Field(default="", max_length=64)


@router.websocket("/stream")
async def stream_market(socket: WebSocket) -> None:
    """See docs/api.md for frames and close codes."""
    runtime: Runtime = socket.app.state.runtime
    hub: Hub = socket.app.state.market
    token, find = find_caller(socket, runtime, Action.READ_MARKET)

    def here() -> bool:
        try:
            person = find()
            if person is not None:
                check_may(person, Action.READ_MARKET)
        except TenorError:
            return False
        return person is not None

    await socket.accept()
    if not here():
        await socket.close(4401, "sign in first")
        return
    reader = Reader(wire_of(socket), token, here)
    hub.join(reader)
    try:
        await _listen(socket, hub, reader, runtime.desk.feed.instruments)
    finally:
        hub.leave(reader)
        reader.wire.end(1000, "")


async def _listen(socket: WebSocket, hub: Hub, reader: Reader, instruments: Instruments) -> None:
    """Carries out messages until the client leaves or breaks a bound of the door."""
    second, count = 0, 0
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        text, now = message.get("text"), int(time.monotonic())
        second, count = now, count + 1 if now == second else 1
        if text is None or len(text) > LARGEST_MESSAGE:
            reader.wire.end(1003 if text is None else 1009, "one JSON object of at most 16,384 characters")
        elif count > MOST_A_SECOND:
            reader.wire.end(4429, "too many messages")
        else:
            _take(hub, reader, instruments, text)


def _take(hub: Hub, reader: Reader, instruments: Instruments, text: str) -> None:
    """One message: an answer, then what follows from it."""
    id = ""
    try:
        message = Message.model_validate_json(text)
        id = message.id
        keys = [Key(message.channel, name) for name in dict.fromkeys(message.instruments)]
        answer = {"id": id, "channel": message.channel, "instruments": [key.instrument for key in keys]}
        if message.op == "unsubscribe":
            hub.unsubscribe(reader, keys)
            reader.wire.write(say("unsubscribed", **answer))
            return
        _check(keys, reader, instruments, known=message.op == "resync")
        if message.op == "subscribe":
            reader.wire.write(say("subscribed", **answer))
        hub.subscribe(reader, keys)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'message'}: {e['msg']}" for e in error.errors()[:3])
        reader.wire.write(say("error", id=id, code="input", message=wrong[:500]))
    except TenorError as error:
        reader.wire.write(say("error", id=id, code=error.code, message=error.message))


def _check(keys: list[Key], reader: Reader, instruments: Instruments, *, known: bool) -> None:
    """Raises for an instrument that is not there, a book of an index, too many lines, a resync of a strange line."""
    for key in keys:
        instrument = instruments.get(key.instrument)
        if key.channel in {"book", "trades"} and not instrument.tradable:
            raise InputError(f"{key.instrument} is an index level, nobody trades it: it has no {key.channel}")
        if known and key not in reader.keys:
            raise InputError(f"{key.channel} of {key.instrument} is not subscribed here; subscribe instead of resync")
    if len(reader.keys | set(keys)) > MOST_LINES:
        raise InputError(
            f"one connection has at most {MOST_LINES} channels of instruments; open another or unsubscribe"
        )
