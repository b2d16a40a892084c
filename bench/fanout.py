"""`tenor bench run fanout`: order books to 1,000 WebSocket clients of a whole running desk.

Every client, all in one other process, follows the books of ten stocks. `cpu_us` is the server's CPU
for one delivered diff, all threads, heartbeats and the looking at books included, less what the desk
uses when idle; `p50_us`, `p99_us` are from the publisher's stamp to the client's parser, with clients and
server on the same cores; a second's moves of all ten come as one burst. Correct when no number was
missing and, at the end, each of the 10,000 books equals the server's at the same number.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.report import Report
from bench.serving import Served, serve_desk

CLIENTS, SECONDS = 1_000, 20


def run() -> Report:
    """See the module."""
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as home, serve_desk(Path(home)) as desk:
        return _measure(desk) if desk else Report("fanout", False, {}, missing=["the desk did not start"])


def _measure(desk: Served) -> Report:
    made = desk.command("keys", "create", "--as", "trader", "--scope", "read", "--expires", "1d")
    host, _, port = desk.address.removeprefix("http://").rpartition(":")
    plan = {"host": host, "port": int(port), "token": made["secret"], "clients": CLIENTS, "seconds": SECONDS}
    idle = desk.idle_share()
    command = [sys.executable, "-m", "bench.fanout_clients"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as clients:
        try:
            return _drive(desk, clients, {**plan, "instruments": _instruments(desk, str(made["secret"]))}, idle)
        finally:
            clients.kill()


def _drive(desk: Served, clients: subprocess.Popen[str], plan: dict[str, Any], idle: float | None) -> Report:
    _tell(clients, json.dumps(plan))
    if _hear(clients) != "ready":
        return Report("fanout", False, {}, missing=["the clients did not connect"])
    before, began = desk.cpu_s(), time.perf_counter()
    _tell(clients, "go")
    _hear(clients)
    wall, after = time.perf_counter() - began, desk.cpu_s()
    found = json.loads(_hear(clients) or "{}")
    frames = int(found.get("frames", 0))
    cpu = None
    if before is not None and after is not None and idle is not None and frames:
        cpu = round((after - before - idle * wall) / frames * 1e6, 2)
    correct = bool(frames) and found["gaps"] == 0 and found["verified"] == found["wanted"]
    metrics: dict[str, float | None] = {
        "cpu_us": cpu,
        "p50_us": found.get("p50"),
        "p99_us": found.get("p99"),
        "rate": round(frames / wall),
        "clients": found.get("clients"),
        "books_verified": found.get("verified"),
    }
    return Report("fanout", correct, metrics)


def _instruments(desk: Served, token: str) -> list[str]:
    """The ids of the ten stocks."""
    import urllib.request

    request = urllib.request.Request(
        f"{desk.address}/v1/market/instruments", headers={"authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        known = json.load(answer)["instruments"]
    stocks = [row["id"] for row in known if row["asset_class"] == "stock" and row["tradable"]]
    return sorted(stocks)[:10]


def _tell(clients: subprocess.Popen[str], line: str) -> None:
    if clients.stdin is not None:
        clients.stdin.write(f"{line}\n")
        clients.stdin.flush()


def _hear(clients: subprocess.Popen[str]) -> str:
    """The clients' next line; empty when they ended."""
    return clients.stdout.readline().strip() if clients.stdout is not None else ""
