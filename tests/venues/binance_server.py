"""Binance spot as documented, on this machine: signed REST, filters, request weights, the signed user stream.

A client order id is unique among open orders only; a request outside its receive window is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import time
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from tests.venues.book import Deal, VenueBook, VenueOrder
from tests.venues.served import Faults, VenueServer

KEY, SECRET = "made-up-binance-name", "made-up-binance-word"
BTC, ETH = "BTCUSDT", "ETHUSDT"
_WORDS = {"new": "NEW", "partial": "PARTIALLY_FILLED", "filled": "FILLED", "cancelled": "CANCELED",
          "expired": "EXPIRED", "rejected": "REJECTED"}  # fmt: skip


class Refused(Exception):
    def __init__(self, code: int, msg: str, status: int = 400) -> None:
        self.code, self.msg, self.status = code, msg, status


def text(number: Decimal | None) -> str:
    return format(number or Decimal(0), ".8f")


class BinanceServer(VenueServer):
    """`key` its one key, `drift_ms` its clock's error; `filters`, `status` per symbol; `word` overrides statuses."""

    def __init__(self, faults: Faults | None = None) -> None:
        super().__init__(faults)
        self.book = VenueBook({BTC: Decimal(60_000), ETH: Decimal(3_000)})
        self.book.heard = self._heard
        self.book.holdings = {BTC: Decimal(1)}
        self.key, self.drift_ms = KEY, 0
        self.word = ""
        self.fee = Decimal("0.001")
        self.fee_asset = ""
        self.used_weight = 1
        self.status = {BTC: "TRADING", ETH: "TRADING"}
        self.filters: dict[str, dict[str, dict[str, Any]]] = {
            symbol: {
                "PRICE_FILTER": {"minPrice": "0.01", "maxPrice": "1000000.00", "tickSize": "0.01"},
                "LOT_SIZE": {"minQty": "0.0001", "maxQty": "9000.00", "stepSize": "0.0001"},
                "NOTIONAL": {"minNotional": "5.0", "applyMinToMarket": True, "maxNotional": "9000000.0",
                             "applyMaxToMarket": False, "avgPriceMins": 5},
                "ICEBERG_PARTS": {"limit": 10},
                "PERCENT_PRICE_BY_SIDE": {"bidMultiplierUp": "5", "bidMultiplierDown": "0.2", "askMultiplierUp": "5",
                                          "askMultiplierDown": "0.2", "avgPriceMins": 5},
            }
            for symbol in (BTC, ETH)
        }  # fmt: skip

    def now_ms(self) -> int:
        return int(time.time() * 1000) + self.drift_ms

    def app(self) -> ASGIApp:
        calls = {
            ("GET", "/api/v3/time"): (self._time, False),
            ("GET", "/api/v3/exchangeInfo"): (self._info, False),
            ("GET", "/api/v3/avgPrice"): (self._average, False),
            ("GET", "/api/v3/account"): (self._account, True),
            ("POST", "/api/v3/order"): (self._place, True),
            ("GET", "/api/v3/order"): (self._order, True),
            ("DELETE", "/api/v3/order"): (self._cancel, True),
            ("GET", "/api/v3/openOrders"): (self._open, True),
            ("GET", "/api/v3/myTrades"): (self._trades, True),
        }

        async def handle(request: Request) -> Response:
            try:
                call, signed = calls[(request.method, request.url.path)]
            except KeyError:
                return JSONResponse({}, 404)
            query = request.url.query
            params = dict(parse_qsl(query))
            try:
                if signed:
                    self._check(request.headers.get("x-mbx-apikey", ""), query, params)
                body = call(params)
            except Refused as error:
                return JSONResponse({"code": error.code, "msg": error.msg}, error.status)
            return JSONResponse(body, headers={"X-MBX-USED-WEIGHT-1M": str(self.used_weight)})

        methods = ["GET", "POST", "DELETE"]
        return Starlette(routes=[
            WebSocketRoute("/ws-api/v3", self._stream),
            Route("/{path:path}", handle, methods=methods),
        ])  # fmt: skip

    def _check(self, key: str, query: str, params: dict[str, str]) -> None:
        if key != self.key:
            raise Refused(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        unsigned, _, signature = query.rpartition("&signature=")
        if not hmac.compare_digest(self._mac(unsigned), signature):
            raise Refused(-1022, "Signature for this request is not valid.")
        self._check_time(int(params["timestamp"]), int(params.get("recvWindow", 5000)))

    def _check_time(self, stamp: int, window: int) -> None:
        if stamp > self.now_ms() + 1000:
            raise Refused(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        if self.now_ms() - stamp > window:
            raise Refused(-1021, "Timestamp for this request is outside of the recvWindow.")

    def _mac(self, words: str) -> str:
        return hmac.new(SECRET.encode(), words.encode(), hashlib.sha256).hexdigest()

    def _time(self, _: dict[str, str]) -> Any:
        return {"serverTime": self.now_ms()}

    def _info(self, params: dict[str, str]) -> Any:
        symbol = params["symbol"]
        if symbol not in self.status:
            raise Refused(-1121, "Invalid symbol.")
        filters = [{"filterType": kind, **numbers} for kind, numbers in self.filters[symbol].items()]
        kinds = ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT"]
        return {"symbols": [{"symbol": symbol, "status": self.status[symbol], "baseAsset": symbol[:-4],
                             "quoteAsset": "USDT", "orderTypes": kinds, "filters": filters}]}  # fmt: skip

    def _average(self, params: dict[str, str]) -> Any:
        if params["symbol"] == "BNBUSDT":
            return {"mins": 5, "price": "600.00000000"}
        if params["symbol"] not in self.book.prices:
            raise Refused(-1121, "Invalid symbol.")
        return {"mins": 5, "price": text(self.book.prices[params["symbol"]])}

    def _account(self, _: dict[str, str]) -> Any:
        return {"balances": [{"asset": symbol[:-4], "free": text(units), "locked": text(Decimal(0))}
                             for symbol, units in self.book.holdings.items()]}  # fmt: skip

    def _place(self, params: dict[str, str]) -> Any:
        symbol, side, kind = params["symbol"], params["side"].lower(), params["type"]
        if self.status.get(symbol) is None:
            raise Refused(-1121, "Invalid symbol.")
        if self.status[symbol] != "TRADING":
            raise Refused(-1013, "Market is closed.")
        qty, filters = Decimal(params["quantity"]), self.filters[symbol]
        if qty % Decimal(filters["LOT_SIZE"]["stepSize"]):
            raise Refused(-1013, "Filter failure: LOT_SIZE")
        limit = Decimal(params["price"]) if "price" in params else None
        if limit is not None and limit % Decimal(filters["PRICE_FILTER"]["tickSize"]):
            raise Refused(-1013, "Filter failure: PRICE_FILTER")
        name = params["newClientOrderId"]
        assert len(name) <= 36
        with self.book.lock:
            taken = self.book.find(name)
            if taken is not None and taken.open:
                raise Refused(-2010, "Duplicate order sent.")
            if kind == "LIMIT_MAKER" and limit is not None and self.book.crosses(side, symbol, limit):
                raise Refused(-2010, "Order would immediately match and take.")
            order = self.book.enter(
                name=name, symbol=symbol, side=side, kind=kind, qty=qty, limit=limit,
                tif=params.get("timeInForce", "GTC").lower(),
                stop=Decimal(params["stopPrice"]) if "stopPrice" in params else None,
                shown=Decimal(params["icebergQty"]) if "icebergQty" in params else None,
            )  # fmt: skip
            fills = [{"price": text(d.price), "qty": text(d.qty), "commission": text(self._fee(order, d)[0]),
                      "commissionAsset": self._fee(order, d)[1], "tradeId": d.number} for d in order.deals]  # fmt: skip
            return {**self._plain(order), "transactTime": self.now_ms(), "fills": fills}

    def _named(self, params: dict[str, str], code: int) -> VenueOrder:
        order = self.book.find(params["origClientOrderId"])
        if order is None:
            raise Refused(code, "Unknown order sent." if code == -2011 else "Order does not exist.")
        return order

    def _order(self, params: dict[str, str]) -> Any:
        return self._plain(self._named(params, -2013))

    def _cancel(self, params: dict[str, str]) -> Any:
        order = self._named(params, -2011)
        if not order.open:
            raise Refused(-2011, "Unknown order sent.")
        self.book.cancel(order)
        return {**self._plain(order), "origClientOrderId": order.name, "clientOrderId": "their-own"}

    def _open(self, _: dict[str, str]) -> Any:
        return [self._plain(order) for order in self.book.working()]

    def _trades(self, params: dict[str, str]) -> Any:
        order = next((o for o in self.book.orders if str(o.number) == params["orderId"]), None)
        deals = [] if order is None else [d for d in order.deals if d.number >= int(params.get("fromId", 0))]
        most = int(params.get("limit", 500))
        return [{"id": d.number, "price": text(d.price), "qty": text(d.qty), "commission": text(self._fee(order, d)[0]),
                 "commissionAsset": self._fee(order, d)[1]} for d in deals[:most]]  # fmt: skip

    def _fee(self, order: VenueOrder | None, deal: Deal) -> tuple[Decimal, str]:
        assert order is not None
        if self.fee_asset:
            return self.fee, self.fee_asset
        if order.side == "buy":
            return (deal.qty * self.fee).quantize(Decimal("1e-8")), order.symbol[:-4]
        return (deal.qty * deal.price * self.fee).quantize(Decimal("1e-8")), "USDT"

    def _plain(self, order: VenueOrder) -> dict[str, Any]:
        return {
            "symbol": order.symbol,
            "orderId": order.number,
            "clientOrderId": order.name,
            "price": text(order.limit),
            "origQty": text(order.qty),
            "executedQty": text(order.filled),
            "status": self.word or _WORDS[order.word],
            "type": order.kind,
            "side": order.side.upper(),
            "isWorking": not order.waits,
        }

    def _heard(self, order: VenueOrder, what: str, deal: Deal | None) -> None:
        kind = {"new": "NEW", "trade": "TRADE", "cancelled": "CANCELED"}.get(what, "EXPIRED")
        cancelled = what == "cancelled"
        event: dict[str, Any] = {
            "e": "executionReport", "E": self.now_ms(), "s": order.symbol, "i": order.number,
            "c": "their-own" if cancelled else order.name, "C": order.name if cancelled else "",
            "x": kind, "X": self.word or _WORDS[order.word], "r": "NONE", "z": text(order.filled),
            "q": text(order.qty), "w": not order.waits, "t": -1, "l": text(None), "L": text(None), "n": "0", "N": None,
        }  # fmt: skip
        if deal is not None:
            fee, asset = self._fee(order, deal)
            if asset == order.symbol[:-4]:
                self.book.holdings[order.symbol] -= fee
            event |= {"t": deal.number, "l": text(deal.qty), "L": text(deal.price), "n": text(fee), "N": asset}
        self.tell({"subscriptionId": 0, "event": event})

    async def _stream(self, socket: WebSocket) -> None:
        await socket.accept()
        asked = await socket.receive_json()
        params = asked["params"]
        given = params.pop("signature", "")
        words = "&".join(f"{name}={params[name]}" for name in sorted(params))
        good = params["apiKey"] == self.key and hmac.compare_digest(self._mac(words), given)
        with contextlib.suppress(Refused):
            self._check_time(params["timestamp"], params["recvWindow"])
            if good and asked["method"] == "userDataStream.subscribe.signature":
                await socket.send_json({"id": asked["id"], "status": 200, "result": {"subscriptionId": 0}})
                await serve_events(self, socket)
                return
        await socket.send_json({"id": asked["id"], "status": 400, "error": {"code": -1022, "msg": "refused"}})
        await socket.close()


async def serve_events(server: VenueServer, socket: WebSocket, *, binary: bool = False) -> None:
    """Sends what is told until the line ends."""
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    server.subscribers.append(queue)

    async def drain() -> None:
        with contextlib.suppress(Exception):
            while True:
                await socket.receive()

    reading = asyncio.create_task(drain())
    try:
        while not reading.done():
            with contextlib.suppress(TimeoutError):
                event = await asyncio.wait_for(queue.get(), 0.2)
                await socket.send_json(event, mode="binary" if binary else "text")
    except Exception:  # noqa: BLE001 - the line ended
        pass
    finally:
        reading.cancel()
        if queue in server.subscribers:
            server.subscribers.remove(queue)
