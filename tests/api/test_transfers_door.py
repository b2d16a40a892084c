"""Transfers that arrive over HTTP: kept once, scored at once, seen by the rules."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.bus.bus import Event
from desk.clock import to_iso
from tests.api.test_http import client, sign_in  # noqa: F401 - the fixture


def batch(runtime, amounts, tag="x", **more):
    at = runtime.desk.feed.now() - timedelta(minutes=len(amounts))
    return {
        "transfers": [
            {
                "id": f"{tag}-{n}",
                "source": "AC-from",
                "target": f"AC-{tag}{n}",
                "amount": str(amount),
                "currency": "USD",
                "time": to_iso(at + timedelta(minutes=n)),
                **more,
            }
            for n, amount in enumerate(amounts)
        ]
    }


async def test_what_arrives_is_kept_once_recorded_and_scored(client, runtime):  # noqa: F811
    desk = runtime.desk
    headers = await sign_in(client, runtime, "compliance")
    before, heard = desk.fraud.transfers_known(), list[Event]()
    stop = desk.bus.listen("fraud", heard.append)
    body = batch(runtime, [100, 101, 99, 100, 102, 98, 9_000])
    first = await client.post("/v1/fraud/transfers", json=body, headers=headers)
    assert (first.status_code, first.json()) == (201, {"new": 7, "known": 0})
    again = await client.post("/v1/fraud/transfers", json=body, headers=headers)
    assert again.json() == {"new": 0, "known": 7}
    desk.arrivals.close()
    stop()
    assert desk.fraud.transfers_known() == before + 7
    assert [event.body["id"] for event in heard] == ["x-6"], "only the payment that stands out is told"
    assert "amount" in str(heard[0].body["signs"])
    logged = (await client.get("/v1/audit/records", params={"kind": "fraud.transfers"})).json()["records"]
    assert [(record["body"]["by"], record["body"]["new"]) for record in logged] == [("compliance", 7)]


@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        ({"amount": "1.005"}, 422, "smallest unit"),
        ({"amount": "-5"}, 422, "greater than 0"),
        ({"amount": "99999999999999"}, 422, "below"),
        ({"amount": "1E+999999"}, 422, "digits"),
        ({"amount": "1E-999999"}, 422, "digits"),
        ({"amount": "NaN"}, 422, "finite"),
        ({"currency": "EUR"}, 422, "are in USD"),
        ({"target": "AC-from"}, 422, "to itself"),
        ({"time": "2999-01-01T00:00:00Z"}, 422, "market clock"),
        ({"time": "2020-01-01T00:00:00"}, 422, "timezone"),
        ({"id": "same", "target": "AC-other"}, 409, "of its own"),
    ],
)
async def test_a_batch_with_a_fault_leaves_nothing(client, runtime, more, status, says):  # noqa: F811
    headers = await sign_in(client, runtime, "compliance")
    fine = batch(runtime, [5], "same")
    fine["transfers"][0]["id"] = "same"
    before = runtime.desk.fraud.transfers_known()
    wrong = batch(runtime, [5], "wrong", **more)
    answer = await client.post(
        "/v1/fraud/transfers", json={"transfers": fine["transfers"] + wrong["transfers"]}, headers=headers
    )
    assert answer.status_code == status
    assert says in answer.text
    assert runtime.desk.fraud.transfers_known() == before


async def test_a_large_batch_is_looked_up_in_pieces_and_repeats_safely(client, runtime):  # noqa: F811
    headers = await sign_in(client, runtime, "compliance")
    body = batch(runtime, [5 + n % 7 for n in range(1_203)], "many")
    answers = [await client.post("/v1/fraud/transfers", json=body, headers=headers) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"new": 1_203, "known": 0}, {"new": 0, "known": 1_203}]
    body["transfers"][1_100]["target"] = "AC-other"
    assert (await client.post("/v1/fraud/transfers", json=body, headers=headers)).status_code == 409


async def test_only_compliance_brings_transfers(client, runtime):  # noqa: F811
    for name in ("trader", "customer", "admin"):
        headers = await sign_in(client, runtime, name)
        answer = await client.post("/v1/fraud/transfers", json=batch(runtime, [5]), headers=headers)
        assert answer.status_code == 403
