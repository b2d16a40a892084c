"""What the desk's own orders do to the streaming score, seen through the door."""

from __future__ import annotations

from desk.fraud.episodes import Payment
from tests.api.test_http import client, sign_in  # noqa: F401 - the fixture

TICKET = {"account": "desk-1", "instrument": "XNAS:AAPL", "side": "buy", "quantity": 10}


async def test_orders_and_fills_are_scored_and_what_stands_out_is_listed(client, runtime):  # noqa: F811
    _, token = runtime.desk.api_keys.create("trader", "live", ["trade"], 1)
    bearer = {"authorization": f"Bearer {token}"}
    placed = await client.post("/v1/orders", json={**TICKET, "client_id": "live-1"}, headers=bearer)
    assert placed.json()["order"]["filled"] == 10
    await sign_in(client, runtime, "trader")
    assert (await client.get("/v1/fraud/streaming")).status_code == 403
    live = runtime.desk.arrivals.watch
    live.offer(Payment("long ago", "sleeper", "shop", 1_700_000_000, 100.0))
    live.offer(Payment("in", "bob", "sleeper", 1_717_000_000, 9_000.0))
    live.offer(Payment("out", "sleeper", "stranger", 1_717_000_060, 9_000.0))
    live.close()
    await sign_in(client, runtime, "compliance")
    found = (await client.get("/v1/fraud/streaming")).json()
    assert found["scored"] == 5  # an order, its fill, three payments
    (alert,) = found["alerts"]
    assert (alert["id"], alert["source"], alert["target"]) == ("out", "sleeper", "stranger")
    assert alert["at"].startswith("2024-05-29T")
    assert alert["signs"] == ["pass_through", "new_counterpart", "woken"]
    assert (alert["count"], alert["last"], alert["since"]) == (1, "out", alert["at"])
