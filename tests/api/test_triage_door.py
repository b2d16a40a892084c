"""Triage over HTTP and by command: opinions in the queue, asked for by officers, with nothing else changed."""

from __future__ import annotations

import asyncio

import pytest

from tests.agents.opinions import said, says
from tests.api.running import tenor
from tests.api.test_http import client, sign_in  # noqa: F401 - the fixture
from tests.llm.routing import routed

URL = "/v1/fraud/triage"


async def test_without_a_model_nothing_is_shown_but_that(client, runtime):  # noqa: F811
    headers = await sign_in(client, runtime, "compliance")
    body = (await client.get(URL)).json()
    assert (body["connected"], body["note"], body["opinions"]) == (False, "no model connected", [])
    alerts = (await client.get("/v1/fraud/alerts")).json()["alerts"]
    by_priority = sorted(alerts, key=lambda one: -one["priority"])
    assert [one["priority"] for one in by_priority] == [
        next(a["priority"] for a in alerts if a["id"] == id) for id in body["order"]
    ]
    refused = await client.post(URL, json={}, headers=headers)
    assert refused.status_code == 409
    assert "no model connected" in refused.text


@pytest.mark.parametrize("name", ["trader", "analyst", "customer", "admin"])
async def test_others_neither_read_nor_ask(client, runtime, name):  # noqa: F811
    headers = await sign_in(client, runtime, name)
    assert (await client.get(URL)).status_code == 403
    assert (await client.post(URL, json={}, headers=headers)).status_code == 403


async def test_an_officer_asks_and_only_the_order_of_borderline_cases_changes(client, runtime, tmp_path_factory):  # noqa: F811
    headers = await sign_in(client, runtime, "compliance")
    before, alerts = (await client.get(URL)).json(), (await client.get("/v1/fraud/alerts")).json()
    assert before["waiting"] > 0
    async with routed(tmp_path_factory.mktemp("models"), says(lambda _: said("likely_innocent"))) as models:
        here, runtime.models = runtime.models, models
        try:
            asked = (await client.post(URL, json={"most": 20}, headers=headers)).json()
            again = (await client.post(URL, json={"most": 20}, headers=headers)).json()
        finally:
            runtime.models = here
    assert asked["waiting"] == again["waiting"] == before["waiting"] - len(asked["opinions"]) == 0
    assert {one["word"] for one in asked["opinions"]} == {"likely_innocent"}
    assert again["opinions"] == asked["opinions"]
    assert sorted(asked["order"]) == sorted(before["order"])
    assert (await client.get("/v1/fraud/alerts")).json() == alerts
    logged = (await client.get("/v1/audit/records", params={"kind": "fraud.opinion"})).json()["records"]
    assert {record["body"]["alert"] for record in logged} == {one["alert"] for one in asked["opinions"]}
    assert len(logged) == len(asked["opinions"])


async def test_two_officers_at_once_ask_about_each_case_once(client, runtime, tmp_path_factory):  # noqa: F811
    headers = await sign_in(client, runtime, "compliance")
    async with routed(tmp_path_factory.mktemp("models"), says(lambda _: said("keep"))) as models:
        here, runtime.models = runtime.models, models
        try:
            both = await asyncio.gather(*(client.post(URL, json={"most": 20}, headers=headers) for _ in range(2)))
        finally:
            runtime.models = here
    first, second = (answer.json()["opinions"] for answer in both)
    logged = (await client.get("/v1/audit/records", params={"kind": "fraud.opinion"})).json()["records"]
    assert len(first) == len(second) == len(logged) > 0


async def test_an_opinion_on_invented_facts_is_told_as_none(client, runtime, tmp_path_factory):  # noqa: F811
    headers = await sign_in(client, runtime, "compliance")
    async with routed(tmp_path_factory.mktemp("models"), says(lambda _: said("escalate", "t99"))) as models:
        here, runtime.models = runtime.models, models
        try:
            asked = (await client.post(URL, json={"most": 1}, headers=headers)).json()
        finally:
            runtime.models = here
    assert asked["opinions"] == []
    (none,) = asked["unanswered"]
    assert "t99" in none["why"]


def test_the_command_says_that_no_model_is_connected(tmp_path):
    shown = tenor(tmp_path, "--as", "compliance", "fraud", "triage")
    assert (shown.exit, shown.json["note"]) == (0, "no model connected")
    assert tenor(tmp_path, "fraud", "triage").exit != 0
