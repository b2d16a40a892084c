"""A real desk in a process of its own, for benches that measure what its clients see and what it spends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.report import wait_until

if TYPE_CHECKING:
    import httpx
    from websockets.sync.client import ClientConnection

_PRINTED = re.compile(r"(http://127\.0\.0\.1:\d+)/#door=(\S+)")
IDLE_S, SETTLED_S = 3.0, 40.0


@dataclass(frozen=True)
class Served:
    """A running desk: its process, its address without a slash at the end, its one-time door token."""

    pid: int
    home: Path
    address: str
    door: str

    def cpu_s(self) -> float | None:
        """User and system seconds of the process so far, all its threads; None without /proc."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def idle_share(self) -> float | None:
        """CPU seconds a second that it uses unasked, once what it loads at its start has come to rest."""
        ends, last = time.monotonic() + SETTLED_S, 1.0
        while time.monotonic() < ends:
            before = self.cpu_s()
            time.sleep(IDLE_S)
            after = self.cpu_s()
            if before is None or after is None:
                return None
            share = (after - before) / IDLE_S
            if share < 0.1 and abs(share - last) < 0.02:
                return share
            last = share
        return last

    def command(self, *argv: str) -> dict[str, object]:
        """The object of `tenor ARGV --json` beside it."""
        line = [sys.executable, "-m", "api.cli", *argv, "--json", "--home", str(self.home)]
        found: dict[str, object] = json.loads(subprocess.run(line, capture_output=True, check=True).stdout)
        return found


@contextmanager
def serve_desk(home: Path, settings: Mapping[str, str] | None = None) -> Iterator[Served | None]:
    """Starts a desk in the folder, with more settings, and stops it at the end; None without an answer in a minute."""
    command = [sys.executable, "-m", "api.cli", "up", "--no-open", "--port", "0", "--home", str(home)]
    log = home / "bench.log"
    with log.open("wb") as out:
        environment = os.environ | dict(settings or {})
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, env=environment
        )
    try:
        printed = _PRINTED.search(log.read_text()) if wait_until(lambda: _answers(log), 60) else None
        yield Served(process.pid, home, printed[1], printed[2]) if printed else None
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)


def _answers(log: Path) -> bool:
    found = _PRINTED.search(log.read_text(errors="replace"))
    if found is None:
        return False
    try:
        with urllib.request.urlopen(f"{found[1]}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def sign_in(desk: Served, person: str) -> httpx.Client:
    """A client signed in as one of the demonstration people by the door token, which serves once; close it."""
    import httpx

    client = httpx.Client(base_url=desk.address, timeout=60)
    client.post("/v1/session/door", json={"token": desk.door}).raise_for_status()
    csrf = {"x-csrf-token": client.get("/v1/session").json()["csrf"]}
    made = client.post("/v1/session/demo", json={"name": person}, headers=csrf)
    client.headers["x-csrf-token"] = made.raise_for_status().json()["csrf"]
    return client


def open_stream(desk: Served, client: httpx.Client) -> ClientConnection:
    """The desk's WebSocket for a signed-in client. As in a browser, what came waits without a bound: the desk cuts off
    a reader that is behind.
    """
    from websockets.sync.client import connect

    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    address = desk.address.replace("http://", "ws://") + "/v1/stream"
    return connect(address, additional_headers={"Cookie": cookie}, max_size=None, max_queue=None)
