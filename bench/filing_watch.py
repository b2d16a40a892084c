"""`tenor bench run filing_watch`: from a filing's listing at EDGAR to the frame a reader sees, in a running desk.

A desk in a process of its own watches 150 companies at an EDGAR on this machine, as many as `ROUND_S` and nine requests
a second are meant for. Filings are listed at random companies at random moments over two minutes; timed from the
listing to the frame of the notice read from the WebSocket. Correct when every filing has its one notice and can then be
read at the desk.
"""

from __future__ import annotations

import json
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from bench.report import Report, wait_until
from bench.serving import Served, open_stream, serve_desk, sign_in
from desk.filings.bundled import BundledFilings

COMPANIES, FILINGS, OVER_S, LONGEST_S = 150, 24, 120.0, 120.0
AGENT = "Tenor Bench bench@example.com"
_FIRST = 1_000_001
_COLUMNS = ("accessionNumber", "filingDate", "reportDate", "acceptanceDateTime", "form", "items", "size",
            "primaryDocument", "primaryDocDescription")  # fmt: skip


def run() -> Report:
    """See the module."""
    with _edgar() as source, tempfile.TemporaryDirectory(prefix="tenor-bench-") as home:
        settings = {"TENOR_EDGAR_USER_AGENT": AGENT, "TENOR_EDGAR_BASE_URL": source.address}
        with serve_desk(Path(home), settings) as desk:
            if desk is None:
                return Report("filing_watch", False, {}, missing=["the desk did not start"])
            with _reader(desk) as (client, seen):
                return _measure(source, client, seen)


class _Source:
    """EDGAR's lists of made-up companies; every document is one 8-K of the box."""

    def __init__(self) -> None:
        self.rows: dict[int, list[tuple[object, ...]]] = {_FIRST + n: [] for n in range(COMPANIES)}
        self.body = BundledFilings().fetch("oracle-8-k-2024-11-14")
        self.address = ""
        self.requests = 0
        for cik in self.rows:
            self.list(cik, 1, "2024-11-01T09:00:00.000Z")

    def list(self, cik: int, number: int, accepted: str) -> str:
        """A new filing of a company; its accession number."""
        accession = f"{cik:010d}-24-{number:06d}"
        day = accepted[:10]
        self.rows[cik].insert(0, (accession, day, day, accepted, "8-K", "8.01", 1000, "doc.htm", "8-K"))
        return accession

    def answer(self, path: str) -> bytes | None:
        """The body at a path of EDGAR; None for what is not there."""
        self.requests += 1
        if path == "/files/company_tickers.json":
            listed = [{"cik_str": cik, "ticker": f"M{cik}", "title": f"Made {cik} Inc."} for cik in self.rows]
            return json.dumps(dict(enumerate(listed))).encode()
        if path.startswith("/Archives/"):
            return self.body
        cik = int(path.rpartition("CIK")[2].partition(".")[0] or 0)
        if not path.startswith("/submissions/") or cik not in self.rows:
            return None
        recent = {name: [row[i] for row in self.rows[cik]] for i, name in enumerate(_COLUMNS)}
        about = {"cik": f"{cik:010d}", "name": f"Made {cik} Inc.", "tickers": [f"M{cik}"], "fiscalYearEnd": "1231"}
        return json.dumps({**about, "category": "", "filings": {"recent": recent, "files": []}}).encode()


@contextmanager
def _edgar() -> Iterator[_Source]:
    source = _Source()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = source.answer(self.path.partition("?")[0])
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    source.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield source
    finally:
        server.shutdown()


@contextmanager
def _reader(desk: Served) -> Iterator[tuple[httpx.Client, dict[str, list[float]]]]:
    """A signed-in compliance officer, and when the frame of each notice came, by its id."""
    from websockets.exceptions import ConnectionClosed

    seen: dict[str, list[float]] = {}
    with closing(sign_in(desk, "compliance")) as client, open_stream(desk, client) as socket:

        def listen() -> None:
            with suppress(ConnectionClosed):
                for text in socket:
                    frame = json.loads(text)
                    if frame["type"] == "filing" and frame.get("kind") == "notice":
                        seen.setdefault(frame["notice"]["id"], []).append(time.perf_counter())

        threading.Thread(target=listen, daemon=True).start()
        yield client, seen


def _measure(source: _Source, client: httpx.Client, seen: dict[str, list[float]]) -> Report:
    for cik in source.rows:
        client.put(f"/v1/filing-watch/companies/{cik}").raise_for_status()
    chance = random.Random(11)
    listed: dict[str, float] = {}
    waits = sorted(chance.uniform(0, OVER_S) for _ in range(FILINGS))
    began, asked = time.perf_counter(), source.requests
    for number, at in enumerate(waits, start=2):
        time.sleep(max(0.0, began + at - time.perf_counter()))
        accession = source.list(chance.choice(list(source.rows)), number, f"2024-11-04T10:00:{number:02d}.000Z")
        listed[accession] = time.perf_counter()
    wait_until(lambda: set(listed) <= set(seen), LONGEST_S)
    lasted = time.perf_counter() - began
    spent = sorted(seen[id][0] - at for id, at in listed.items() if id in seen)
    wanted = {f"sec-{id}" for id in listed}
    read = wait_until(lambda: wanted <= {row["id"] for row in client.get("/v1/filings").json()["filings"]}, LONGEST_S)
    once = all(len(seen.get(id, [])) == 1 for id in listed)
    metrics: dict[str, float | None] = {
        "companies": COMPANIES,
        "filings": FILINGS,
        "p50_s": round(spent[len(spent) // 2], 1) if spent else None,
        "longest_s": round(spent[-1], 1) if spent else None,
        "requests_per_s": round((source.requests - asked) / lasted, 2),
    }
    return Report("filing_watch", once and read and len(spent) == FILINGS, metrics)
