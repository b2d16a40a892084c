"""The HTTP doors of evals: a run watched to its end, two compared, a case made and run, and who may."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import build_app
from tests.api.test_http import BASE, sign_in

CASE = {"set": "mine", "id": "exxon", "input": "How volatile is Exxon?", "target": {"agents": ["risk"]}}


@pytest.fixture
async def client(runtime, tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    """The evaluator's."""
    transport = httpx.ASGITransport(build_app(runtime, tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as made:
        made.headers.update(await sign_in(made, runtime, "evaluator"))
        yield made


async def finish(client: httpx.AsyncClient, suite: str, **how: object) -> dict:
    """Starts a run and waits for its end."""
    started = await client.post(f"/v1/evals/{suite}/runs", json=how)
    assert started.status_code == 202, started.text
    while True:
        run: dict = (await client.get(f"/v1/evals/runs/{started.json()['id']}")).json()
        if run["state"] != "running":
            return run
        await asyncio.sleep(0.05)


async def test_a_case_is_made_run_fails_with_its_trace_and_is_compared(client):
    assert (await client.post("/v1/evals/cases", json=CASE)).json() == {"set": "mine", "id": "exxon", "cases": 1}
    wrong = {**CASE, "id": "wrong", "target": {"agents": ["fraud"]}}
    assert (await client.post("/v1/evals/cases", json=wrong)).json()["cases"] == 2
    assert (await client.get("/v1/evals")).json()["sets"] == [{"name": "mine", "cases": 2}]
    before = await finish(client, "smoke", set="mine")
    after = await finish(client, "smoke", set="mine", trials=2, parallel=2)
    assert (before["state"], before["result"]["passed"], before["cases"]) == ("done", 1, 2)
    exxon, failed = before["result"]["cases_detail"]
    assert (exxon["passed"], exxon["trace"]) == (True, None)
    assert failed["reason"] == "agents were ['risk'], not ['fraud']"
    assert failed["trace"]["parts"][0]["agent"] == "risk"
    assert failed["trace"]["parts"][0]["tools"]
    found = (await client.get("/v1/evals/compare", params={"a": before["id"], "b": after["id"]})).json()
    assert (found["passed"]["delta"], found["cases"], found["notes"]) == (0, 2, ["trials: 1 -> 2"])
    listed = (await client.get("/v1/evals")).json()["runs"]
    assert [run["id"] for run in listed] == [after["id"], before["id"]]
    assert listed[0]["result"]["cases_detail"] == []  # a list stays light


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"set": "../up"}, 422, "is no name"),
        ({"set": ""}, 422, "is no name"),
        ({"input": "  "}, 422, "input: the question is empty"),
        ({"id": ""}, 422, "id: String should have at least 1 character"),
        ({"target": {}}, 422, "target: without one the case cannot fail"),
        ({"target": {"mood": 1}}, 422, "target.mood: not known"),
        ({"target": {"facts": 7}}, 422, "target.facts: wants a list"),
    ],
)
async def test_a_case_of_the_wrong_shape_is_refused_with_its_field(client, change, status, words):
    answer = await client.post("/v1/evals/cases", json={**CASE, **change})
    assert answer.status_code == status, answer.text
    assert words in answer.text


async def test_an_id_twice_a_set_or_run_that_is_not_there_and_a_stranger_are_refused(client, runtime):
    assert (await client.post("/v1/evals/cases", json=CASE)).status_code == 201
    again = await client.post("/v1/evals/cases", json=CASE)
    assert (again.status_code, "has a case 'exxon' already" in again.text) == (409, True)
    assert (await client.post("/v1/evals/smoke/runs", json={"set": "none"})).status_code == 404
    assert (await client.post("/v1/evals/smoke/runs", json={"resume": True})).status_code == 422
    assert (await client.post("/v1/evals/books/runs", json={"parallel": 2})).status_code == 422
    assert (await client.get("/v1/evals/compare", params={"a": "x", "b": "y"})).status_code == 404
    client.headers.update(await sign_in(client, runtime, "analyst"))
    for path, body in (("/v1/evals/cases", CASE), ("/v1/evals/smoke/runs", {})):
        assert (await client.post(path, json=body)).status_code == 403
    assert json.loads((await client.get("/v1/evals")).text)["sets"] == [{"name": "mine", "cases": 1}]
