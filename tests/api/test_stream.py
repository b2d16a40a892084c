"""The WebSocket of a running desk."""

from __future__ import annotations

import json
import time

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.api.running import Up


def test_a_stream_begins_whole_counts_its_frames_and_ends_with_its_session(tmp_path):
    up = Up(tmp_path / "home")
    try:
        with httpx.Client(base_url=up.address) as client:
            client.post("/v1/session/door", json={"token": up.door}).raise_for_status()
            csrf = {"x-csrf-token": client.get("/v1/session").json()["csrf"]}
            session = client.post("/v1/session/demo", json={"name": "trader"}, headers=csrf).json()
            cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
            url = up.address.replace("http://", "ws://") + "v1/stream"
            with connect(url, additional_headers={"Cookie": cookie}) as socket:
                frames = [json.loads(socket.recv(timeout=10)) for _ in range(3)]
                assert frames[0]["type"] == "snapshot"
                assert len(frames[0]["quotes"]) > 30
                assert [frame["seq"] for frame in frames] == [1, 2, 3]
                client.delete("/v1/session", headers={"x-csrf-token": session["csrf"]}).raise_for_status()
                assert _end(socket) == 4401
            with connect(url, additional_headers={"Cookie": cookie}) as socket:
                assert _end(socket) == 4401
    finally:
        up.stop()


def _end(socket) -> int:
    """Reads until the server closes; its code."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        try:
            socket.recv(timeout=10)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 0
    raise AssertionError("the stream goes on")
