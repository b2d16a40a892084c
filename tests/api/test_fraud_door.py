"""The fraud cases over HTTP, as docs/api.md has them."""

from __future__ import annotations

import json

import pytest

from tests.api.running import tenor
from tests.api.test_http import client, sign_in  # noqa: F401 - the fixture

ALERT = {
    "id",
    "kind",
    "instrument",
    "typology",
    "title",
    "accounts",
    "amount",
    "currency",
    "start",
    "end",
    "rules",
    "score",
    "state",
    "transfers",
    "assignee",
    "priority",
    "thresholds",
    "found",
    "into",
    "verdict",
}
DETAIL = ALERT | {"narrative", "innocent", "nodes", "edges", "path", "history"}
DETAIL |= {"timeline", "rows", "checks", "parties", "similar"}


async def ring(client):  # noqa: F811
    alerts = (await client.get("/v1/fraud/alerts")).json()["alerts"]
    assert all(set(alert) == ALERT for alert in alerts)
    return next(alert for alert in alerts if alert["typology"] == "cycle")


async def test_a_case_is_closed_by_two_officers(client, runtime):  # noqa: F811
    first = await sign_in(client, runtime, "compliance")
    alert = await ring(client)
    url = f"/v1/fraud/alerts/{alert['id']}"
    detail = (await client.get(url)).json()
    assert set(detail) == DETAIL
    assert [e["source"] for e in detail["edges"] if e["id"] in detail["path"]] == alert["accounts"]
    assert {n["id"] for n in detail["nodes"] if n["flagged"]} == set(alert["accounts"])
    assert {e["source"] for e in detail["edges"]} | {e["target"] for e in detail["edges"]} == {
        n["id"] for n in detail["nodes"]
    }
    proposed = await client.post(url, json={"action": "close", "reason": "invoices shown"}, headers=first)
    assert proposed.json()["state"] == "closing"
    again = await client.post(url, json={"action": "close", "reason": "still"}, headers=first)
    assert again.status_code == 409
    second = await sign_in(client, runtime, "compliance2")
    done = await client.post(url, json={"action": "close", "reason": "agreed"}, headers=second)
    assert done.json()["state"] == "closed"
    assert [step["user"] for step in done.json()["history"]] == ["compliance", "compliance2"]
    logged = (await client.get("/v1/audit/records", params={"kind": "fraud.close"})).json()["records"]
    assert [record["body"]["state"] for record in logged] == ["closed", "closing"]


@pytest.mark.parametrize("name", ["trader", "analyst", "customer", "admin"])
async def test_others_see_no_case(client, runtime, name):  # noqa: F811
    headers = await sign_in(client, runtime, name)
    id = runtime.desk.fraud.cases()[0].alert.id
    assert (await client.get("/v1/fraud/alerts")).status_code == 403
    assert (await client.get(f"/v1/fraud/alerts/{id}")).status_code == 403
    refused = await client.post(f"/v1/fraud/alerts/{id}", json={"action": "close", "reason": "x"}, headers=headers)
    assert refused.status_code == 403
    assert id not in refused.text


async def test_wrong_words_are_refused(client, runtime):  # noqa: F811
    headers = await sign_in(client, runtime, "compliance")
    assert (await client.get("/v1/fraud/alerts/al-0000000000")).status_code == 404
    url = f"/v1/fraud/alerts/{(await ring(client))['id']}"
    for body in ({"action": "burn", "reason": "x"}, {"action": "close", "reason": ""}, {"action": "close"}):
        assert (await client.post(url, json=body, headers=headers)).status_code == 422
    assert (await client.post(url, json={"action": "reopen", "reason": "x"}, headers=headers)).status_code == 409


def test_the_command_scans_a_file(tmp_path):
    rows = [f"{a},{b},{amount},2024-01-0{day}T10:00:00Z" for a, b, amount, day in
            (("A", "B", 9000, 1), ("B", "C", 8900, 2), ("C", "A", 8800, 3))]  # fmt: skip
    file = tmp_path / "t.csv"
    file.write_text("\n".join(["source,target,amount,time", *rows]))
    (alert,) = tenor(tmp_path / "home", "fraud", "scan", str(file)).json["alerts"]
    assert (alert["typology"], alert["accounts"], alert["amount"]) == ("cycle", ["A", "B", "C"], 9000)
    assert set(alert) == {"id", "typology", "accounts", "amount", "start", "end", "rules", "score", "linked"}
    bad = tenor(tmp_path / "home", "fraud", "scan", str(tmp_path / "none.csv"))
    assert bad.exit != 0
    assert "there is no file" in bad.err or "there is no file" in json.dumps(bad.out)


