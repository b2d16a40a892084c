"""The hot route: signed orders get in as they would through FastAPI, and nothing else does."""

from __future__ import annotations

import json
import random
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from api.app import build_app
from api.placing import placed_json, placed_view
from api.tickets import Ticket, read_ticket
from desk.identity.signing import Request, Signed, sign
from desk.orders import Fill, OrderState, OrderStatus
from desk.trading.decisions import Decision

BASE = "http://127.0.0.1:8400"
URL = f"{BASE}/v1/orders"
AT = datetime(2026, 11, 20, 15, 0, 0, 1, tzinfo=UTC)
TICKET = {"account": "desk-1", "instrument": "XNAS:AAPL", "side": "buy", "quantity": 10}


@pytest.fixture
async def client(runtime, tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build_app(runtime, tmp_path)), base_url=BASE) as opened:
        yield opened


class Signer:
    """A program with a key."""

    def __init__(self, client: httpx.AsyncClient, runtime, scopes=("trade",), person="trader") -> None:
        self.client = client
        self.key, token = runtime.desk.api_keys.create(person, "bot", list(scopes), 1)
        self.secret = token.partition(".")[2]

    def sign(self, body: bytes, url: str = URL, method: str = "POST", **other) -> dict[str, str]:
        # One second ahead: what was signed in the second the desk started is refused.
        created = other.pop("created", int(time.time()) + 1)
        signed = sign(Request(method, url, body), self.key.id, self.secret, created, **other)
        return signed.headers()

    async def send(self, ticket: dict, url: str = URL, **other) -> httpx.Response:
        body = json.dumps(ticket).encode()
        return await self.client.post(url, content=body, headers=self.sign(body, url, **other))

    async def delete(self, url: str) -> httpx.Response:
        return await self.client.delete(url, headers=self.sign(b"", url, "DELETE"))


@pytest.fixture
def signer(client, runtime) -> Signer:
    return Signer(client, runtime)


async def test_a_signed_order_is_placed_like_a_typed_one(client, runtime, signer):
    first = await signer.send({**TICKET, "client_id": "hot-1"})
    assert first.status_code == 201
    _, token = runtime.desk.api_keys.create("trader", "slow", ["trade"], 1)
    bearer = {"authorization": f"Bearer {token}"}
    second = await client.post(URL, json={**TICKET, "client_id": "hot-2"}, headers=bearer)
    hot, slow = first.json()["order"], second.json()["order"]
    assert hot["filled"] == slow["filled"] == 10
    differs = {"id", "client_id", "created_at", "average_price"}
    assert {k: v for k, v in hot.items() if k not in differs} == {k: v for k, v in slow.items() if k not in differs}


async def test_the_same_order_twice_is_one_and_durable_waits_for_the_disk(runtime, signer):
    ticket = {**TICKET, "client_id": "hot-1"}
    first = await signer.send(ticket, f"{URL}?ack=durable")
    again = await signer.send(ticket)
    assert first.json()["ack"] == "durable"
    assert again.json()["order"]["id"] == first.json()["order"]["id"]
    assert len(runtime.desk.trading.orders()) == 1
    assert any(r.body["order"]["client_id"] == "hot-1" for r in runtime.desk.trading.journal.replay()
               if r.kind == "order.accepted")  # fmt: skip
    other = await signer.send({**ticket, "quantity": 11})
    assert other.status_code == 409


async def test_above_the_threshold_a_second_person_is_asked(runtime, signer):
    answer = await signer.send({**TICKET, "quantity": 1000, "client_id": "hot-1"})
    assert answer.json()["approval"]["state"] == "waiting"
    assert runtime.desk.trading.orders() == []


async def test_a_refusal_names_rule_limit_and_value(signer):
    answer = await signer.send({**TICKET, "quantity": 5_000_000})
    assert answer.status_code == 422
    assert (answer.json()["rule"], answer.json()["limit"]) == ("max_order_quantity", "100000")


