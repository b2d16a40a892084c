"""One question to one agent under two models: what each costs and takes, and that nothing is left behind."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import func, select

from api.app import build_app
from desk.clock import to_iso
from desk.errors import Forbidden, InputError, NotFound
from desk.store.tables import approvals, threads, turns
from graphs.trying import try_agent
from tests.api.test_http import BASE, sign_in
from tests.llm.openai_server import COMPLETION_TOKENS, PROMPT_TOKENS, Fault
from tests.llm.two_models import PRICES, SLOW_S, WORDS, running, two_models

QUESTION = "How volatile is Exxon?"
pytestmark = pytest.mark.filterwarnings("ignore")


def rows(runtime):
    with runtime.desk.store.read() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (approvals, threads, turns)
        ]


async def test_two_models_side_by_side(tmp_path):
    with two_models(tmp_path) as made:
        async with running(made.settings(), tmp_path / "home") as runtime:
            evaluator = runtime.desk.people.get("evaluator")
            found = {}
            for name in ("quick", "slow"):
                found[name] = await try_agent(runtime, evaluator, "risk", QUESTION, name, "risk.v1")
            for name, tried in found.items():
                price_in, price_out = PRICES[name]
                cost = (PROMPT_TOKENS * price_in + COMPLETION_TOKENS * price_out) / 1e6
                assert (tried.text, tried.reply.model, tried.reply.prompt) == (WORDS[name], name, "risk.v1")
                assert tried.reply.cost_usd == pytest.approx(cost)
            assert (found["slow"].reply.first_ms or 0) >= SLOW_S * 1000
            day = to_iso(runtime.desk.wall.now())[:10]
            spent = round(sum(tried.reply.cost_usd for tried in found.values()) * 1e9)
            assert runtime.models.money.used(f"user:evaluator:{day}") == spent
            calls = [call.run for call in runtime.models.book.newest()]
            assert calls == [found["slow"].run, found["quick"].run]
            assert runtime.turns.report("hour").summaries == ()


async def test_a_model_that_fails_says_so_and_no_other_is_asked(tmp_path):
    with two_models(tmp_path, slow=lambda _: Fault("status", 503)) as made:
        async with running(made.settings(), tmp_path / "home") as runtime:
            evaluator = runtime.desk.people.get("evaluator")
            tried = await try_agent(runtime, evaluator, "risk", QUESTION, "slow", "risk.v2")
            plan = await try_agent(runtime, evaluator, "risk", QUESTION, "none", "risk.v2")
            assert "slow" in str(tried.reply.fallback)
            assert (tried.text, plan.reply.fallback) == (plan.text, None)
            assert made.quick.requests == []


async def test_neither_a_proposal_nor_a_conversation_is_left(runtime):
    before = rows(runtime)
    admin = runtime.desk.people.get("admin")
    trader = runtime.desk.people.get("trader")
    with pytest.raises(Forbidden):
        await try_agent(runtime, trader, "execution", "Buy 10 AAPL", "none", "execution.v2")
    await try_agent(runtime, admin, "execution", "Buy 10 AAPL", "none", "execution.v2")
    assert rows(runtime) == before


@pytest.mark.parametrize(
    ("agent", "question", "model", "prompt", "error", "words"),
    [
        ("nobody", QUESTION, "none", "risk.v1", NotFound, "'nobody' does not exist"),
        ("risk", QUESTION, "best", "risk.v1", NotFound, "'best' is not configured; choose one of: none"),
        ("risk", QUESTION, "none", "risk.v99", NotFound, "there are: risk.v1"),
        ("risk", QUESTION, "none", "fraud.v1", InputError, "fraud.v1 is of fraud; name a version of risk"),
        ("risk", " ", "none", "risk.v1", InputError, "question is empty"),
    ],
)
async def test_what_is_not_there_is_named(runtime, agent, question, model, prompt, error, words):
    with pytest.raises(error, match=words):
        await try_agent(runtime, runtime.desk.people.get("evaluator"), agent, question, model, prompt)


async def test_the_http_door_tries_and_reports_what_turns_cost(tmp_path):
    with two_models(tmp_path) as made:
        async with running(made.settings(), tmp_path / "home") as runtime:
            transport = httpx.ASGITransport(build_app(runtime, tmp_path))
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                body = {"question": QUESTION, "model": "slow", "prompt": "risk.v2"}
                csrf = await sign_in(client, runtime, "analyst")
                assert (await client.post("/v1/agents/risk/try", json=body, headers=csrf)).status_code == 403
                csrf = await sign_in(client, runtime, "evaluator")
                done = (await client.post("/v1/agents/risk/try", json=body, headers=csrf)).json()
                assert (done["model"], done["text"]) == ("slow", WORDS["slow"])
                assert (await client.get("/v1/agents/turns")).json()["rows"] == []
                asked = {"message": QUESTION, "agent": "risk"}
                for model in ("quick", "slow"):
                    await client.put("/v1/agents/risk/model", json={"model": model}, headers=csrf)
                    answer = await client.post("/v1/chat", json=asked, headers=csrf)
                    assert answer.status_code == 200
                quick, slow = (await client.get("/v1/agents/turns?window=hour")).json()["rows"]
                assert (quick["asked"], slow["asked"], quick["turns"], slow["turns"]) == ("quick", "slow", 1, 1)
                assert slow["first_ms"]["p50"] >= SLOW_S * 1000
                assert slow["cost_usd"] > quick["cost_usd"] > 0
                assert (slow["tokens_in"], slow["tokens_out"]) == (PROMPT_TOKENS, COMPLETION_TOKENS)
                assert (await client.get("/v1/agents/turns?window=year")).status_code == 422
