"""A reader in this process: its wire keeps what was sent, and can be made slow; its copy of the lines is its own."""

from __future__ import annotations

import json
from typing import Any

from api.feed.frames import payload_of
from api.feed.hub import Reader


class FakeWire:
    """See `Wire`. `room` is how many frames it takes before it is behind; None: any number."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        self.room: int | None = None
        self.ended: int | None = None

    def write(self, framed: bytes) -> bool:
        if self.room is not None:
            if self.room == 0:
                return False
            self.room -= 1
        self.raw.append(framed)
        self.frames.append(json.loads(payload_of(framed)))
        return True

    def end(self, code: int, reason: str) -> None:
        if self.ended is None:
            self.ended = code

    def of(self, channel: str, instrument: str) -> list[dict[str, Any]]:
        """The frames of one line."""
        return [f for f in self.frames if f.get("channel") == channel and f.get("instrument") == instrument]


def build_reader(token: str = "session") -> tuple[Reader, FakeWire]:
    wire = FakeWire()
    return Reader(wire, token, lambda: True), wire


def rebuild(frames: list[dict[str, Any]]) -> tuple[dict[int, int], dict[int, int]]:
    """The book a client makes of its frames; AssertionError when a diff does not follow what it has."""
    sides: dict[str, dict[int, int]] = {"bids": {}, "asks": {}}
    n = None
    for frame in frames:
        if frame["type"] == "snapshot":
            sides = {"bids": {}, "asks": {}}
        else:
            assert n is not None
            assert frame["n"] == n + 1
        n = frame["n"]
        for name, side in sides.items():
            for price, lots in frame[name]:
                side[price] = lots
                if lots == 0:
                    del side[price]
    return sides["bids"], sides["asks"]
