"""Alpaca's trading API as documented, on this machine: orders, assets, activities, positions, clock, trade updates."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from tests.venues.binance_server import serve_events
from tests.venues.book import Deal, VenueBook, VenueOrder
from tests.venues.served import Faults, VenueServer

KEY, SECRET = "made-up-alpaca-name", "made-up-alpaca-word"
AAPL, OPENS = "AAPL", "2031-01-02T09:30:00-05:00"
_WORDS = {"new": "new", "partial": "partially_filled", "filled": "filled", "cancelled": "canceled",
          "expired": "expired", "rejected": "rejected", "replaced": "replaced"}  # fmt: skip
_EVENTS = {"new": "new", "cancelled": "canceled", "expired": "expired"}


class AlpacaServer(VenueServer):
    """`word` overrides what orders are said to be; `assets` by symbol; `is_open` is the market's clock."""

    def __init__(self, faults: Faults | None = None) -> None:
        super().__init__(faults)
        self.book = VenueBook({AAPL: Decimal("180.01")})
        self.book.heard = self._heard
        self.word = ""
        self.is_open = True
        self.slow_cancel = False
        self.blocked = False
        self.assets = {AAPL: {"tradable": True, "fractionable": True, "status": "active"}}

    def app(self) -> ASGIApp:
        def route(path: str, method: str, call: Any) -> Route:
            async def handle(request: Request) -> Response:
                given = (request.headers.get("apca-api-key-id"), request.headers.get("apca-api-secret-key"))
                if given != (KEY, SECRET):
                    return JSONResponse({"message": "unauthorized."}, 401)
                body = json.loads(await request.body() or b"null")
                status, answer = call(request, body)
                return Response(status_code=status) if answer is None else JSONResponse(answer, status)

            return Route(path, handle, methods=[method])

        return Starlette(routes=[
            WebSocketRoute("/stream", self._stream),
            route("/v2/account", "GET", lambda *_: (200, {"status": "ACTIVE", "trading_blocked": self.blocked})),
            route("/v2/clock", "GET", lambda *_: (200, {"is_open": self.is_open, "next_open": OPENS})),
            route("/v2/assets/{symbol}", "GET", self._asset),
            route("/v2/orders:by_client_order_id", "GET", self._by_name),
            route("/v2/orders", "GET", lambda *_: (200, [self._plain(o) for o in self.book.working()])),
            route("/v2/orders", "POST", self._place),
            route("/v2/orders/{id}", "DELETE", self._cancel),
            route("/v2/account/activities/FILL", "GET", self._activities),
            route("/v2/positions", "GET", self._positions),
        ])  # fmt: skip

    def _asset(self, request: Request, _: Any) -> tuple[int, Any]:
        found = self.assets.get(request.path_params["symbol"])
        return (404, {"code": 40410000, "message": "asset not found"}) if found is None else (200, found)

    def _by_name(self, request: Request, _: Any) -> tuple[int, Any]:
        order = self.book.find(request.query_params["client_order_id"])
        return (404, {"code": 40410000, "message": "order not found"}) if order is None else (200, self._plain(order))

    def _place(self, _: Request, body: Any) -> tuple[int, Any]:
        asset = self.assets.get(body["symbol"])
        if asset is None or not asset["tradable"]:
            return 422, {"code": 42210000, "message": f"asset {body['symbol']} is not tradable"}
        assert len(body["client_order_id"]) <= 48
        with self.book.lock:
            if self.book.find(body["client_order_id"]) is not None:
                return 422, {"code": 40010001, "message": "client_order_id must be unique"}
            order = self.book.enter(
                name=body["client_order_id"], symbol=body["symbol"], side=body["side"], kind=body["type"],
                qty=Decimal(body["qty"]), tif=body["time_in_force"],
                limit=Decimal(body["limit_price"]) if "limit_price" in body else None,
                stop=Decimal(body["stop_price"]) if "stop_price" in body else None,
            )  # fmt: skip
            return 200, {**self._plain(order), "status": "pending_new", "filled_qty": "0"}

    def _cancel(self, request: Request, _: Any) -> tuple[int, Any]:
        order = next((o for o in self.book.orders if self._id(o) == request.path_params["id"]), None)
        if order is None:
            return 404, {"code": 40410000, "message": "order not found"}
        if not order.open:
            return 422, {"code": 42210000, "message": "order is not cancelable"}
        if not self.slow_cancel:
            self.book.cancel(order)
        return 204, None

    def _activities(self, request: Request, _: Any) -> tuple[int, Any]:
        query = request.query_params
        after = query.get("after", "")
        told = [
            {
                "activity_type": "FILL", "id": f"{d.number:017d}::{uuid5(NAMESPACE_OID, str(d.number))}",
                "cum_qty": str(d.done), "leaves_qty": str(o.qty - d.done), "qty": str(d.qty), "price": str(d.price),
                "side": o.side, "symbol": o.symbol, "order_id": self._id(o), "transaction_time": _stamp(o.at),
                "type": "fill" if d.done == o.qty else "partial_fill",
            }
            for o in self.book.orders for d in o.deals if _stamp(o.at) >= after
        ]  # fmt: skip
        told.sort(key=lambda each: each["id"])
        if "page_token" in query:
            told = [each for each in told if each["id"] > query["page_token"]]
        return 200, told[: int(query.get("page_size", 100))]

    def _positions(self, *_: Any) -> tuple[int, Any]:
        return 200, [
            {"symbol": symbol, "qty": str(units), "side": "long" if units > 0 else "short"}
            for symbol, units in self.book.holdings.items() if units
        ]  # fmt: skip

    def _id(self, order: VenueOrder) -> str:
        return str(uuid5(NAMESPACE_OID, f"order {order.number}"))

    def _plain(self, order: VenueOrder) -> dict[str, Any]:
        return {
            "id": self._id(order), "client_order_id": order.name, "symbol": order.symbol, "side": order.side,
            "qty": str(order.qty), "filled_qty": str(order.filled), "type": order.kind, "time_in_force": order.tif,
            "status": self.word or _WORDS[order.word], "created_at": _stamp(order.at),
        }  # fmt: skip

    def _heard(self, order: VenueOrder, what: str, deal: Deal | None) -> None:
        event = ("fill" if order.word == "filled" else "partial_fill") if deal is not None else _EVENTS.get(what, what)
        data: dict[str, Any] = {"event": event, "order": self._plain(order)}
        if deal is not None:
            data |= {"price": str(deal.price), "qty": str(deal.qty), "execution_id": str(uuid5(NAMESPACE_OID, "e"))}
        self.tell({"stream": "trade_updates", "data": data})

    async def _stream(self, socket: WebSocket) -> None:
        await socket.accept()
        asked = await socket.receive_json()
        good = (asked["action"], asked["key"], asked["secret"]) == ("auth", KEY, SECRET)
        status = "authorized" if good else "unauthorized"
        await socket.send_json({"stream": "authorization", "data": {"status": status}}, mode="binary")
        if not good:
            await socket.close()
            return
        wanted = (await socket.receive_json())["data"]["streams"]
        await socket.send_json({"stream": "listening", "data": {"streams": wanted}}, mode="binary")
        await serve_events(self, socket, binary=True)


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
