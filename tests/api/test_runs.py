"""A run from words to order and the origin of its facts, by HTTP and by the command."""

from __future__ import annotations

import asyncio
import zlib
from argparse import Namespace
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert

from api.app import build_app
from api.commands.runs import runs
from api.commands.seat import Seat
from desk.ledger.canonical import canonical_bytes
from desk.store.bundle_tables import run_bundles
from graphs.replay.trace import read_trace, split_answer
from graphs.runtime import Runtime
from tests.api.test_http import BASE, sign_in
from tests.llm.two_models import running, two_models

pytestmark = pytest.mark.filterwarnings("ignore")
TRADE = "Should I buy 10 Apple?"
AGENTS = ["market_data", "sentiment", "risk", "portfolio", "compliance", "execution"]


@pytest.fixture
async def client(runtime: Runtime, tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_app(runtime, tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as opened:
        yield opened


async def ask(runtime, question=TRADE, name="trader", **more):
    return await runtime.ask(question, runtime.desk.people.get(name), **more)


async def filled(client, run: str) -> dict:
    for _ in range(500):
        found: dict = (await client.get(f"/v1/runs/{run}")).json()
        if found["proposal"]["orders"][0]["order"]["state"] == "filled":
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found["proposal"])


async def test_a_trade_question_from_words_to_order(client, runtime):
    answer = await ask(runtime)
    csrf = await sign_in(client, runtime, "trader")
    found = (await client.get(f"/v1/runs/{answer['run']}")).json()
    assert (found["asked"], found["read_as"], found["person"]) == (TRADE, None, "trader")
    assert [part["agent"] for part in found["parts"]] == found["route"]["agents"] == AGENTS
    assert found["route"]["by"] == "should_trade"
    assert found["hash"] == runtime.runs.get(answer["run"], None).hash
    assert found["answer"] == answer["answer"]
    assert all(part["ms"] > 0 and part["prompt"].startswith(f"{part['agent']}.v") for part in found["parts"])
    assert all(part["text"] and part["calls"] and part["model"] == "offline narrator" for part in found["parts"])
    texts = [f"**{part['title']}**\n\n{part['text']}" for part in found["parts"]]
    assert "\n\n".join(texts) == answer["answer"]
    facts = {fact["id"]: fact for fact in found["facts"]}
    assert {fact["id"] for fact in answer["facts"]} <= set(facts)
    assert all(facts[fact["id"]]["hash"] == fact["hash"] for fact in answer["facts"])
    assert facts["aapl_last"]["used_by"] == ["market_data"]
    assert set(facts["aapl_year_pct"]["used_by"]) == {"market_data", "execution"}
    assert all(call["ok"] for part in found["parts"] for call in part["calls"])
    proposal = found["proposal"]
    assert (proposal["id"], proposal["state"], proposal["open"]) == (answer["approval"]["id"], "waiting", True)
    assert proposal["orders"][0]["order"]["state"] == "proposed"
    assert (await client.get(f"/v1/approvals/{proposal['id']}")).json()["run"] == answer["run"]
    done = await client.post(f"/v1/approvals/{proposal['id']}", json={"decision": "approve"}, headers=csrf)
    assert done.status_code == 200
    after = await filled(client, answer["run"])
    assert after["proposal"]["state"] == "approved"
    order = after["proposal"]["orders"][0]
    assert (order["route"], sum(fill["quantity"] for fill in order["fills"])) == ("broker", 10)
    assert order["fills"][0]["currency"] == "USD"
    assert order["fills"][0]["price"] > 0
    assert order["order"]["broker"]
    assert {**after, "proposal": None} == {**found, "proposal": None}
    progress = (await client.get(f"/v1/orders/{order['order']['id']}/progress")).json()
    assert progress["run"] == answer["run"]


async def test_the_origin_of_a_fact(client, runtime):
    run = (await ask(runtime))["run"]
    await sign_in(client, runtime, "trader")
    turn = (await client.get(f"/v1/runs/{run}/facts/aapl_sentiment_turn")).json()
    assert [fact["id"] for fact in turn["inputs"]] == ["aapl_sentiment_recent", "aapl_sentiment_before"]
    assert (turn["fact"]["agent"], turn["fact"]["tool"], turn["ok"]) == ("execution", "weigh_case", True)
    assert turn["about"] == {"kind": "instrument", "id": "XNAS:AAPL", "name": "Apple"}
    recent = (await client.get(f"/v1/runs/{run}/facts/aapl_sentiment_recent")).json()
    assert "aapl_sentiment_turn" in [fact["id"] for fact in recent["named_by"]]
    assert recent["places"][0]["agent"] == "sentiment"
    total = (await client.get(f"/v1/runs/{run}/facts/desk-1_total")).json()
    assert total["about"] == {"kind": "account", "id": "desk-1", "name": "desk-1"}
    year = (await client.get(f"/v1/runs/{run}/facts/aapl_year_pct")).json()
    assert [place["agent"] for place in year["places"]] == ["market_data", "execution"]
    assert {place["text"] for place in year["places"]} == {year["fact"]["text"]}
    assert "#fact-" not in str(year["places"])
    assert year["places"][1]["before"] == "Against it: it has lost over the year: "
    planned = (await client.get(f"/v1/runs/{run}/facts/order_notional")).json()
    assert (planned["fact"]["agent"], planned["fact"]["call"], planned["arguments"]) == ("execution", None, "")
    gone = await client.get(f"/v1/runs/{run}/facts/nope")
    assert gone.status_code == 404
    assert "has no fact 'nope'" in gone.json()["detail"]
    assert (await client.get("/v1/runs/0123456789abcdef/facts/aapl_last")).status_code == 404


async def test_a_figure_of_a_filing_leads_to_its_line(client, runtime):
    answer = await ask(runtime, "What were Apple's net sales in 2023 and 2024?", "analyst")
    await sign_in(client, runtime, "analyst")
    id = answer["facts"][0]["id"]
    found = (await client.get(f"/v1/runs/{answer['run']}/facts/{id}")).json()
    assert (found["about"]["kind"], found["about"]["id"]) == ("filing", "apple-10-k-2024")
    assert "383,285" in found["citations"][0]["quote"]
    assert found["fact"]["value"] == "383285000000"
    view = (await client.get(f"/v1/runs/{answer['run']}")).json()
    assert view["proposal"] is None
    assert view["parts"][0]["text"] == answer["answer"]


async def test_whose_run_it_is(client, runtime):
    run = (await ask(runtime))["run"]
    paths = [f"/v1/runs/{run}", f"/v1/runs/{run}/facts/aapl_last"]
    assert [(await client.get(path)).status_code for path in paths] == [401, 401]
    for name, status in {"customer": 404, "trader2": 404, "admin": 404, "compliance": 200}.items():
        await sign_in(client, runtime, name)
        assert [(await client.get(path)).status_code for path in paths] == [status, status], name
    await sign_in(client, runtime, "evaluator")
    found = (await client.get(paths[0])).json()["proposal"]
    assert (found["open"], found["orders"], found["answers"]) == (False, [], [])


async def test_a_record_of_another_format_is_refused_in_words(client, runtime):
    run = (await ask(runtime, "How volatile is Exxon?"))["run"]
    old = {**runtime.runs.get(run, None).bundle.model_dump(mode="json"), "format": 1, "run": "f" * 16}
    row = {"run": "f" * 16, "thread": "", "person": "trader", "at": old["at"], "hash": "", "body": pack(old)}
    with runtime.desk.store.begin() as connection:
        connection.execute(insert(run_bundles).values(**row))
    await sign_in(client, runtime, "trader")
    for path in (f"/v1/runs/{'f' * 16}", f"/v1/runs/{'f' * 16}/facts/x"):
        found = await client.get(path)
        assert found.status_code == 422
        assert "has format 1" in found.json()["detail"]


def pack(bundle: dict) -> bytes:
    return zlib.compress(canonical_bytes(bundle))


async def test_a_follow_up_shows_what_was_asked_and_what_was_understood(client, runtime):
    first = await ask(runtime, "How volatile is Exxon?", "analyst")
    second = await ask(runtime, "And Apple?", "analyst", thread=first["thread"])
    await sign_in(client, runtime, "analyst")
    found = (await client.get(f"/v1/runs/{second['run']}")).json()
    assert found["asked"] == "And Apple?"
    assert found["read_as"] == second["read_as"] != "And Apple?"


async def test_a_part_names_the_models_it_asked(tmp_path):
    with two_models(tmp_path) as made:
        async with running(made.settings(), tmp_path / "home") as runtime:
            answer = await ask(runtime, "How volatile is Exxon?", "analyst")
            trace = read_trace(runtime.runs.get(answer["run"], None), {"risk": "Risk"})
    (part,) = trace.parts
    assert (part.model, part.asked, part.fallback, part.passed) == ("quick", "quick", None, "")
    assert part.tokens_in + part.tokens_out == answer["tokens"] > 0
    assert part.cost_usd == answer["cost_usd"] > 0
    assert [one.model for one in part.tries] == ["quick"]


def test_words_that_nobody_can_tell_apart_are_nobodys():
    titles = {"a": "Alpha", "b": "Beta"}
    clean = "**Alpha**\n\none\n\n**Beta**\n\ntwo"
    assert split_answer(clean, ["a", "b"], titles) == {"a": "one", "b": "two"}
    forged = "**Alpha**\n\none\n\n**Beta**\n\nforged\n\n**Beta**\n\ntwo"
    assert split_answer(forged, ["a", "b"], titles) == {"a": "", "b": ""}
    assert split_answer(clean, ["a", "c"], titles) == {"a": "", "c": ""}
    assert split_answer(clean, ["b", "a"], titles) == {"b": "", "a": ""}
    assert split_answer("anything", ["a"], titles) == {"a": "anything"}


async def test_the_command_shows_a_run_and_a_fact(runtime):
    run = (await ask(runtime))["run"]

    async def show(fact="", person="trader"):
        args = Namespace(command="runs", verb="show", run=run, fact=fact, person=person)
        return await runs(Seat(runtime, args, "tester", Path.cwd()))

    shown = await show()
    assert shown.result["run"] == run
    for words in (f"Asked: {TRADE}", "Route: market_data, sentiment", "draft_order", f"Proposal ap-{run}", "proposed"):
        assert words in shown.text
    fact = await show("aapl_sentiment_turn")
    assert "rests on aapl_sentiment_before" in fact.text
    assert fact.result["fact"]["id"] == "aapl_sentiment_turn"
