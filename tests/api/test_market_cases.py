"""Market cases over HTTP: live orders become one, officers find it in the queue, read its file and close it by two."""

from __future__ import annotations

import pytest

from tests.api.test_fraud_door import ALERT, DETAIL
from tests.api.test_http import client, sign_in  # noqa: F401 - the fixture

INSTRUMENT = "XNAS:AAPL"


def wash(desk, times=8):
    """Two accounts that sell to each other and back, as the gate tells it on the bus."""

    def say(id, account, side, state="working", **more):
        body = {"client_id": id, "account": account, "instrument": INSTRUMENT, "side": side, "quantity": "100"}
        told = {"filled": "0", "average_price": None, **more}
        desk.bus.publish("orders", {**body, "state": state, "limit": "10", **told})

    for n in range(times):
        seller, buyer = ("ann", "bob") if n % 2 else ("bob", "ann")
        say(f"s{n}", seller, "sell")
        for id, side, account, other in ((f"b{n}", "buy", buyer, seller), (f"s{n}", "sell", seller, buyer)):
            trade = {"trade": f"t{n}", "other": other, "quantity": "100", "price": "10"}
            say(id, account, side, "filled", filled="100", average_price="10", trades=[trade])
    desk.arrivals.close()  # what waits is scored


async def market(client):  # noqa: F811
    found = (await client.get("/v1/fraud/alerts", params={"kind": "market"})).json()["alerts"]
    assert {alert["kind"] for alert in found} == {"market"}
    return [alert for alert in found if alert["typology"] == "wash_trading"]


@pytest.fixture
def washed(runtime):
    wash(runtime.desk)
    return runtime


async def test_live_orders_become_a_case_with_its_evidence(client, washed):  # noqa: F811
    await sign_in(client, washed, "compliance")
    (alert,) = await market(client)
    assert set(alert) == ALERT
    assert (alert["typology"], alert["instrument"], sorted(alert["accounts"])) == (
        "wash_trading",
        INSTRUMENT,
        ["ann", "bob"],
    )
    assert (alert["kind"], alert["state"], alert["currency"]) == ("market", "open", "USD")
    both = (await client.get("/v1/fraud/alerts")).json()["alerts"]
    others = (await client.get("/v1/fraud/alerts", params={"kind": "laundering"})).json()["alerts"]
    assert {alert["id"], *(one["id"] for one in others)} <= {one["id"] for one in both}
    assert {one["kind"] for one in others} == {"laundering"}
    assert (await client.get("/v1/fraud/alerts", params={"kind": "x"})).status_code == 422
    detail = (await client.get(f"/v1/fraud/alerts/{alert['id']}")).json()
    assert set(detail) == DETAIL
    assert detail["nodes"] == detail["edges"] == detail["timeline"] == []
    bought = [row for row in detail["rows"] if row["what"] == "bought"]
    assert {row["about"] for row in bought} >= {"t0", "t1", "t2"}
    assert {(row["quantity"], row["price"], row["worth"]) for row in bought} == {(100.0, 10.0, 1_000.0)}
    assert sum(row["worth"] for row in bought) == alert["amount"]
    assert detail["checks"]["confirm"]
    assert [party["kyc"] for party in detail["parties"]] == ["not known", "not known"]


async def test_a_market_case_is_told_drafted_and_closed_by_two(client, washed):  # noqa: F811
    first = await sign_in(client, washed, "compliance")
    (alert,) = await market(client)
    url = f"/v1/fraud/alerts/{alert['id']}"
    told = (await client.get(f"{url}/narrative")).json()
    rows = {row["id"] for row in (await client.get(url)).json()["rows"]}
    assert all(f"](#fact-{fact['id']})" in told["text"] for fact in told["facts"])
    assert {row for fact in told["facts"] for row in fact["edges"]} == rows
    draft = (await client.get(f"{url}/report")).json()
    assert (draft["kind"], draft["draft"], len(draft["evidence"])) == ("market", True, len(rows))
    paper = await client.get(f"{url}/report", params={"format": "pdf"})
    assert paper.content[:5] == b"%PDF-"
    network = await client.get("/v1/fraud/network", params={"alert": alert["id"]})
    assert network.status_code == 404
    assert (await client.post(url, json={"action": "take"}, headers=first)).json()["assignee"] == "compliance"
    closing = {"action": "close", "reason": "a hedger", "verdict": "cleared"}
    assert (await client.post(url, json=closing, headers=first)).json()["state"] == "closing"
    assert (await client.post(url, json=closing, headers=first)).status_code == 409
    second = await sign_in(client, washed, "compliance2")
    closed = (await client.post(url, json=closing, headers=second)).json()
    assert (closed["state"], closed["verdict"], closed["priority"]) == ("closed", "cleared", 0)
    logged = (await client.get("/v1/audit/records", params={"kind": "fraud.close"})).json()["records"]
    assert {record["body"]["alert"] for record in logged} == {alert["id"]}


@pytest.mark.parametrize("name", ["trader", "customer"])
async def test_others_see_no_market_case(client, washed, name):  # noqa: F811
    case = washed.desk.market.cases()[0]
    headers = await sign_in(client, washed, name)
    url = f"/v1/fraud/alerts/{case.alert.id}"
    assert (await client.get(url)).status_code == 403
    assert (await client.get(f"{url}/report")).status_code == 403
    refused = await client.post(url, json={"action": "close", "reason": "x"}, headers=headers)
    assert refused.status_code == 403
    assert washed.desk.market.case(case.alert.id).history == ()


async def test_a_market_case_that_does_not_exist_is_not_found(client, runtime):  # noqa: F811
    await sign_in(client, runtime, "compliance")
    assert (await client.get("/v1/fraud/alerts/ma-0000000000")).status_code == 404
