"""The HTTP door: who gets in, what they may do, what the stream says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import build_app
from graphs.runtime import Runtime

BASE = "http://127.0.0.1:8400"


@pytest.fixture
async def client(runtime: Runtime, tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_app(runtime, tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as opened:
        yield opened


async def sign_in(client: httpx.AsyncClient, runtime: Runtime, name: str) -> dict[str, str]:
    """Signs in as a demonstration person; returns the CSRF header."""
    client.cookies.clear()
    door = await client.post("/v1/session/door", json={"token": runtime.desk.sessions.new_door_token()})
    assert door.status_code == 204
    csrf = (await client.get("/v1/session")).json()["csrf"]
    session = await client.post("/v1/session/demo", json={"name": name}, headers={"x-csrf-token": csrf})
    assert session.json()["user"]["name"] == name
    return {"x-csrf-token": session.json()["csrf"]}


def events(text: str) -> list[tuple[str, dict]]:
    """The frames of an event stream."""
    frames = [frame.split("\n") for frame in text.strip().split("\n\n") if frame.startswith("event:")]
    return [(lines[0][7:], json.loads(lines[1][6:])) for lines in frames]


async def test_the_door_opens_once_and_only_without_a_proxy(client, runtime):
    token = runtime.desk.sessions.new_door_token()
    forwarded = await client.post("/v1/session/door", json={"token": token}, headers={"x-forwarded-for": "10.0.0.1"})
    assert forwarded.status_code == 403
    assert (await client.post("/v1/session/door", json={"token": "wrong"})).status_code == 403
    assert (await client.post("/v1/session/door", json={"token": token})).status_code == 204
    client.cookies.clear()
    assert (await client.post("/v1/session/door", json={"token": token})).status_code == 403


async def test_without_the_door_nobody_is_offered_or_let_in(client):
    session = (await client.get("/v1/session")).json()
    assert session["user"] is None
    assert session["demo"]["people"] == []
    assert (await client.post("/v1/session/demo", json={"name": "trader"})).status_code == 403
    assert (await client.get("/v1/orders")).status_code == 401


async def test_demo_people_stop_working_once_a_real_account_exists(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    made = await client.post("/v1/keys", json={"name": "bot", "scopes": ["read"], "days": 1}, headers=csrf)
    assert (await client.get("/v1/orders")).status_code == 200
    runtime.desk.people.set_password("admin", "a long enough password")
    assert (await client.get("/v1/orders")).status_code == 401
    client.cookies.clear()
    wrong = await client.post("/v1/session", json={"name": "admin", "password": "not that one at all"})
    assert wrong.status_code == 401
    nobody = await client.post("/v1/session", json={"name": "zoe", "password": "not that one at all"})
    assert wrong.json()["detail"] == nobody.json()["detail"]
    bearer = {"authorization": f"Bearer {made.json()['secret']}"}
    assert (await client.get("/v1/orders", headers=bearer)).status_code == 401
    right = await client.post("/v1/session", json={"name": "admin", "password": "a long enough password"})
    assert right.json()["user"]["role"] == "administrator"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"content-length": "2000000"}, 413),
    ],
)
async def test_foreign_hosts_origins_and_floods_are_turned_away(client, headers, status):
    answer = await client.post("/v1/session/door", content=b"{}", headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_that_does_not_say_how_long_it_is_is_cut_off(client, runtime):
    csrf = await sign_in(client, runtime, "trader")

    async def endless():
        for _ in range(40):
            yield b" " * 100_000

    answer = await client.post("/v1/chat", content=endless(), headers={**csrf, "content-type": "application/json"})
    assert answer.status_code == 413
    assert "1,000,000 bytes" in answer.json()["detail"]


async def test_what_a_yen_pair_costs_is_in_yen_and_its_value_in_dollars(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    ticket = {"account": "desk-1", "instrument": "FX:USDJPY", "side": "buy", "quantity": 10_000}
    estimate = (await client.post("/v1/orders/check", json=ticket, headers=csrf)).json()["estimate"]
    assert (estimate["currency"], estimate["notional_currency"]) == ("JPY", "USD")
    assert estimate["notional"] == pytest.approx(10_000, rel=0.02)
    assert estimate["commission"] == pytest.approx(10_000 * estimate["price"] / 10_000, abs=1)


async def test_every_answer_carries_the_security_headers(client):
    answer = await client.get("/v1/session")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"].split("script-src")[1].split(";")[0]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"] != (await client.get("/v1/session")).headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"


async def test_an_unsafe_method_needs_the_csrf_token(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    assert (await client.post("/v1/system/halt", json={"reason": "drill"})).status_code == 403
    assert (await client.post("/v1/system/halt", json={"reason": "drill"}, headers=csrf)).json()["halted"]


async def test_chat_streams_its_steps_and_ends_with_the_answer(client, runtime):
    csrf = await sign_in(client, runtime, "analyst")
    question = {"message": "What were Apple's total net sales in 2023?"}
    found = events((await client.post("/v1/chat", json=question, headers=csrf)).text)
    names = [name for name, _ in found]
    assert names[:2] == ["run", "route"]
    assert names[-2:] == ["answer", "done"]
    assert "tool" in names
    assert names.count("step") == 2
    answer = dict(found)["answer"]
    assert answer["facts"][0]["value"] == 383285000000
    thread = (await client.get("/v1/threads")).json()["threads"][0]
    turns = (await client.get(f"/v1/threads/{thread['id']}")).json()["turns"]
    assert turns[0]["answer"]["run"] == answer["run"]
    await sign_in(client, runtime, "trader")
    assert (await client.get(f"/v1/threads/{thread['id']}")).status_code == 404
    stolen = {"message": "and then?", "thread": thread["id"]}
    csrf = await sign_in(client, runtime, "trader")
    assert dict(events((await client.post("/v1/chat", json=stolen, headers=csrf)).text))["error"]["status"] == 404


@pytest.mark.parametrize("message", ["", "  \n ", "x" * 100_001, "a\u0000b"])
async def test_a_message_that_is_no_question_is_one_sentence(client, runtime, message):
    csrf = await sign_in(client, runtime, "analyst")
    answer = await client.post("/v1/chat", json={"message": message}, headers=csrf)
    assert answer.status_code == 422
    assert answer.json()["code"] == "input"


async def test_an_approval_is_seen_and_answered_only_by_its_people(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    found = events((await client.post("/v1/chat", json={"message": "Buy 50 AAPL"}, headers=csrf)).text)
    approval = dict(found)["answer"]["approval"]["id"]
    view = (await client.get(f"/v1/approvals/{approval}")).json()
    assert view["may_answer"]
    field = [row["field"] for row in view["diff"]["rows"]][-1]
    assert field == "Value at risk, one day, 95 %, 500 days to 2022-12-27"
    csrf_customer = await sign_in(client, runtime, "customer")
    assert (await client.get(f"/v1/approvals/{approval}")).status_code == 404
    stolen = await client.post(f"/v1/approvals/{approval}", json={"decision": "approve"}, headers=csrf_customer)
    assert stolen.status_code == 404
    csrf_analyst = await sign_in(client, runtime, "analyst")
    denied = await client.post(f"/v1/approvals/{approval}", json={"decision": "approve"}, headers=csrf_analyst)
    assert denied.status_code == 403
    csrf = await sign_in(client, runtime, "trader")
    done = await client.post(f"/v1/approvals/{approval}", json={"decision": "approve"}, headers=csrf)
    assert done.json()["state"] == "approved"
    again = await client.post(f"/v1/approvals/{approval}", json={"decision": "refuse"}, headers=csrf)
    assert again.status_code == 409


async def test_an_api_key_acts_inside_its_scopes_and_never_approves(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    made = await client.post("/v1/keys", json={"name": "bot", "scopes": ["read"], "days": 1}, headers=csrf)
    client.cookies.clear()
    bearer = {"authorization": f"Bearer {made.json()['secret']}"}
    assert (await client.get("/v1/positions", headers=bearer)).status_code == 200
    assert (await client.post("/v1/chat", json={"message": "hello"}, headers=bearer)).status_code == 403
    for path, body in (("/v1/approvals/ap-1", {"decision": "approve"}), ("/v1/system/halt", {}), ("/v1/keys", {})):
        assert (await client.post(path, json=body, headers=bearer)).status_code in (403, 422)
    bad = {"authorization": bearer["authorization"][:-2] + "xx"}
    assert (await client.get("/v1/positions", headers=bad)).status_code == 401


async def test_a_ticket_is_checked_placed_once_and_repeated_safely(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    ticket = {"account": "desk-1", "instrument": "XNAS:AAPL", "side": "buy", "quantity": 10, "client_id": "mine-1"}
    checked = (await client.post("/v1/orders/check", json=ticket, headers=csrf)).json()
    assert checked["ok"]
    assert checked["estimate"]["notional"] > 0
    first = await client.post("/v1/orders", json=ticket, headers=csrf)
    second = await client.post("/v1/orders", json=ticket, headers=csrf)
    assert first.json()["order"]["filled"] == 10
    assert second.json()["order"]["id"] == first.json()["order"]["id"]
    assert len((await client.get("/v1/orders")).json()["orders"]) == 1
    page = (await client.get("/v1/orders?before=mine-1")).json()
    assert (page["orders"], page["older"]) == ([], "")
    assert (await client.get("/v1/orders?before=nobody")).status_code == 404
    assert (await client.get("/v1/orders?limit=0")).status_code == 422
    changed = await client.post("/v1/orders", json={**ticket, "quantity": 11}, headers=csrf)
    assert changed.status_code == 409
    above = await client.post("/v1/orders", json={**ticket, "quantity": 1000, "client_id": "mine-2"}, headers=csrf)
    assert above.json()["approval"]["state"] == "waiting"
    again = await client.post("/v1/orders", json={**ticket, "quantity": 1000, "client_id": "mine-2"}, headers=csrf)
    assert again.json()["approval"]["id"] == above.json()["approval"]["id"]
    other = await client.post("/v1/orders", json={**ticket, "quantity": 1001, "client_id": "mine-2"}, headers=csrf)
    assert other.status_code == 409
    foreign = {**ticket, "account": "customer-1", "client_id": "mine-3"}
    not_mine = await client.post("/v1/orders", json=foreign, headers=csrf)
    assert not_mine.status_code == 403


@pytest.mark.parametrize("quantity", ["-1", "0", "NaN", "1e30", "0.5", "many", "5000000"])
async def test_bad_tickets_get_a_sentence(client, runtime, quantity):
    csrf = await sign_in(client, runtime, "trader")
    ticket = {"account": "desk-1", "instrument": "XNAS:AAPL", "side": "buy", "quantity": quantity}
    answer = await client.post("/v1/orders", json=ticket, headers=csrf)
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert (await client.get("/v1/orders")).json()["orders"] == []


async def test_reading_market_filings_audit_and_system(client, runtime):
    await sign_in(client, runtime, "compliance")
    quotes = (await client.get("/v1/market/quotes")).json()
    assert {clock["asset_class"] for clock in quotes["clocks"]} >= {"stock", "forex", "commodity", "bond", "crypto"}
    bars = (await client.get("/v1/market/bars", params={"instrument": "XNAS:AAPL", "range": "1M"})).json()
    assert bars["bars"][-1]["time"] < quotes["clocks"][0]["time"][:10]
    assert (await client.get("/v1/market/bars", params={"instrument": "XNAS:NONE"})).status_code == 404
    filings = (await client.get("/v1/filings")).json()["filings"]
    apple = next(f for f in filings if f["title"] == "Apple Inc. 10-K FY2024")
    detail = (await client.get(f"/v1/filings/{apple['id']}")).json()
    blocks = (
        await client.get(f"/v1/filings/{apple['id']}/blocks", params={"section": detail["sections"][3]["id"]})
    ).json()
    assert blocks["blocks"]
    records = (await client.get("/v1/audit/records")).json()
    assert records["head"]["size"] == records["records"][0]["seq"]
    proof = (await client.get(f"/v1/audit/records/{records['records'][0]['seq']}/proof")).json()
    assert proof["root"] == records["head"]["root"]
    system = (await client.get("/v1/system")).json()
    assert system["narrator"] == "offline narrator"


async def test_audit_verifies_and_a_tampered_copy_does_not(client, runtime):
    csrf = await sign_in(client, runtime, "compliance")
    assert (await client.post("/v1/audit/verify", headers=csrf)).json()["ok"]
    broken = (await client.post("/v1/audit/tamper-test", json={"seq": 1}, headers=csrf)).json()
    assert not broken["ok"]
    assert broken["first_bad"]["seq"] == 1
    csrf = await sign_in(client, runtime, "trader")
    assert (await client.get("/v1/audit/records")).status_code == 403


async def test_one_person_cannot_resume_alone(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    await client.post("/v1/system/halt", json={"reason": "drill"}, headers=csrf)
    assert (await client.post("/v1/system/resume", json={}, headers=csrf)).json()["resume"] == ["trader"]
    assert (await client.post("/v1/system/resume", json={}, headers=csrf)).status_code == 409
    ticket = {"account": "desk-1", "instrument": "XNAS:AAPL", "side": "buy", "quantity": 1}
    assert (await client.post("/v1/orders", json=ticket, headers=csrf)).status_code == 423
    csrf = await sign_in(client, runtime, "compliance")
    assert not (await client.post("/v1/system/resume", json={}, headers=csrf)).json()["halted"]
