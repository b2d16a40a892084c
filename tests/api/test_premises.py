"""A yes refused since the price moved past the collar, over HTTP and by command; terms and origins as they travel."""

from __future__ import annotations

import json
from decimal import Decimal

import httpx
import pytest
from sqlalchemy import select, update

from api.app import build_app
from desk.factory import open_desk
from desk.settings import Settings
from desk.store.engine import Store
from desk.store.folder import DataFolder
from desk.store.tables import approvals
from graphs.runtime import open_runtime
from tests.api.running import tenor
from tests.api.test_http import BASE, sign_in
from tests.graphs.test_approval import propose


def propose_at_twice_the_price(store: Store, id: str) -> int:
    """Makes the proposal one of a market at twice the price of now; that price, in ticks."""
    with store.begin() as connection:
        [text] = connection.execute(select(approvals.c.evidence).where(approvals.c.id == id)).one()
        evidence = json.loads(text)
        evidence["prices"] = [2 * evidence["prices"][0]]
        connection.execute(update(approvals).where(approvals.c.id == id).values(evidence=json.dumps(evidence)))
    return int(evidence["prices"][0])


def check_body(body: dict[str, str], then: int) -> None:
    assert body["rule"] == "price_band"
    assert Decimal(body["proposed_price"]) == Decimal(then) / 100
    assert abs(Decimal(body["price_now"]) * 2 - Decimal(body["proposed_price"])) < Decimal(then) / 10_000
    assert body["collar_bps"] == body["limit"]


async def test_the_collar_terms_and_origin_over_http(tmp_path):
    folder = DataFolder(tmp_path / "home")
    folder.hold({})
    desk = open_desk(Settings(sim_taker_bps="2.5"), folder)
    async with open_runtime(desk) as runtime:
        transport = httpx.ASGITransport(build_app(runtime, tmp_path))
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            csrf = await sign_in(client, runtime, "trader")
            brokers = (await client.get("/v1/brokers")).json()["brokers"]
            assert next(one for one in brokers if one["name"] == "simulated venue")["terms"] == [
                "simulated: fees 0 bps for an order that rested, 2.5 bps for one that took"
            ]
            id = await propose(runtime)
            assert (await client.get(f"/v1/approvals/{id}")).json()["part_of"] is None
            then = propose_at_twice_the_price(desk.store, id)
            refused = await client.post(f"/v1/approvals/{id}", json={"decision": "approve"}, headers=csrf)
            assert refused.status_code == 422
            check_body(refused.json(), then)
            assert (await client.get(f"/v1/approvals/{id}")).json()["state"] == "failed"
            asked = desk.approvals.get(id)
            for evidence, origin in (
                ({"bot": "b-7"}, {"kind": "bot", "id": "b-7"}),
                ({"schedule": {}}, {"kind": "schedule", "id": "s-9"}),
            ):
                made = desk.approvals.propose(
                    thread="schedule-s-9",
                    asker=desk.people.get("trader"),
                    agent="execution",
                    orders=list(asked.orders),
                    evidence={**asked.evidence, **evidence},
                    needs=asked.needs,
                    customer_account=False,
                )
                assert (await client.get(f"/v1/approvals/{made.id}")).json()["part_of"] == origin
    desk.close()
    folder.release()


@pytest.mark.filterwarnings("ignore")
def test_the_command_says_both_prices(tmp_path):
    home = tmp_path / "home"
    id = tenor(home, "ask", "Buy 50 AAPL", "--as", "trader").json["approval"]["id"]
    store = Store.in_folder(home)
    then = propose_at_twice_the_price(store, id)
    store.close()
    done = tenor(home, "approvals", "approve", id, "--as", "trader")
    assert done.exit != 0
    check_body(json.loads(done.out or done.err)["error"], then)
    assert tenor(home, "orders", "list").json["orders"] == []
