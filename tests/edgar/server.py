"""EDGAR on this machine: submissions, archive, full-text index and company facts in its documented form.

The documents are the filings in the box, real public records; the lists around them are built from these.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.filings.bundled import FOLDER, BundledFilings
from tests.venues.served import Faults, VenueServer

AGENT = "Tenor Tests tests@example.com"
APPLE, ORACLE, BUCKLE = "0000320193", "0001341439", "0000885245"
TEN_K, TEN_Q = "0000320193-24-000123", "0000320193-24-000081"
FACTS = {
    "Assets": [("2024-09-28", None, 364980000000), ("2023-09-30", None, 352583000000)],
    "NetIncomeLoss": [("2024-09-28", "2023-10-01", 93736000000), ("2023-09-30", "2022-09-25", 96995000000)],
    "RevenueFromContractWithCustomerExcludingAssessedTax": [("2024-09-28", "2023-10-01", 391035000000)],
}


def row(accession: str, form: str, filed: str, reported: str, document: str, *, items: str = "") -> dict[str, Any]:
    return {"accessionNumber": accession, "filingDate": filed, "reportDate": reported,
            "acceptanceDateTime": f"{filed}T18:01:14.000Z", "form": form, "items": items, "size": 1000,
            "primaryDocument": document, "primaryDocDescription": form}  # fmt: skip


class EdgarServer(VenueServer):
    """`companies`: CIK → (name, ticker, year's end, rows newest first); `bodies`: archive path → bytes."""

    def __init__(self, faults: Faults | None = None) -> None:
        super().__init__(faults)
        self.box = BundledFilings()
        self.companies: dict[str, tuple[str, str, str, list[dict[str, Any]]]] = {
            APPLE: ("Apple Inc.", "AAPL", "0928", []),
            ORACLE: ("ORACLE CORP", "ORCL", "0531", []),
            BUCKLE: ("BUCKLE INC", "BKE", "0131", []),
        }
        self.bodies: dict[str, bytes] = {}
        self.facts: dict[str, Any] = FACTS
        self.agents: list[str] = []
        self.conditional = 0
        self.ranges = True
        self.packed = False
        self.asked_from: list[int] = []
        self.file(APPLE, row(TEN_Q, "10-Q", "2024-08-02", "2024-06-29", "aapl-20240629.htm"), "apple-10-q-2024-q3")
        self.file(APPLE, row(TEN_K, "10-K", "2024-11-01", "2024-09-28", "aapl-20240928.htm"), "apple-10-k-2024")
        self.file(ORACLE, row("0001341439-24-000100", "10-Q", "2024-09-10", "2024-08-31", "orcl.htm"),
                  "oracle-10-q-2025-q1")  # fmt: skip
        self.file(ORACLE, row("0001341439-24-000150", "8-K", "2024-11-18", "2024-11-14", "orcl8k.htm", items="5.02"),
                  "oracle-8-k-2024-11-14")  # fmt: skip

    def file(self, cik: str, line: dict[str, Any], document: str | bytes) -> None:
        """Something new is filed: the newest line of the company, with its document."""
        body = document if isinstance(document, bytes) else self.box.fetch(document)
        self.companies[cik][3].insert(0, line)
        name = line["primaryDocument"].rpartition("/")[2]
        self.bodies[f"/Archives/edgar/data/{int(cik)}/{line['accessionNumber'].replace('-', '')}/{name}"] = body

    def app(self) -> ASGIApp:
        async def handle(request: Request) -> Response:
            agent = request.headers.get("user-agent", "")
            self.agents.append(agent)
            if "@" not in agent:
                return Response("Undeclared automated tool", 403)
            body = self.bodies.get(request.url.path) or self._made(request)
            if body is None:
                return Response("NoSuchKey", 404)
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if request.headers.get("if-none-match") == etag:
                self.conditional += 1
                return Response(status_code=304, headers={"ETag": etag})
            return self._whole_or_rest(request, body, etag)

        return Starlette(routes=[Route("/{path:path}", handle)])

    def _whole_or_rest(self, request: Request, body: bytes, etag: str) -> Response:
        """Ranges over what goes over the line, which is packed where `packed`."""
        headers = {"ETag": etag}
        if self.packed:
            body, headers["Content-Encoding"] = gzip.compress(body, mtime=0), "gzip"
        wanted = request.headers.get("range", "").removeprefix("bytes=").removesuffix("-")
        if not self.ranges or not wanted or request.headers.get("if-range") != etag:
            return Response(body, headers=headers)
        self.asked_from.append(int(wanted))
        if int(wanted) >= len(body):
            return Response(b"", 416, {"Content-Range": f"bytes */{len(body)}"})
        headers["Content-Range"] = f"bytes {wanted}-{len(body) - 1}/{len(body)}"
        return Response(body[int(wanted) :], 206, headers)

    def _made(self, request: Request) -> bytes | None:
        path = request.url.path
        if path == "/files/company_tickers.json":
            rows = [{"cik_str": int(cik), "ticker": c[1], "title": c[0]} for cik, c in self.companies.items()]
            return json.dumps(dict(enumerate(rows))).encode()
        if path == "/LATEST/search-index":
            return self._search(request.query_params["q"], request.query_params.get("forms", ""))
        cik = path.rpartition("CIK")[2].removesuffix(".json")
        if cik not in self.companies:
            return None
        return self._submissions(cik) if path.startswith("/submissions/") else self._facts(cik)

    def _submissions(self, cik: str) -> bytes:
        name, ticker, end, rows = self.companies[cik]
        names = row("", "", "", "", "")
        recent = {key: [line[key] for line in rows] for key in names}
        return json.dumps({"cik": cik, "name": name, "tickers": [ticker], "fiscalYearEnd": end,
                           "category": "Large accelerated filer",
                           "filings": {"recent": recent, "files": []}}).encode()  # fmt: skip

    def _facts(self, cik: str) -> bytes:
        gaap = {
            name: {"label": name, "units": {"USD": [
                {"end": end, **({"start": start} if start else {}), "val": value, "accn": TEN_K, "fy": 2024,
                 "fp": "FY", "form": "10-K", "filed": "2024-11-01"} for end, start, value in rows]}}
            for name, rows in self.facts.items()
        }  # fmt: skip
        return json.dumps({"cik": int(cik), "entityName": self.companies[cik][0], "facts": {"us-gaap": gaap}}).encode()

    def _search(self, text: str, forms: str) -> bytes:
        hits = []
        for cik, (name, _, _, rows) in self.companies.items():
            for line in rows:
                path = f"/Archives/edgar/data/{int(cik)}/{line['accessionNumber'].replace('-', '')}/"
                body = self.bodies.get(path + line["primaryDocument"], b"")
                if text.strip('"').encode() in body and (not forms or line["form"] in forms.split(",")):
                    hits.append({"_id": f"{line['accessionNumber']}:{line['primaryDocument']}", "_source": {
                        "ciks": [cik], "display_names": [name], "form": line["form"],
                        "file_date": line["filingDate"], "adsh": line["accessionNumber"]}})  # fmt: skip
        return json.dumps({"hits": {"total": {"value": len(hits)}, "hits": hits}}).encode()

    async def _serve(self, inner: ASGIApp, scope: Scope, receive: Receive, send: Send, fault: str) -> None:
        if fault == "403":
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"Request Rate Threshold Exceeded"})
        elif fault == "half":  # whole by its length, and still half a document
            await asyncio.sleep(0)
            body = self.bodies.get(scope["path"], b'{"filings": {"recent"')
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": body[: len(body) // 2]})
        elif fault == "broken":  # half of the answer as it would have been, then the line breaks
            await inner(scope, receive, _breaking(send))
        else:
            await super()._serve(inner, scope, receive, send, fault)


def _breaking(send: Send) -> Send:
    async def broken(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {"type": message["type"], "body": message["body"][: len(message["body"]) // 2]}
        await send(message)

    return broken


def read_form(name: str) -> bytes:
    """A raw ownership form out of the box."""
    return gzip.decompress((FOLDER / f"{name}.gz").read_bytes())