async def test_a_signature_works_once(client, signer):
    body = json.dumps({**TICKET, "client_id": "hot-1"}).encode()
    headers = signer.sign(body)
    assert (await client.post(URL, content=body, headers=headers)).status_code == 201
    replayed = await client.post(URL, content=body, headers=headers)
    assert replayed.status_code == 401
    assert "nonce" in replayed.json()["detail"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"age": 3_600}, "expired"),
        ({"age": -3_600}, "future"),
        ({"life_s": 3_600}, "1 to 300"),
        ({"age": 60, "life_s": 300}, "older than this run"),
        ({"nonce": "short"}, "profile"),
    ],
)
async def test_times_and_nonces_are_held_to(signer, change, words):
    if "age" in change:
        change = {**change, "created": int(time.time()) - change["age"]}
        del change["age"]
    answer = await signer.send(TICKET, **change)
    assert answer.status_code == 401
    assert words in answer.json()["detail"]


async def test_a_changed_body_target_digest_or_secret_is_refused(client, runtime, signer):
    body = json.dumps(TICKET).encode()
    more = body.replace(b"10", b"99")
    assert (await client.post(URL, content=more, headers=signer.sign(body))).status_code == 401
    assert (await client.post(f"{URL}?ack=durable", content=body, headers=signer.sign(body))).status_code == 401
    headers = signer.sign(body)
    fresh = sign(Request("POST", URL, more), signer.key.id, "a guess", int(time.time()) + 1).headers()
    assert (await client.post(URL, content=more, headers=fresh)).status_code == 401
    mixed = {**headers, "content-digest": fresh["content-digest"]}
    assert (await client.post(URL, content=more, headers=mixed)).status_code == 401
    assert runtime.desk.trading.orders() == []


async def test_less_may_not_be_signed(client, signer):
    body = json.dumps(TICKET).encode()
    headers = signer.sign(body)
    less = headers["signature-input"].replace(' "content-digest"', "")
    answer = await client.post(URL, content=body, headers={**headers, "signature-input": less})
    assert answer.status_code == 401


async def test_a_revoked_key_a_wrong_scope_and_an_unknown_key_stop_at_once(client, runtime, signer):
    assert (await signer.send({**TICKET, "client_id": "hot-1"})).status_code == 201
    runtime.desk.api_keys.revoke(signer.key.id, "trader")
    assert (await signer.send({**TICKET, "client_id": "hot-2"})).status_code == 401
    assert (await Signer(client, runtime, scopes=("read",)).send(TICKET)).status_code == 403
    assert (await Signer(client, runtime, person="analyst").send(TICKET)).status_code == 403
    foreign = await Signer(client, runtime, person="customer").send(TICKET)
    assert foreign.status_code == 403


async def test_keys_of_demo_people_stop_with_the_first_real_account(runtime, signer):
    assert (await signer.send({**TICKET, "client_id": "hot-1"})).status_code == 201
    runtime.desk.people.set_password("admin", "a long enough password")
    assert (await signer.send({**TICKET, "client_id": "hot-2"})).status_code == 401


async def test_garbage_never_passes_and_never_breaks(client, runtime, signer):
    dice = random.Random(4)
    sides: list[object] = ["buy", "sell", "", None, 7]
    prices: list[object] = ["NaN", "1e400", "-1", "0", "many", None, "9" * 60, {}, [1]]
    for n in range(2_000):
        ticket = {**TICKET, "client_id": f"g-{n}", "quantity": dice.choice(prices)}
        ticket["side"], ticket["account"] = (
            dice.choice(sides),
            dice.choice(["desk-1", "", "customer-1", None, "x" * 90]),
        )
        ticket["instrument"] = dice.choice(["XNAS:AAPL", "XNAS:NONE", "", None, "INDEX:SPX"])
        body = json.dumps(ticket).encode()
        headers = signer.sign(body)
        match n % 4:
            case 0:
                body = body[: dice.randrange(len(body))]
                headers = signer.sign(body)
            case 1:
                headers["signature"] = headers["signature"][: dice.randrange(40)] + dice.choice(["", ":", "\x7f", "é"])
            case 2:
                headers["signature-input"] = Signed("", headers["signature-input"][n % 50 :], "").signature_input
        raw = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
        answer = await client.post(URL, content=body, headers=raw)
        assert 400 <= answer.status_code < 500, (answer.status_code, body, headers)
        assert answer.json()["detail"]
    assert runtime.desk.trading.orders() == []


def waiting(runtime, id: str, **other) -> dict:
    bid = runtime.desk.feed.quote("XNAS:AAPL").bid_ticks
    return {**TICKET, "client_id": id, "type": "limit", "limit_price": str(round(bid * 0.0095, 2)), **other}


async def test_a_signed_cancel_takes_one_order_out(client, runtime, signer):
    assert (await signer.send(waiting(runtime, "w-1"))).json()["order"]["state"] == "working"
    done = await signer.delete(f"{URL}/w-1")
    assert (done.status_code, done.json()["state"]) == (200, "cancelled")
    assert (await signer.delete(f"{URL}/w-1")).json()["state"] == "cancelled"
    assert (await signer.delete(f"{URL}/none")).status_code == 404
    assert (await Signer(client, runtime, person="trader2").delete(f"{URL}/w-1")).status_code == 200
    assert (await Signer(client, runtime, person="customer").delete(f"{URL}/w-1")).status_code == 404
    unsigned = await client.delete(f"{URL}/w-1")
    assert unsigned.status_code == 401


async def test_a_mass_cancel_takes_what_it_names_and_nothing_else(client, runtime, signer):
    low = runtime.desk.feed.quote("XNAS:MSFT").bid_ticks
    msft = {"instrument": "XNAS:MSFT", "limit_price": str(round(low * 0.0095, 2))}
    for id, other in (("a", {}), ("b", {}), ("c", msft)):
        assert (await signer.send(waiting(runtime, id, **other))).json()["order"]["state"] == "working"
    one = await signer.delete(f"{URL}?instrument=XNAS:MSFT")
    assert [order["client_id"] for order in one.json()["orders"]] == ["c"]
    assert (await signer.delete(f"{URL}?instrument=XNAS:NONE")).status_code == 404
    assert (await signer.delete(f"{URL}?account=customer-1")).status_code == 403
    assert (await signer.delete(f"{URL}?every=thing")).status_code == 422
    assert runtime.desk.trading.status("a").state == "working"
    rest = await signer.delete(f"{URL}?account=desk-1")
    assert {(order["client_id"], order["state"]) for order in rest.json()["orders"]} == {
        ("a", "cancelled"),
        ("b", "cancelled"),
    }
    assert (await signer.delete(URL)).json() == {"orders": [], "not_yet": []}


async def test_a_giant_body_and_a_foreign_host_are_turned_away(client, signer):
    big = b'{"account": "' + b"x" * 20_000 + b'"}'
    assert (await client.post(URL, content=big, headers=signer.sign(big))).status_code == 422
    body = json.dumps(TICKET).encode()
    answer = await client.post(URL, content=body, headers={**signer.sign(body), "host": "evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"quantity": "3", "type": "limit", "limit_price": "0.01", "client_id": "json-1"},
        {"quantity": 20, "type": "limit", "limit_price": 1.23, "display": 5, "time_in_force": "gtc", "side": "buy"},
        {"type": "stop", "stop_price": "9999.99", "client_id": "json-2"},
        {"type": "limit", "limit_price": 1, "time_in_force": "gtd", "expires": "2099-12-31", "post_only": True},
        {"instrument": "CRYPTO:BTCUSD", "quantity": "0.00001"},
    ],
)
def test_the_answer_is_what_the_model_would_write(runtime, more):
    trader, ticket = runtime.desk.people.get("trader"), Ticket.model_validate({**TICKET, **more})
    order = read_ticket(runtime.desk, trader, ticket)
    fill = Fill("f", order.client_id, order.account, order.instrument, order.side, order.quantity, 1, 1, "USD", AT)
    for price in ("1E-7", "1E+16", "182.430000", "0.1", "1234567.891", "5E+22", "3"):
        status = OrderStatus(
            order, OrderState.WORKING, AT, order.quantity, Decimal(price), 'caf\u00e9 \u2028 "', [fill]
        )
        for done in (Decision(order), Decision(order, status=status)):
            for ack in ("accepted", "durable"):
                modelled = placed_view(runtime, done, ack).model_dump_json().encode()
                assert placed_json(runtime, done, ack) == modelled
