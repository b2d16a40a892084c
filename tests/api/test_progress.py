"""Where an order is on its way, by the API: every step, what needs a person, and another try."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import httpx
import pytest
from sqlalchemy import update

from api.app import build_app
from desk.orders import Order, Side
from desk.store.tables import outbox
from graphs.runtime import Runtime
from tests.api.test_http import BASE, sign_in


@pytest.fixture
async def client(runtime: Runtime, tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_app(runtime, tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as opened:
        yield opened


def order(id: str) -> Order:
    return Order(id, "desk-1", "XNAS:AAPL", Side.BUY, Decimal(5), by="trader")


async def reached(client: httpx.AsyncClient, id: str, state: str) -> dict:
    for _ in range(500):
        found: dict = (await client.get(f"/v1/orders/{id}/progress")).json()
        if found["delivery"] and found["delivery"]["state"] == state and found["steps"][1]["done"]:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def test_every_step_of_an_order_through_the_queue(client, runtime):
    await sign_in(client, runtime, "trader")
    runtime.desk.trading.gate.submit(order("o-1"), route="broker")
    found = await reached(client, "o-1", "done")
    assert [(step["name"], step["done"]) for step in found["steps"]] == [
        (name, True) for name in ("accepted", "durable", "sent", "placed", "filled", "ended")
    ]
    assert found["delivery"]["attempts"] == 1
    assert found["steps"][-1]["detail"] == "filled"
    assert (await client.get("/v1/deliveries")).json() == {"deliveries": []}


async def test_an_order_straight_to_the_venue_has_no_delivery(client, runtime):
    await sign_in(client, runtime, "trader")
    runtime.desk.trading.gate.submit(order("o-1"))
    found = (await client.get("/v1/orders/o-1/progress")).json()
    assert found["delivery"] is None
    assert [step["name"] for step in found["steps"]] == ["accepted", "durable", "filled", "ended"]


async def test_an_order_in_review_is_listed_and_tried_again_by_its_owner(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    runtime.desk.trading.gate.submit(order("o-1"), route="broker")
    await reached(client, "o-1", "done")
    assert (await client.post("/v1/orders/o-1/retry", headers=csrf)).status_code == 409
    with runtime.desk.store.begin() as connection:
        connection.execute(update(outbox).values(state="review", attempts=5, error="the line is down"))
    listed = (await client.get("/v1/deliveries")).json()["deliveries"]
    assert [(d["order"]["id"], d["delivery"]["state"], d["delivery"]["error"]) for d in listed] == [
        ("o-1", "review", "the line is down")
    ]
    again = await client.post("/v1/orders/o-1/retry", headers=csrf)
    assert again.status_code == 200
    await reached(client, "o-1", "done")
    assert [s.filled for s in runtime.desk.trading.orders()] == [5], "tried again, not bought again"


async def test_another_persons_order_does_not_exist(client, runtime):
    runtime.desk.trading.gate.submit(order("o-1"), route="broker")
    csrf = await sign_in(client, runtime, "customer")
    assert (await client.get("/v1/orders/o-1/progress")).status_code == 404
    assert (await client.post("/v1/orders/o-1/retry", headers=csrf)).status_code == 404
    assert (await client.get("/v1/deliveries")).json() == {"deliveries": []}
    await sign_in(client, runtime, "compliance")
    assert (await client.get("/v1/orders/o-1/progress")).status_code == 200


async def test_a_proposal_is_changed_by_the_api(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    asked = await runtime.ask("Buy 50 AAPL", runtime.desk.people.get("trader"))
    id, order_id = asked["approval"]["id"], asked["approval"]["orders"][0]["client_id"]
    body = {"changes": [{"client_id": order_id, "quantity": "30"}]}
    changed = await client.post(f"/v1/approvals/{id}/change", json=body, headers=csrf)
    assert changed.status_code == 201
    assert (changed.json()["order"]["quantity"], changed.json()["state"]) == (30, "waiting")
    assert (await client.post(f"/v1/approvals/{id}/change", json=body, headers=csrf)).status_code == 409
    body["changes"][0]["quantity"] = "many"
    assert (
        await client.post(f"/v1/approvals/{changed.json()['id']}/change", json=body, headers=csrf)
    ).status_code == 422
