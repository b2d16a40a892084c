"""`tenor bench run risk_http`: risk queries to a real desk in a process of its own, over one kept connection.

`p50_us`, `p99_us` are what the client sees of `GET /v1/risk`, `cpu_us` the server's CPU for one:
its user and system time from /proc over the run, less what it uses when idle, by the number of
requests. `what_if_*` are the same of `GET /v1/risk/what-if`. Without /proc (not Linux) `cpu_us` is
None. The server prices holdings anew once in a market second; that is in the average.
"""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from bench.report import Report
from bench.serving import Served, serve_desk

ACCOUNT, PERSON = "desk-1", "trader"
REQUESTS, WARM, LONGEST_S = 5_000, 200, 20.0
Answer = dict[str, object]


@dataclass
class _Client:
    """A person signed in over one connection."""

    connection: HTTPConnection
    cookie: str = ""
    csrf: str = ""

    def send(self, method: str, path: str, body: Answer | None = None) -> Answer:
        """The JSON answer; HTTPException unless it is a success."""
        headers = {"cookie": self.cookie, "x-csrf-token": self.csrf, "content-type": "application/json"}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        read = answer.read()
        if answer.status >= 300:
            raise HTTPException(f"{method} {path} answered {answer.status}: {read[:200]!r}")
        self.cookie = (answer.getheader("set-cookie") or self.cookie).partition(";")[0]
        return json.loads(read) if read else {}

    def sign_in(self, door: str) -> None:
        """As a demonstration person, through the printed address."""
        self.send("POST", "/v1/session/door", {"token": door})
        self.csrf = str(self.send("GET", "/v1/session")["csrf"])
        self.csrf = str(self.send("POST", "/v1/session/demo", {"name": PERSON})["csrf"])

    def ask(self, path: str) -> bytes:
        """One measured request."""
        self.connection.request("GET", path, headers={"cookie": self.cookie})
        answer = self.connection.getresponse()
        read = answer.read()
        if answer.status != 200:
            raise HTTPException(f"GET {path} answered {answer.status}: {read[:200]!r}")
        return read


def run() -> Report:
    """Both queries; correct when hot answers say what the routes say and both queries agree."""
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as home, serve_desk(Path(home)) as desk:
        return _measure(desk) if desk else Report("risk_http", False, {}, missing=["the desk did not start"])


def _measure(desk: Served) -> Report:
    host, _, port = desk.address.removeprefix("http://").rpartition(":")
    client = _Client(HTTPConnection(host, int(port), timeout=20))
    client.sign_in(desk.door)
    held = [row for row in _rows(client.send("GET", "/v1/positions")) if row["account"] == ACCOUNT]
    asked = {"account": ACCOUNT, "instrument": held[0]["instrument"], "side": "buy", "quantity": 10}
    full, change = f"/v1/risk?{urlencode({'account': ACCOUNT})}", f"/v1/risk/what-if?{urlencode(asked)}"
    correct = _agrees(client, full, change)
    idle = desk.idle_share()
    client.connection.close()  # the server has closed it meanwhile; the next request opens another
    metrics = _series(client, desk, full, idle, "")
    metrics |= _series(client, desk, change, idle, "what_if_")
    return Report("risk_http", correct, metrics)


def _rows(answer: Answer) -> list[Answer]:
    rows = answer["positions"]
    return rows if isinstance(rows, list) else []


def _agrees(client: _Client, full: str, change: str) -> bool:
    """Whether, within one market second, the first answer (route), the second (hot) and the what-if's before agree."""
    for _ in range(10):
        first, change_first = json.loads(client.ask(full)), json.loads(client.ask(change))
        second, change_second = json.loads(client.ask(full)), json.loads(client.ask(change))
        if len({str(answer["as_of"]) for answer in (first, change_first, second, change_second)}) == 1:
            return (first, change_first, change_second["before"]) == (second, change_second, second["risk"])
    return False


def _series(client: _Client, desk: Served, path: str, idle: float | None, prefix: str) -> dict[str, float | None]:
    for _ in range(WARM):
        client.ask(path)
    before, began, spent = desk.cpu_s(), time.perf_counter(), list[float]()
    while len(spent) < REQUESTS and time.perf_counter() - began < LONGEST_S:
        sent = time.perf_counter_ns()
        client.ask(path)
        spent.append((time.perf_counter_ns() - sent) / 1_000)
    wall, after = time.perf_counter() - began, desk.cpu_s()
    spent.sort()
    cpu = None
    if before is not None and after is not None and idle is not None:
        cpu = round((after - before - idle * wall) / len(spent) * 1e6, 1)
    found = {"p50_us": spent[len(spent) // 2], "p99_us": spent[len(spent) * 99 // 100]}
    rounded: dict[str, float | None] = {f"{prefix}{name}": round(value, 1) for name, value in found.items()}
    return {**rounded, f"{prefix}cpu_us": cpu}
