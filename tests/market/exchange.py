"""A made-up Binance: public REST and the combined stream in the documented forms, with one truth to compare with.

`tape` are all aggregate trades; klines, quotes and books follow from it. What a stream should have told is sent by
`say`; faults of HTTP are those of `tests.venues.served`, and `half` answers cut JSON with a whole HTTP answer.
"""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.venues.served import VenueServer

DAY_MS, MINUTE_MS = 86_400_000, 60_000


class Exchange(VenueServer):
    def __init__(self, start_ms: int, symbols: tuple[str, ...] = ("BTCUSDT",), seed: int = 7) -> None:
        super().__init__()
        self.now_ms = self.start_ms = start_ms
        self.symbols = {symbol: 30_000 * (n + 1) for n, symbol in enumerate(symbols)}
        self.tape: dict[str, list[dict[str, Any]]] = {symbol: [] for symbol in symbols}
        self.books: dict[str, dict[str, dict[str, str]]] = {s: {"b": {}, "a": {}} for s in symbols}
        self.updates = dict.fromkeys(symbols, 1_000)
        self.draw = random.Random(seed)
        self.half = 0
        self.code: dict[str, Any] | None = None
        self.days: dict[str, list[list[Any]]] = {symbol: [] for symbol in symbols}
        self.lines = 0

    def trade(self, symbol: str = "BTCUSDT", price: str = "", quantity: str = "") -> dict[str, Any]:
        """One more trade on the tape, as the stream would tell it; not sent."""
        level = self.symbols[symbol] = max(1, self.symbols[symbol] + self.draw.randint(-5, 5))
        number = len(self.tape[symbol]) + 1
        row = {"a": number, "p": price or f"{level}.{number % 100:02}", "q": quantity or f"0.{1 + number % 9}",
               "f": number, "l": number, "T": self.now_ms, "m": number % 2 == 0, "M": True}  # fmt: skip
        self.tape[symbol].append(row)
        return {"e": "aggTrade", "E": self.now_ms, "s": symbol, **row}

    def tick(self, symbol: str = "BTCUSDT") -> dict[str, Any]:
        level = self.symbols[symbol]
        return {"u": self.updates[symbol], "s": symbol, "b": f"{level}.10", "B": "1.5", "a": f"{level}.20", "A": "2"}

    def diff(self, symbol: str = "BTCUSDT") -> dict[str, Any]:
        """A change of the book, applied here; numbered as Binance does: several numbers a message."""
        book, first = self.books[symbol], self.updates[symbol] + 1
        self.updates[symbol] += self.draw.randint(1, 4)
        level, sent = self.symbols[symbol], dict[str, Any](b=[], a=[])
        for side, sign in (("b", -1), ("a", 1)):
            for _ in range(3):
                price = f"{level + sign * self.draw.randint(1, 30)}.00"
                size = self.draw.choice(["0", "1.5", "0.25", "3"])
                sent[side].append([price, size])
                if size == "0":
                    book[side].pop(price, None)
                else:
                    book[side][price] = size
        return {"e": "depthUpdate", "E": self.now_ms, "s": symbol, "U": first, "u": self.updates[symbol], **sent}

    def minutes(self, symbol: str, start_ms: int, end_ms: int) -> list[list[Any]]:
        """Klines of a minute from the tape; a minute without trades repeats the last close with no volume."""
        by_minute: dict[int, list[dict[str, Any]]] = {}
        for row in self.tape[symbol]:
            by_minute.setdefault(row["T"] // MINUTE_MS * MINUTE_MS, []).append(row)
        rows, last = [], "30000.00"
        for at in range(min(by_minute, default=end_ms), end_ms, MINUTE_MS):
            found = by_minute.get(at, [])
            prices = [row["p"] for row in found] or [last]
            volume = sum(float(row["q"]) for row in found)
            last = prices[-1]
            if start_ms <= at <= min(end_ms, self.now_ms):
                high, low = max(prices, key=float), min(prices, key=float)
                rows.append([at, prices[0], high, low, last, f"{volume:.8f}", at + MINUTE_MS - 1, "0", len(found),
                             "0", "0", "0"])  # fmt: skip
        return rows

    def add_days(self, symbol: str, count: int, level: float = 30_000.0) -> None:
        """`count` daily klines up to the day before the start."""
        first = self.start_ms // DAY_MS * DAY_MS - count * DAY_MS
        for n in range(count):
            close = level * (1 + 0.01 * self.draw.uniform(-1, 1))
            low, high = min(level, close) * 0.99, max(level, close) * 1.01
            at = first + n * DAY_MS
            row = [f"{value:.2f}" for value in (level, high, low, close)]
            self.days[symbol].append([at, *row, "123.5", at + DAY_MS - 1, "0", 10, "0", "0", "0"])
            level = close

    def app(self) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            query = {k: v[0] for k, v in parse_qs(scope["query_string"].decode()).items()}
            if scope["type"] == "websocket":
                await self._stream(receive, send)
                return
            status, body = self._answer(scope["path"], query)
            whole = json.dumps(body).encode()
            if self.half:
                self.half -= 1
                whole = whole[: len(whole) // 2]
            await send({"type": "http.response.start", "status": status,
                        "headers": [(b"content-type", b"application/json")]})  # fmt: skip
            await send({"type": "http.response.body", "body": whole})

        return serve

    def _answer(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        symbol = query.get("symbol", "")
        if self.code is not None:
            return 400, self.code
        if symbol not in self.symbols:
            return 400, {"code": -1121, "msg": "Invalid symbol."}
        most = int(query.get("limit", 500))
        if path == "/api/v3/klines":
            start, end = int(query["startTime"]), int(query["endTime"])
            rows = self.days[symbol] if query["interval"] == "1d" else self.minutes(symbol, start, end + 1)
            return 200, [row for row in rows if start <= row[0] <= end][:most]
        if path == "/api/v3/aggTrades":
            first = int(query["fromId"])
            return 200, self.tape[symbol][first - 1 : first - 1 + most]
        if path == "/api/v3/ticker/bookTicker":
            told = self.tick(symbol)
            return 200, {"symbol": symbol, "bidPrice": told["b"], "bidQty": told["B"], "askPrice": told["a"],
                         "askQty": told["A"]}  # fmt: skip
        if path == "/api/v3/depth":
            book = self.books[symbol]
            return 200, {"lastUpdateId": self.updates[symbol], "bids": [list(x) for x in book["b"].items()],
                         "asks": [list(x) for x in book["a"].items()]}  # fmt: skip
        return 404, {"code": -1, "msg": "no such path"}

    async def _stream(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.subscribers.append(queue)
        self.lines += 1
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            while True:
                got = asyncio.ensure_future(queue.get())
                done, _ = await asyncio.wait({got, gone}, return_when=asyncio.FIRST_COMPLETED)
                if gone in done:
                    got.cancel()
                    return
                told = got.result()
                await send({"type": "websocket.send", "text": orjson.dumps({"stream": "s", "data": told}).decode()})
        finally:
            if queue in self.subscribers:
                self.subscribers.remove(queue)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass
