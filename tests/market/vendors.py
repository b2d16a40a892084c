"""Made-up Alpha Vantage, Yahoo, X and newspapers on one port, answering as documented; what they answer is set."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from starlette.types import ASGIApp, Receive, Scope, Send

from tests.venues.served import VenueServer

PRICED = int(datetime(2026, 11, 27, 16, tzinfo=UTC).timestamp())
KEY, BEARER = "rightkey", "rightbearer"
EXHAUSTED = {
    "Information": "We have detected your API key as RIGHTKEY and our standard API rate limit is 25 requests per day."
}


class Vendors(VenueServer):
    def __init__(self) -> None:
        super().__init__()
        self.alpha: dict[str, dict[str, Any]] = {}
        self.charts: dict[str, dict[str, Any]] = {}
        self.feeds: dict[str, bytes] = {}
        self.posts: list[dict[str, str]] = []
        self.half = 0
        self.limited: dict[str, Any] | None = None
        self.asked: list[dict[str, str]] = []
        self.not_modified = 0

    def app(self) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            query = {k: v[0] for k, v in parse_qs(scope["query_string"].decode()).items()}
            headers = {k.decode(): v.decode() for k, v in scope["headers"]}
            self.asked.append(query)
            status, body, more = self._answer(scope["path"], query, headers)
            if self.half:
                self.half -= 1
                body = body[: len(body) // 2]
            await send({"type": "http.response.start", "status": status,
                        "headers": [(k.encode(), v.encode()) for k, v in more.items()]})  # fmt: skip
            await send({"type": "http.response.body", "body": body})

        return serve

    def _answer(self, path: str, query: dict[str, str], headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        if path == "/query":
            return 200, json.dumps(self._alpha(query)).encode(), {}
        if path.startswith("/v8/finance/chart/"):
            chart = self.charts.get(path.rpartition("/")[2])
            if chart is None:
                error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
                return 404, json.dumps({"chart": {"result": None, "error": error}}).encode(), {}
            return 200, json.dumps({"chart": {"result": [chart], "error": None}}).encode(), {}
        if path == "/2/tweets/search/recent":
            return self._posts(query, headers)
        if path in self.feeds:
            tag = f'"{hash(self.feeds[path])}"'
            if headers.get("if-none-match") == tag:
                self.not_modified += 1
                return 304, b"", {}
            return 200, self.feeds[path], {"etag": tag, "content-type": "application/rss+xml"}
        return 404, b"{}", {}

    def _alpha(self, query: dict[str, str]) -> dict[str, Any]:
        if query.get("apikey") != KEY:
            return {"Error Message": "the parameter apikey is invalid or missing. Please claim your free API key"}
        if self.limited is not None:
            return self.limited
        asked = query.get("symbol") or query.get("from_symbol") or query.get("from_currency") or ""
        missing = {
            "Error Message": f"Invalid API call. Please retry or visit the documentation for {query['function']}"
        }
        return self.alpha.get(f"{query['function']} {asked}".strip(), missing)

    def _posts(self, query: dict[str, str], headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        if headers.get("authorization") != f"Bearer {BEARER}":
            return 401, json.dumps({"title": "Unauthorized", "status": 401}).encode(), {}
        since, page = int(query.get("since_id", 0)), int(query.get("next_token", 0))
        found = sorted((p for p in self.posts if int(p["id"]) > since), key=lambda p: -int(p["id"]))
        most = int(query["max_results"])
        part = found[page : page + most]
        meta: dict[str, Any] = {"result_count": len(part)}
        if part:
            meta |= {"newest_id": part[0]["id"], "oldest_id": part[-1]["id"]}
        if page + most < len(found):
            meta["next_token"] = str(page + most)
        return 200, json.dumps({"data": part, "meta": meta} if part else {"meta": meta}).encode(), {}


def chart(symbol: str, days: Mapping[date, Sequence[object]], *, currency: str = "USD", zone: str = "America/New_York",
          splits: dict[date, str] | None = None, price: float = 0.0) -> dict[str, Any]:  # fmt: skip
    """A chart as Yahoo's: each day stamped by when its session opens there; rows are open, high, low, close, volume."""
    stamps = [int(datetime.combine(day, time(9, 30), ZoneInfo(zone)).timestamp()) for day in days]
    columns = {
        name: [row[n] for row in days.values()] for n, name in enumerate(("open", "high", "low", "close", "volume"))
    }
    found: dict[str, Any] = {
        "meta": {"symbol": symbol, "currency": currency, "exchangeTimezoneName": zone, "gmtoffset": -18000,
                 "regularMarketPrice": price, "regularMarketTime": PRICED},
        "timestamp": stamps, "indicators": {"quote": [columns], "adjclose": [{"adjclose": columns["close"]}]},
    }  # fmt: skip
    if splits:
        found["events"] = {"splits": {}}
        for day, ratio in splits.items():
            stamp = int(datetime.combine(day, time(9, 30), ZoneInfo(zone)).timestamp())
            found["events"]["splits"][str(stamp)] = {"date": stamp, "splitRatio": ratio}
    return found


def weekdays(first: date, count: int) -> list[date]:
    found: list[date] = []
    while len(found) < count:
        if first.weekday() < 5:
            found.append(first)
        first += timedelta(days=1)
    return found