async def test_a_case_is_handed_on_told_and_drafted_and_the_log_says_so(client, runtime):  # noqa: F811
    headers = await sign_in(client, runtime, "compliance")
    url = f"/v1/fraud/alerts/{(await ring(client))['id']}"
    assert (await client.post(url, json={"action": "take"}, headers=headers)).json()["assignee"] == "compliance"
    officers = (await client.get("/v1/fraud/officers")).json()["officers"]
    assert [one["name"] for one in officers] == ["compliance", "compliance2"]
    hand = {"action": "hand", "reason": "holidays", "to": "compliance2"}
    assert (await client.post(url, json=hand, headers=headers)).json()["assignee"] == "compliance2"
    told = (await client.get(f"{url}/narrative")).json()
    assert told["model"] == "offline narrator"
    assert all(f"](#fact-{fact['id']})" in told["text"] for fact in told["facts"])
    detail = (await client.get(url)).json()
    assert {edge for fact in told["facts"] for edge in fact["edges"]} == set(detail["path"])
    paper = await client.get(f"{url}/report", params={"format": "pdf"})
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert (await client.get(f"{url}/report")).json()["draft"] is True
    assert (await client.get(f"{url}/report", params={"format": "xml"})).status_code == 422
    logged = (await client.get("/v1/audit/records", params={"kind": "fraud.report"})).json()["records"]
    assert [record["body"]["format"] for record in logged] == ["json", "pdf"]
    await sign_in(client, runtime, "trader")
    assert (await client.get(f"{url}/report")).status_code == 403


async def test_the_network_around_a_case_begins_at_its_accounts(client, runtime):  # noqa: F811
    await sign_in(client, runtime, "compliance")
    alert = await ring(client)
    net = (await client.get("/v1/fraud/network", params={"alert": alert["id"]})).json()
    assert {node["id"] for node in net["nodes"] if node["hops"] == 0} == set(alert["accounts"])
    assert net["nodes_left_out"] == net["links_left_out"] == 0
    assert all(max(link["source"], link["target"]) < len(net["nodes"]) for link in net["links"])


async def test_a_payment_that_joins_an_alert_joins_its_case(client, runtime):  # noqa: F811
    headers = await sign_in(client, runtime, "compliance")
    alerts = (await client.get("/v1/fraud/alerts")).json()["alerts"]
    case = next(alert for alert in alerts if alert["typology"] == "structuring")
    url = f"/v1/fraud/alerts/{case['id']}"
    await client.post(url, json={"action": "escalate", "reason": "split on purpose"}, headers=headers)
    edge = (await client.get(url)).json()["timeline"][-1]
    more = {"id": "one-more", "currency": "USD", "amount": "9400", "time": edge["time"]}
    more |= {"source": edge["source"], "target": edge["target"]}
    assert (await client.post("/v1/fraud/transfers", json={"transfers": [more]}, headers=headers)).status_code == 201
    grown = (await client.get(url)).json()
    assert (grown["transfers"], grown["state"]) == (case["transfers"] + 1, "escalated")
    assert [(step["user"], step["action"]) for step in grown["history"]] == [
        ("compliance", "escalate"),
        ("desk", "grow"),
    ]
    assert "one-more" in grown["history"][-1]["reason"]
    assert (grown["thresholds"], grown["found"], grown["into"]) == (0, True, "")
    logged = (await client.get("/v1/audit/records", params={"kind": "fraud.grow"})).json()["records"]
    assert [record["body"]["alert"] for record in logged] == [case["id"]]


async def test_verdicts_propose_a_step_that_two_put_in_force_and_take_back(client, runtime):  # noqa: F811
    first = await sign_in(client, runtime, "compliance")
    url = f"/v1/fraud/alerts/{(await ring(client))['id']}"
    closing = {"action": "close", "reason": "one firm", "verdict": "cleared"}
    assert (await client.post(url, json=closing, headers=first)).json()["history"][0]["verdict"] == "cleared"
    nothing = (await client.post("/v1/fraud/thresholds/proposals", json={}, headers=first)).json()
    assert "ask for no step" in nothing["detail"]
    second = await sign_in(client, runtime, "compliance2")
    other = await client.post(url, json={**closing, "verdict": "confirmed"}, headers=second)
    assert other.status_code == 409
    closed = (await client.post(url, json={"action": "close", "reason": "agreed"}, headers=second)).json()
    assert (closed["state"], closed["verdict"]) == ("closed", "cleared")
    shown = (await client.get("/v1/fraud/thresholds")).json()
    assert (shown["in_force"], shown["report_from"]) == (0, 0.75)
    (cycle,) = shown["verdicts"]
    assert (cycle["typology"], cycle["cleared"], cycle["after"] == cycle["before"]) == ("cycle", 1, True)
    undo = await client.post("/v1/fraud/thresholds/undo", json={"version": 0, "reason": "x"}, headers=second)
    assert undo.status_code == 409  # it is in force
    assert (await client.post("/v1/fraud/thresholds/proposals/1/accept", headers=second)).status_code == 404
    await sign_in(client, runtime, "trader")
    assert (await client.get("/v1/fraud/thresholds")).status_code == 403


def test_the_command_shows_the_thresholds_to_officers(tmp_path):
    home = tmp_path / "home"
    shown = tenor(home, "--as", "compliance", "fraud", "thresholds", "show").json
    assert (shown["in_force"], shown["verdicts"], [one["id"] for one in shown["versions"]]) == (0, [], [0])
    refused = tenor(home, "--as", "compliance", "fraud", "thresholds", "undo", "0", "--reason", "x")
    assert refused.exit != 0
    assert "version 0 is in force already" in refused.err or "version 0 is in force already" in json.dumps(refused.out)
