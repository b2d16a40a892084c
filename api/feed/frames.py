"""Frames of the market stream: what travels on the bus, and the bytes that every subscriber gets."""

from __future__ import annotations

import struct
from typing import Literal, NamedTuple

import orjson

from api.feed.states import Body, ChannelName

Kind = Literal["snapshot", "diff"]


class Key(NamedTuple):
    """One numbered line: a channel of an instrument."""

    channel: ChannelName
    instrument: str


class Frame(NamedTuple):
    """A step of a line: a snapshot with number `n`, or the diff from `n - 1` to `n`; `sent` in epoch seconds."""

    key: Key
    kind: Kind
    n: int
    sent: float
    body: Body

    def to_event(self) -> Body:
        """As it travels on the bus."""
        return {"line": list(self.key), "kind": self.kind, "n": self.n, "sent": self.sent, "body": self.body}

    def encode(self) -> bytes:
        """As a client gets it, WebSocket framing included."""
        head = {"type": self.kind, "channel": self.key.channel, "instrument": self.key.instrument}
        return frame_text(orjson.dumps({**head, "n": self.n, "sent": self.sent, **self.body}))


def frame_text(payload: bytes) -> bytes:
    """A whole, unmasked text message of RFC 6455 §5.2, as servers send it."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + payload
    if size < 65_536:
        return struct.pack("!BBH", 0x81, 126, size) + payload
    return struct.pack("!BBQ", 0x81, 127, size) + payload


def payload_of(framed: bytes) -> bytes:
    """What `frame_text` was given."""
    return framed[{126: 4, 127: 10}.get(framed[1], 2) :]


def say(type: str, **members: object) -> bytes:
    """A frame that belongs to no line: `subscribed`, `error`, `heartbeat`."""
    return frame_text(orjson.dumps({"type": type, **members}))
