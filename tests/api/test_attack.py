"""Attacks on the order path: 100,000 orders that must not be, and every way round the gate that one could try."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from starlette.types import ASGIApp, Message

from api.app import build_app
from desk.errors import Forbidden
from desk.identity.signing import Request, sign
from desk.orders import Chosen, Order, OrderState, OrderType, Side
from desk.trading.tokens import TokenSigner
from tests.sizes import LONG

ORDERS = 1_000_000 if LONG else 100_000
PATH, HOST = "/v1/orders", "127.0.0.1:8400"
GOOD: dict[str, Any] = {"account": "desk-1", "instrument": "XNAS:AAPL", "side": "buy", "quantity": 10}
Ticket = dict[str, Any]


class Attacker:
    """Holds a good trading key, and nothing that it sends is a good order."""

    def __init__(self, app: ASGIApp, runtime) -> None:
        self._app = app
        self.key, token = runtime.desk.api_keys.create("trader", "bot", ["trade"], 1)
        self.secret = token.partition(".")[2]
        self.used: dict[str, str] = {}

    def sign(self, method: str, path: str, body: bytes, **more: Any) -> dict[str, str]:
        created = more.pop("created", int(time.time()) + 1)
        key, secret = more.pop("key", self.key.id), more.pop("secret", self.secret)
        return sign(Request(method, f"http://{HOST}{path}", body), key, secret, created, **more).headers()

    async def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """The status and body of the answer of the application itself."""
        answer: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            answer.append(message)

        raw = [(b"host", HOST.encode())]
        raw += [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "query_string": b"",
            "scheme": "http",
            "headers": raw,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8400),
        }
        await self._app(scope, receive, keep)
        return answer[0]["status"], b"".join(part.get("body", b"") for part in answer[1:])


def bad_tickets(dice: random.Random) -> Ticket:
    """A ticket that is wrong in one to three ways; each alone makes it no order."""
    numbers: list[Any] = [
        "NaN", "sNaN", "Infinity", "-Infinity", "1e400", "-1", "0", "-0", "0.5", "many", None, "9" * 60, {}, [1],
        10**30, -(2**63), 2**64, "1_0", "０", "+-1", 1e308, True, "0x10", "1e-9", "10\x00",
    ]  # fmt: skip
    texts: list[Any] = [None, "", "x" * 70, 7, [], {}, "XNAS:NONE", "INDX:SPX", "aapl", "XNAS:AAPL ", "..", "\x00", "é"]
    wrong: list[tuple[str, list[Any]]] = [
        ("quantity", numbers),
        ("account", [None, "", "customer-1", "desk-2", "x" * 90, 7, "desk-1\n", "DESK-1", ["desk-1"]]),
        ("instrument", texts),
        ("side", ["", None, 7, "short", "BUY", ["buy"]]),
        ("type", ["", "trailing", 1, None, "LIMIT"]),
        ("time_in_force", ["", "forever", None, "gtd", 5]),
        ("client_id", ["a b", "é", "x" * 65, "../x", None, 5, "a\n"]),
        ("post_only", ["maybe", 2, True]),
        ("display", ["NaN", "0", "-1", "5", {}]),
        ("expires", ["yesterday", "2001-01-01", "2999-13-01", {}]),
        ("limit_price", [*numbers[:8], "100.001", "1e9"]),
        ("stop_price", numbers[:8]),
        ("by", ["admin"]),
        ("token", ["9999999999.aa"]),
        ("chosen", ["agent"]),
    ]
    ticket = {**GOOD, "client_id": f"f-{dice.randrange(10**9)}"}
    for name, values in dice.sample(wrong, dice.choice((1, 1, 2, 3))):
        ticket[name] = dice.choice(values)
    return ticket


async def one(attacker: Attacker, dice: random.Random, n: int) -> tuple[int, bytes]:
    """One hostile request."""
    ticket = bad_tickets(dice)
    body = json.dumps(ticket).encode()
    method, path = "POST", PATH
    match dice.randrange(12):
        case 0:  # a body cut short, or with bytes changed
            body = json.dumps({**GOOD, "client_id": f"t-{n}"}).encode()[: dice.randrange(1, 90)]
        case 1:
            body = bytes(dice.randrange(256) for _ in range(dice.randrange(80)))
        case 2:  # a giant one, signed well
            body = json.dumps({**GOOD, "note": "x" * dice.randrange(17_000, 40_000)}).encode()
        case 3:  # a good order, signed for another time
            good = json.dumps({**GOOD, "client_id": f"c-{n}"}).encode()
            skew = dice.choice((-3_600, -301, 30, 3_600, 10**9))
            return await attacker.send(
                method, path, good, attacker.sign(method, path, good, created=int(time.time()) + skew)
            )
        case 4:  # a good order with a nonce that was used
            good = json.dumps({**GOOD, "client_id": f"n-{n}"}).encode()
            headers = attacker.sign(method, path, good, nonce="used-used-used-used")
            return await attacker.send(method, path, good, headers)
        case 5:  # a good order with a broken signature
            good = json.dumps({**GOOD, "client_id": f"s-{n}"}).encode()
            headers = attacker.sign(method, path, good)
            name = dice.choice(list(headers))
            at = dice.randrange(len(headers[name]))
            other = chr((ord(headers[name][at]) + dice.randrange(1, 200)) % 222 + 33)
            if other == headers[name][at]:
                other = "~"
            headers[name] = headers[name][:at] + other + headers[name][at + 1 :]
            return await attacker.send(method, path, good, headers)
        case 6:
            method, path = "PATCH", f"{PATH}/none-{n}"
            body = json.dumps({"quantity": ticket["quantity"], "limit_price": dice.choice(("NaN", None, 5))}).encode()
        case 7:
            method, path, body = "DELETE", f"{PATH}/none-{n}", b""
    return await attacker.send(method, path, body, attacker.sign(method, path, body))


async def test_a_hundred_thousand_orders_that_must_not_be(runtime, tmp_path):
    attacker, dice = Attacker(build_app(runtime, tmp_path), runtime), random.Random(20_260_401)
    good = json.dumps({**GOOD, "client_id": "the-good-one"}).encode()
    first = await attacker.send("POST", PATH, good, attacker.sign("POST", PATH, good, nonce="used-used-used-used"))
    assert first[0] == 201
    before = {(p.account, p.instrument): p.quantity for p in runtime.desk.trading.positions()}
    statuses: Counter[int] = Counter()
    for n in range(ORDERS):
        status, body = await one(attacker, dice, n)
        assert 400 <= status < 500, (n, status, body)
        statuses[status] += 1
    assert sum(statuses.values()) == ORDERS
    assert {401, 403, 404, 422} <= set(statuses), statuses
    assert [status.order.client_id for status in runtime.desk.trading.orders()] == ["the-good-one"]
    assert {(p.account, p.instrument): p.quantity for p in runtime.desk.trading.positions()} == before
    after = json.dumps({**GOOD, "client_id": "still-here"}).encode()
    assert (await attacker.send("POST", PATH, after, attacker.sign("POST", PATH, after)))[0] == 201


def order(**more: Any) -> Order:
    return replace(Order("atk-1", "desk-1", "XNAS:AAPL", Side.BUY, Decimal(10)), **more)


ROUND: list[tuple[str, Callable[[Any], Any]]] = [
    ("no token", lambda desk: desk.venue.place(order(), "")),
    ("a guessed token", lambda desk: desk.venue.place(order(), f"{int(time.time()) + 60}.{'0' * 64}")),
    ("another desk's token", lambda desk: desk.venue.place(order(), _token(order(), bytes(32)))),
    ("restore without one", lambda desk: desk.venue.restore(order(), "1.00", ())),
    ("amend without one", lambda desk: desk.venue.amend(order(), "")),
]


def _token(order: Order, key: bytes) -> str:
    from desk.clock import WallClock

    return TokenSigner(key).issue(order, WallClock().now(), timedelta(hours=1))


@pytest.mark.parametrize(("way", "try_it"), ROUND, ids=[way for way, _ in ROUND])
def test_a_venue_refuses_whatever_the_gate_did_not_sign(desk, way, try_it):
    with pytest.raises(Forbidden):
        try_it(desk.trading)
    assert desk.trading.orders() == []
    assert desk.trading.venue.open_orders() == []


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": Decimal(11)},
        {"side": Side.SELL},
        {"account": "customer-1"},
        {"instrument": "XNAS:MSFT"},
        {"client_id": "atk-2"},
        {"type": OrderType.LIMIT, "limit_ticks": 1},
        {"chosen": Chosen.AGENT},
        {"post_only": True},
        {"by": "somebody"},
    ],
)
def test_a_token_is_good_for_one_order_exactly_as_it_stands(desk, change):
    trading = desk.trading
    trading.gate.submit(order())
    token = trading.accounts.order("atk-1").token
    with pytest.raises(Forbidden):
        trading.venue.place(replace(order(), **change), token)
    assert len(trading.orders()) == 1


def test_a_token_shown_again_places_nothing_again(desk):
    trading = desk.trading
    trading.gate.submit(order())
    token, held = trading.accounts.order("atk-1").token, trading.accounts.account("desk-1").held("XNAS:AAPL")
    again = trading.venue.place(order(), token)
    assert again.state is OrderState.FILLED
    trading.settlement.book(again)
    trading.settlement.book_all(trading.venue.news())
    assert trading.accounts.account("desk-1").held("XNAS:AAPL") == held
    assert len(trading.status("atk-1").fills) == 1


def test_a_venues_word_about_an_order_nobody_accepted_books_nothing(desk):
    trading = desk.trading
    trading.gate.submit(order())
    placement = trading.venue.place(order(), trading.accounts.order("atk-1").token)
    before = trading.accounts.state_hash()
    assert trading.settlement.book(placement._replace(client_id="ghost")) == 0
    assert trading.accounts.state_hash() == before
