"""Which model an agent asks first: chosen on a running desk, kept over a restart, recorded."""

from __future__ import annotations

import json

import httpx
import pytest
from sqlalchemy import select

from agents.driver import NARRATOR
from api.app import build_app
from api.commands.dispatch import execute
from api.routes.agents import choice_view
from desk.errors import InputError, NotFound
from desk.store.tables import ledger
from tests.api.test_http import BASE, sign_in
from tests.llm.openai_server import Fault
from tests.llm.two_models import WORDS, running, two_models

QUESTION = "How volatile is Exxon?"
pytestmark = pytest.mark.filterwarnings("ignore")


async def asked(runtime, agent="risk"):
    return await runtime.ask(QUESTION, runtime.desk.people.get("analyst"), agent=agent)


def records(runtime, kind):
    with runtime.desk.store.read() as connection:
        rows = connection.execute(select(ledger.c.envelope).where(ledger.c.kind == kind).order_by(ledger.c.seq))
        return [json.loads(envelope)["body"] for (envelope,) in rows]


async def test_a_choice_holds_from_the_next_question_and_over_a_restart(tmp_path):
    with two_models(tmp_path) as made:
        async with running(made.settings(), tmp_path / "home") as runtime:
            assert (await asked(runtime))["model"] == "quick"
            runtime.voices.choose("risk", "slow", "evaluator")
            assert (await asked(runtime))["model"] == "slow"
            assert (await asked(runtime, "market_data"))["model"] == "quick"
        async with running(made.settings(), tmp_path / "home") as runtime:
            found = runtime.voices.of("risk")
            assert (found.model, found.set_by, runtime.voices.order(found)) == ("slow", "evaluator", ["slow", "quick"])
            answer = await asked(runtime)
            assert (answer["model"], answer["answer"]) == ("slow", WORDS["slow"])
            runtime.voices.choose("risk", "default", "evaluator")
            assert (await asked(runtime))["model"] == "quick"


async def test_none_is_the_plans_own_words_and_asks_nobody(tmp_path):
    with two_models(tmp_path) as made:
        async with running(made.settings(), tmp_path / "home") as runtime:
            runtime.voices.choose("risk", "none", "evaluator")
            answer = await asked(runtime)
            assert (answer["model"], answer["fallback"], answer["cost_usd"]) == (NARRATOR, None, 0)
            assert made.quick.requests == made.slow.requests == []


async def test_the_other_models_stay_the_way_out(tmp_path):
    with two_models(tmp_path, slow=lambda _: Fault("status", 503)) as made:
        async with running(made.settings(), tmp_path / "home") as runtime:
            runtime.voices.choose("risk", "slow", "evaluator")
            assert (await asked(runtime))["model"] == "quick"
            (summary,) = runtime.turns.report("hour").summaries
            assert (summary.asked, summary.turns, summary.fallbacks) == ("slow", 1, 1)
            assert "slow" in summary.reasons[0][0]


async def test_a_model_that_left_the_settings_counts_as_the_desks_order(tmp_path):
    with two_models(tmp_path) as made:
        async with running(made.settings(), tmp_path / "home") as runtime:
            runtime.voices.choose("risk", "slow", "evaluator")
        async with running(made.settings("quick"), tmp_path / "home") as runtime:
            found = runtime.voices.of("risk")
            assert not choice_view(runtime, found).configured
            assert (found.model, runtime.voices.order(found)) == ("slow", ["quick"])
            assert (await asked(runtime))["model"] == "quick"
            with pytest.raises(InputError, match="'slow' is not configured; an agent may use one of: default, none"):
                runtime.voices.choose("fraud", "slow", "evaluator")


async def test_every_change_is_one_record_and_a_repeat_is_none(runtime):
    runtime.voices.choose("risk", "none", "evaluator")
    runtime.voices.choose("risk", "none", "admin")
    runtime.voices.choose("risk", "default", "admin")
    found = records(runtime, "agent.model_chosen")
    assert found == [
        {"agent": "risk", "from": "default", "to": "none", "by": "evaluator"},
        {"agent": "risk", "from": "none", "to": "default", "by": "admin"},
    ]
    with pytest.raises(NotFound, match="'nobody' does not exist; there are: market_data"):
        runtime.voices.choose("nobody", "none", "evaluator")


async def test_the_http_door(tmp_path):
    with two_models(tmp_path) as made:
        async with running(made.settings(), tmp_path / "home") as runtime:
            transport = httpx.ASGITransport(build_app(runtime, tmp_path))
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                path = "/v1/agents/risk/model"
                csrf = await sign_in(client, runtime, "trader")
                assert (await client.get("/v1/agents/models")).status_code == 403
                csrf = await sign_in(client, runtime, "analyst")
                assert (await client.put(path, json={"model": "slow"}, headers=csrf)).status_code == 403
                assert (await client.get(path)).json()["model"] == "default"
                csrf = await sign_in(client, runtime, "evaluator")
                assert (await client.put(path, json={"model": "slow"})).status_code == 403, "without the CSRF token"
                done = await client.put(path, json={"model": "slow"}, headers=csrf)
                assert (done.json()["order"], done.json()["set_by"]) == (["slow", "quick"], "evaluator")
                wrong = await client.put(path, json={"model": "best"}, headers=csrf)
                assert (wrong.status_code, "one of: default, none" in wrong.json()["detail"]) == (422, True)
                assert (await client.put("/v1/agents/x/model", json={"model": "none"}, headers=csrf)).status_code == 404
                listed = (await client.get("/v1/agents/models")).json()
                assert listed["models"] == ["quick", "slow"]
                assert {row["agent"]: row["model"] for row in listed["agents"]}["risk"] == "slow"
                assert len(listed["agents"]) == 10


async def test_the_command(runtime, tmp_path):
    async def tenor(*words):
        return await execute(runtime, ["agents", *words], str(tmp_path), "tester")

    assert (await tenor("model", "risk")).result["model"] == "default"
    refused = await tenor("model", "risk", "none", "--as", "trader")
    assert (refused.exit, "may not change prompts and models" in refused.error["message"]) == (1, True)
    assert (await tenor("model", "risk", "none")).exit == 1, "somebody must be named"
    done = await tenor("model", "risk", "none", "--as", "evaluator")
    assert (done.result["model"], done.result["order"]) == ("none", [])
    assert "the plan's own words" in (await tenor("list")).text
    assert "'x' is not configured" in (await tenor("model", "risk", "x", "--as", "evaluator")).error["message"]
