"""Every door of a schedule: HTTP, command line, stream. One form, one reading, one answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from api.app import build_app
from api.commands.dispatch import execute
from desk.trading.schedule import State
from graphs.runtime import Runtime
from tests.api.running import Up, tenor
from tests.api.test_http import BASE, sign_in

APPLE = {"account": "desk-1", "instrument": "XNAS:AAPL", "side": "buy", "quantity": 100, "minutes": 30, "slices": 6}


@pytest.fixture
async def client(runtime: Runtime, tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_app(runtime, tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as opened:
        yield opened


async def begun(runtime: Runtime, id: str) -> None:
    """One look, as the ticker's: a schedule whose time has come begins."""
    runtime.desk.schedules.step()
    assert runtime.desk.schedules.get(id).state is State.RUNNING


async def test_preview_start_change_and_show(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    seen = (await client.post("/v1/schedules/preview", json=APPLE, headers=csrf)).json()
    assert [each["quantity"] for each in seen["plan"]] == [17, 16, 17, 17, 16, 17]
    assert (seen["plan"][-1]["total"], seen["needs_approval"], seen["currency"]) == (100, False, "USD")
    expected = seen["expected"]
    parts = [expected[name] for name in ("spread", "commission", "permanent", "temporary")]
    assert sum(parts) == pytest.approx(expected["total"])
    assert expected["low"] < expected["total"] < expected["high"]
    assert any("simulated volume" in label for label in seen["labels"])
    assert (await client.get("/v1/schedules")).json() == {"schedules": []}

    body = {**APPLE, "id": "mine"}
    started = await client.post("/v1/schedules", json=body, headers=csrf)
    assert (started.status_code, started.json()["approval"]) == (201, None)
    again = await client.post("/v1/schedules", json=body, headers=csrf)
    assert again.json()["schedule"]["created_at"] == started.json()["schedule"]["created_at"]
    other = await client.post("/v1/schedules", json={**body, "quantity": 99}, headers=csrf)
    assert (other.status_code, "other terms" in other.json()["detail"]) == (409, True)

    await begun(runtime, "mine")
    for verb, state in (("pause", "paused"), ("pause", "paused"), ("resume", "running")):
        found = await client.post(f"/v1/schedules/mine/{verb}", headers=csrf)
        assert (found.status_code, found.json()["state"]) == (200, state)
    amended = await client.patch("/v1/schedules/mine", json={"quantity": 60, "minutes": 10}, headers=csrf)
    assert amended.json()["terms"]["quantity"] == amended.json()["plan"][-1]["total"] == 60
    assert (await client.patch("/v1/schedules/mine", json={}, headers=csrf)).status_code == 422
    shown = (await client.get("/v1/schedules/mine")).json()
    assert (shown["state"], shown["report"]["left"], shown["report"]["arrival"] > 0) == ("running", 60, True)
    assert (await client.post("/v1/schedules/mine/cancel", headers=csrf)).json()["state"] == "cancelled"
    late = await client.post("/v1/schedules/mine/resume", headers=csrf)
    assert (late.status_code, "cancelled by trader" in late.json()["detail"]) == (409, True)
    assert [each["id"] for each in (await client.get("/v1/schedules")).json()["schedules"]] == ["mine"]


@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        ({"minutes": 600}, 422, "after the trading day of XNAS:AAPL (stock), which ends at 2022-12-28T20:58:00"),
        ({"minutes": None, "end": "20:59"}, 422, "would end at 2022-12-28T20:59:00"),
        ({"minutes": None}, 422, "needs its end"),
        ({"end": "20:00"}, 422, "not both"),
        ({"minutes": None, "end": "soon"}, 422, "no time"),
        ({"minutes": None, "end": "20:61"}, 422, "no time of day"),
        ({"minutes": -1}, 422, "minutes -1"),
        ({"start": "14:40"}, 422, "has passed"),
        ({"quantity": "1e3x"}, 422, "quantity"),
        ({"quantity": 1.5}, 422, "whole lots"),
        ({"quantity": -5}, 422, "whole lots"),
        ({"kind": "iceberg"}, 422, "kind"),
        ({"kind": "pov", "participation_pct": 51}, 422, "51 %"),
        ({"participation_pct": "1.234"}, 422, "two digits"),
        ({"max_shown_pct": 101}, 422, "101 %"),
        ({"slices": 0}, 422, "0 slices"),
        ({"limit_price": "180.005"}, 422, "multiple of the tick"),
        ({"instrument": "INDEX:SPX"}, 422, "index level"),
        ({"instrument": "XNAS:NIL"}, 404, "XNAS:NIL"),
        ({"instrument": "XNYS:RRC"}, 422, "restricted list"),
        ({"account": "customer-1"}, 403, "not yours"),
        ({"surprise": 1}, 422, "surprise"),
        ({"id": "no spaces please"}, 422, "id"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(client, runtime, more, status, says):
    csrf = await sign_in(client, runtime, "trader")
    for path in ("/v1/schedules", "/v1/schedules/preview"):
        found = await client.post(path, json={**APPLE, **more}, headers=csrf)
        assert (found.status_code, says in found.json()["detail"]) == (status, True), found.json()["detail"]
    assert runtime.desk.schedules.list() == []


async def test_who_may(client, runtime):
    assert (await client.get("/v1/schedules")).status_code == 401
    for name in ("analyst", "compliance", "admin"):
        csrf = await sign_in(client, runtime, name)
        assert (await client.post("/v1/schedules", json=APPLE, headers=csrf)).status_code == 403
    csrf = await sign_in(client, runtime, "trader")
    assert (await client.post("/v1/schedules", json={**APPLE, "id": "mine"}, headers=csrf)).status_code == 201
    csrf = await sign_in(client, runtime, "customer")
    assert (await client.get("/v1/schedules")).json() == {"schedules": []}
    for method, path in (("get", "/v1/schedules/mine"), ("post", "/v1/schedules/mine/cancel")):
        assert (await client.request(method, path, headers=csrf)).status_code == 404
    await sign_in(client, runtime, "compliance")
    assert (await client.get("/v1/schedules/mine")).json()["by"] == "trader"


async def test_a_halted_desk_starts_none(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    await client.post("/v1/system/halt", json={"reason": "drill"}, headers=csrf)
    found = await client.post("/v1/schedules", json=APPLE, headers=csrf)
    assert (found.status_code, found.json()["code"]) == (423, "halted")


async def test_above_the_threshold_all_of_it_needs_a_second_trader(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    asked = (await client.post("/v1/schedules", json={**APPLE, "quantity": 5_000, "id": "big"}, headers=csrf)).json()
    approval = asked["approval"]
    assert (asked["schedule"]["state"], asked["schedule"]["note"]) == ("waiting", "waits for an approval")
    assert (approval["id"], approval["order"]["quantity"]) == ("ap-sc-big", 5_000)
    assert "twap schedule" in approval["why"]
    assert not {row["rule"] for row in approval["limits"]} & {"max_order_notional", "max_order_quantity"}
    runtime.desk.schedules.step()
    assert runtime.desk.schedules.get("big").state is State.WAITING
    assert (await client.patch("/v1/schedules/big", json={"quantity": 10}, headers=csrf)).status_code == 409
    assert (await client.post("/v1/approvals/ap-sc-big", json={"decision": "approve"}, headers=csrf)).status_code == 403

    csrf = await sign_in(client, runtime, "trader2")
    yes = await client.post("/v1/approvals/ap-sc-big", json={"decision": "approve"}, headers=csrf)
    assert (yes.status_code, yes.json()["state"]) == (200, "approved")
    assert runtime.desk.trading.orders() == []  # the whole is never an order
    await runtime.recover()
    assert runtime.desk.trading.orders() == []
    await begun(runtime, "big")
    for change in ({"quantity": 6_000}, {"limit_price": 500}, {"minutes": 45}):
        assert (await client.patch("/v1/schedules/big", json=change, headers=csrf)).status_code == 403
    less = await client.patch("/v1/schedules/big", json={"quantity": 4_000}, headers=csrf)
    assert less.json()["terms"]["quantity"] == 4_000


async def test_growing_past_the_threshold_is_forbidden(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    await client.post("/v1/schedules", json={**APPLE, "id": "small"}, headers=csrf)
    found = await client.patch("/v1/schedules/small", json={"quantity": 5_000}, headers=csrf)
    assert (found.status_code, "second" in found.json()["detail"]) == (403, True)
    assert runtime.desk.schedules.get("small").terms.lots == 100


async def test_a_no_ends_it(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    await client.post("/v1/schedules", json={**APPLE, "quantity": 5_000, "id": "big"}, headers=csrf)
    csrf = await sign_in(client, runtime, "trader2")
    await client.post("/v1/approvals/ap-sc-big", json={"decision": "refuse", "reason": "too much"}, headers=csrf)
    runtime.desk.schedules.step()
    schedule = runtime.desk.schedules.get("big")
    assert (schedule.state, schedule.reason) == (State.CANCELLED, "its approval is refused")


async def test_a_yes_to_other_terms_is_none(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    await client.post("/v1/schedules", json={**APPLE, "quantity": 5_000, "id": "big"}, headers=csrf)
    csrf = await sign_in(client, runtime, "trader2")
    await client.post("/v1/approvals/ap-sc-big", json={"decision": "approve"}, headers=csrf)
    schedule = runtime.desk.schedules.get("big")
    runtime.desk.schedules.amend("big", "nobody", lots=9_000)  # past the door, as no door lets it
    runtime.desk.schedules.step()
    assert (schedule.state, schedule.reason) == (State.CANCELLED, "its approval is for other terms")


async def test_every_change_of_state_is_in_the_audit_log(client, runtime):
    csrf = await sign_in(client, runtime, "trader")
    await client.post("/v1/schedules", json={**APPLE, "id": "mine"}, headers=csrf)
    await begun(runtime, "mine")
    for verb in ("pause", "resume", "cancel"):
        await client.post(f"/v1/schedules/mine/{verb}", headers=csrf)
    await sign_in(client, runtime, "compliance")
    records = (await client.get("/v1/audit/records?limit=50")).json()["records"]
    kinds = [each["kind"] for each in records if each["kind"].startswith("schedule.")]
    assert kinds == [f"schedule.{what}" for what in ("cancelled", "resumed", "paused", "running", "started")]


async def test_events_go_to_those_they_belong_to(runtime):
    heard: list[dict[str, object]] = []
    runtime.desk.bus.listen("schedules", lambda event: heard.append(event.body))
    done = await execute(runtime, ["schedules", "start", "buy", "50", "XNAS:AAPL", "--minutes", "20", "--id", "x1",
                                   "--as", "trader"], "/", "test")  # fmt: skip
    assert done.exit == 0
    assert (heard[0]["id"], heard[0]["account"], heard[0]["state"]) == ("x1", "desk-1", "waiting")


async def run(runtime: Runtime, *argv: str) -> Any:
    return await execute(runtime, ["schedules", *argv], "/", "test")


async def test_the_command(runtime):
    order = ("sell", "60", "XNAS:AAPL", "--minutes", "20", "--as", "trader")
    assert (await run(runtime, "list")).text == "No schedules yet."
    seen = await run(runtime, "preview", *order, "--kind", "shortfall", "--urgency", "high", "--slices", "3")
    assert seen.result["plan"][0]["quantity"] > 20 > seen.result["plan"][2]["quantity"]
    assert "basis points against arrival" in seen.text
    started = await run(runtime, "start", *order, "--id", "c1", "--kind", "pov", "--participation", "5")
    assert started.result["schedule"]["terms"]["participation_pct"] == 5
    await begun(runtime, "c1")
    assert (await run(runtime, "pause", "c1", "--as", "trader")).result["state"] == "paused"
    assert (await run(runtime, "resume", "c1", "--as", "trader")).result["state"] == "running"
    amended = await run(runtime, "amend", "c1", "--quantity", "30", "--limit", "1000", "--as", "trader2")
    assert amended.result["terms"]["limit_price"] == 1000
    assert (await run(runtime, "cancel", "c1", "--as", "trader")).result["state"] == "cancelled"
    assert (await run(runtime, "show", "c1")).result["reason"] == "cancelled by trader"
    assert "cancelled by trader" in (await run(runtime, "list", "--as", "trader")).text
    assert (await run(runtime, "list", "--as", "analyst")).result == {"schedules": []}


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("start", "buy", "5", "XNAS:AAPL", "--minutes", "5"), "forbidden"),
        (("start", "buy", "5", "XNAS:AAPL", "--minutes", "5", "--as", "analyst"), "forbidden"),
        (("start", "buy", "5", "XNAS:AAPL", "--as", "trader"), "input"),
        (("start", "hold", "5", "XNAS:AAPL", "--minutes", "5", "--as", "trader"), "input"),
        (("show", "none"), "not_found"),
        (("cancel", "none", "--as", "trader"), "not_found"),
    ],
)
async def test_the_command_refuses_in_words(runtime, argv, code):
    done = await run(runtime, *argv)
    assert (done.exit, done.error["code"]) == (1, code)


@pytest.fixture(scope="module")
def up(tmp_path_factory) -> Iterator[Up]:
    running = Up(tmp_path_factory.mktemp("schedules") / "home")
    yield running
    running.stop()


def test_a_running_desk_works_it_to_the_end_and_tells(up):
    """Gate, outbox, worker, broker: the whole way, and the stream says so."""
    with httpx.Client(base_url=up.address) as http:
        http.post("/v1/session/door", json={"token": up.door}).raise_for_status()
        csrf = {"x-csrf-token": http.get("/v1/session").json()["csrf"]}
        csrf = {"x-csrf-token": http.post("/v1/session/demo", json={"name": "trader"}, headers=csrf).json()["csrf"]}
        cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
        url = up.address.replace("http://", "ws://") + "v1/stream"
        with connect(url, additional_headers={"Cookie": cookie}) as socket:
            body = {**APPLE, "minutes": "0.4", "slices": 3, "quantity": 31, "id": "live"}
            http.post("/v1/schedules", json=body, headers=csrf).raise_for_status()
            states: list[str] = []
            while "done" not in states:
                frame = json.loads(socket.recv(timeout=60))
                if frame["type"] == "schedule":
                    states.append(frame["state"])
            assert states[0] == "waiting"
            assert "running" in states
        done = http.get("/v1/schedules/live").json()
        # a slice that a busy machine is late for ends unfilled, and the next ones carry its shares
        filled = [each["filled"] for each in done["orders"]]
        assert (sum(filled), len([each for each in filled if each]) > 1, done["report"]["left"]) == (31, True, 0)
        assert done["report"]["within"] is not None
    shown = tenor(up.home, "schedules", "show", "live").json
    assert (shown["state"], shown["filled"]) == ("done", 31)
