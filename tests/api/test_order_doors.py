"""Every door of an order: typed, signed, WebSocket, command line. One ticket, one gate, one answer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from desk.identity.signing import Request, sign
from tests.api.running import Up, tenor

APPLE = {"account": "desk-1", "instrument": "XNAS:AAPL", "side": "buy", "quantity": 10}


class Program:
    """A program with a trading key at a running desk."""

    def __init__(self, up: Up) -> None:
        self.up = up
        made = tenor(up.home, "keys", "create", "--scope", "trade,read", "--as", "trader").json
        self.id, self.token = made["id"], made["secret"]
        self.http = httpx.Client(base_url=up.address, headers={"authorization": f"Bearer {self.token}"})
        quotes = self.http.get("/v1/market/quotes").json()["quotes"]
        self.last = next(q["last"] for q in quotes if q["instrument"] == "XNAS:AAPL")

    def price(self, share: float) -> str:
        return f"{self.last * share:.2f}"

    def signed(self, method: str, path: str, body: bytes = b"") -> dict[str, str]:
        url = f"{self.up.address.rstrip('/')}{path}"
        secret = self.token.partition(".")[2]
        created = int(time.time()) + 1  # what was signed in the second the desk began is refused
        return sign(Request(method, url, body), self.id, secret, created).headers()

    def entry(self, headers: dict[str, str] | None = None) -> ClientConnection:
        url = self.up.address.replace("http://", "ws://") + "v1/orders/entry"
        return connect(url, additional_headers=headers or {"authorization": f"Bearer {self.token}"})


def ask(socket: ClientConnection, **message: Any) -> dict[str, Any]:
    socket.send(json.dumps(message))
    answer: dict[str, Any] = json.loads(socket.recv(timeout=10))
    return answer


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Iterator[Program]:
    up = Up(tmp_path_factory.mktemp("doors") / "home")
    try:
        yield Program(up)
    finally:
        assert up.stop() in (0, 130)


@pytest.mark.parametrize(
    ("more", "state", "shows"),
    [
        ({}, "filled", {"filled": 10}),
        ({"type": "limit", "share": 0.97, "time_in_force": "gtc"}, "working", {"time_in_force": "gtc"}),
        ({"type": "limit", "share": 0.97, "time_in_force": "ioc"}, "cancelled", {"filled": 0}),
        ({"type": "limit", "share": 0.97, "time_in_force": "fok"}, "cancelled", {"filled": 0}),
        ({"type": "limit", "share": 0.97, "time_in_force": "gtd", "expires": "2099-01-01"}, "working",
         {"expires": "2099-01-01"}),
        ({"type": "limit", "share": 0.97, "display": 2}, "working", {"display": 2}),
        ({"type": "limit", "share": 0.97, "post_only": True}, "working", {"post_only": True}),
        ({"type": "limit", "share": 1.02, "post_only": True}, "rejected", {"filled": 0}),
        ({"type": "stop", "stop": 1.03}, "working", {"triggered": False}),
        ({"type": "stop_limit", "stop": 1.03, "share": 1.04}, "working", {"triggered": False}),
        ({"type": "stop", "stop": 0.97}, "filled", {"triggered": True}),
    ],
)  # fmt: skip
def test_every_kind_of_order_by_http(program, more, state, shows):
    ticket = {**APPLE, **more}
    for share, name in (("share", "limit_price"), ("stop", "stop_price")):
        if share in ticket:
            ticket[name] = program.price(ticket.pop(share))
    answer = program.http.post("/v1/orders", json=ticket)
    assert answer.status_code == 201, answer.text
    order = answer.json()["order"]
    assert {"state": state, **shows} == {name: order[name] for name in ("state", *shows)}, order["reason"]
    listed = program.http.get("/v1/orders").json()["orders"]
    assert next(o for o in listed if o["id"] == order["id"])["type"] == ticket.get("type", "market")
    program.http.delete("/v1/orders")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"type": "limit"}, "needs limit_price"),
        ({"type": "stop"}, "stop price"),
        ({"limit_price": 100}, "limit price"),
        ({"type": "trailing"}, "type"),
        ({"type": "limit", "limit_prize": 100}, "limit_prize"),
        ({"time_in_force": "gtd"}, "expires"),
        ({"post_only": True}, "post only"),
    ],
)
def test_a_ticket_that_makes_no_order_says_why(program, more, words):
    answer = program.http.post("/v1/orders", json={**APPLE, **more})
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


def test_an_order_is_amended_by_every_door(program):
    ticket = {**APPLE, "type": "limit", "limit_price": program.price(0.97), "time_in_force": "gtc"}
    id = program.http.post("/v1/orders", json=ticket).json()["order"]["id"]
    assert program.http.patch(f"/v1/orders/{id}", json={"quantity": 8}).json()["quantity"] == 8
    body = json.dumps({"quantity": 7}).encode()
    path = f"/v1/orders/{id}"
    signed = httpx.patch(
        f"{program.up.address.rstrip('/')}{path}", content=body, headers=program.signed("PATCH", path, body)
    )
    assert (signed.status_code, signed.json().get("quantity")) == (200, 7), signed.text
    with program.entry() as socket:
        change = {"quantity": "6", "limit_price": program.price(0.96)}
        amended = ask(socket, op="amend", id="m1", order_id=id, change=change)
        assert (amended["id"], amended["ok"], amended["order"]["quantity"]) == ("m1", True, 6)
    done = tenor(program.up.home, "orders", "amend", id, "--quantity", "5", "--as", "trader").json
    assert done["order"]["quantity"] == 5
    assert program.http.patch(f"/v1/orders/{id}", json={}).status_code == 422
    assert program.http.patch("/v1/orders/none", json={"quantity": 1}).status_code == 404
    assert program.http.patch(f"/v1/orders/{id}", json={"quantity": 10**7}).status_code == 422
    held = program.http.patch(f"/v1/orders/{id}", json={"quantity": 1_500})
    assert held.status_code == 403
    assert "above your threshold" in held.json()["detail"]
    assert program.http.delete(f"/v1/orders/{id}").json()["state"] == "cancelled"
    assert program.http.patch(f"/v1/orders/{id}", json={"quantity": 4}).status_code == 409


def test_orders_over_a_socket_are_the_same_orders(program):
    with program.entry() as socket:
        first = ask(socket, op="place", id="a", order={**APPLE, "client_id": "ws-1"}, ack="durable")
        assert (first["ok"], first["ack"], first["order"]["filled"]) == (True, "durable", 10)
        assert program.http.post("/v1/orders", json={**APPLE, "client_id": "ws-1"}).json()["order"]["id"] == "ws-1"
        refused = ask(socket, op="place", id="b", order={**APPLE, "quantity": 10**7})
        assert (refused["id"], refused["ok"], refused["problem"]["rule"]) == ("b", False, "max_order_quantity")
        waits = ask(socket, op="place", order={**APPLE, "quantity": 1_000})
        assert waits["approval"]["state"] == "waiting"
        limit = {**APPLE, "type": "limit", "limit_price": program.price(0.97), "client_id": "ws-2"}
        ask(socket, op="place", order=limit)
        assert ask(socket, op="cancel", order_id="ws-2")["order"]["state"] == "cancelled"
        ask(socket, op="place", order={**limit, "client_id": "ws-3"})
        assert [o["id"] for o in ask(socket, op="cancel_all", instrument="XNAS:AAPL")["orders"]] == ["ws-3"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"op":"buy"}', "[" * 9_000, '{"op":"place","order":{"quantity":NaN}}']
)
def test_nonsense_over_a_socket_is_answered_and_the_socket_goes_on(program, text):
    with program.entry() as socket:
        socket.send(text)
        assert not json.loads(socket.recv(timeout=10))["ok"]
        assert ask(socket, op="cancel", order_id="none")["problem"]["status"] == 404


def test_who_may_enter_orders_over_a_socket(program):
    reader = tenor(program.up.home, "keys", "create", "--scope", "read", "--as", "trader").json["secret"]
    for headers in ({}, {"authorization": "Bearer nonsense"}, {"authorization": f"Bearer {reader}"}):
        assert _close_code(program.entry(headers or {"x-none": "1"})) == 4401
    signed = program.signed("GET", "/v1/orders/entry")
    with program.entry(signed) as socket:
        assert ask(socket, op="place", order={**APPLE, "client_id": "ws-signed"})["ok"]
    assert _close_code(program.entry(signed)) == 4401, "a signature opens one socket"
    with program.entry() as socket:
        socket.send(b"bytes")
        assert _close_code(socket) == 1003
    with program.entry() as socket:
        socket.send("x" * 20_000)
        assert _close_code(socket) == 1009


def test_the_command_line_places_and_cancels(program):
    home, price = program.up.home, program.price(0.97)
    placed = tenor(home, "orders", "place", "buy", "3", "XNAS:AAPL", "--type", "limit", "--limit", price,
                   "--tif", "gtc", "--client-id", "cli-1", "--account", "desk-1", "--as", "trader").json  # fmt: skip
    assert placed["order"]["state"] == "working"
    assert tenor(home, "orders", "cancel", "cli-1", "--as", "trader").json["order"]["state"] == "cancelled"
    assert tenor(home, "orders", "cancel", "--all", "--as", "trader").json["orders"] == []
    for wrong in (["cancel"], ["place", "up", "3", "XNAS:AAPL"], ["amend", "cli-1"]):
        assert tenor(home, "orders", *wrong, "--as", "trader").exit != 0
    assert tenor(home, "orders", "place", "buy", "3", "XNAS:AAPL").exit != 0, "nobody is named"


def _close_code(socket: ClientConnection) -> int:
    try:
        socket.recv(timeout=10)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0
    raise AssertionError("the socket goes on")
