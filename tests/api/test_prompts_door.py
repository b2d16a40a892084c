import pytest

from api.commands.dispatch import execute
from desk.errors import InputError


async def run(runtime, tmp_path, *words):
    return await execute(runtime, list(words), str(tmp_path), "tester")


async def test_versions_are_listed_shown_compared_and_rendered(runtime, tmp_path):
    listed = (await run(runtime, tmp_path, "prompts", "list")).result["prompts"]
    assert {"id": "portfolio.v2", "label": "production"}.items() <= next(
        r for r in listed if r["id"] == "portfolio.v2"
    ).items()
    assert (await run(runtime, tmp_path, "prompts", "show", "portfolio.v2")).result["untrusted"] == ["history"]
    assert (
        "untrusted" in (await run(runtime, tmp_path, "prompts", "diff", "portfolio.v1", "portfolio.v2")).result["diff"]
    )
    made = await run(
        runtime, tmp_path, "prompts", "render", "portfolio.v2", "--set", "question=how risky", "--set", "history=none"
    )
    assert "how risky" in made.result["user"]
    wrong = await run(runtime, tmp_path, "prompts", "render", "portfolio.v2", "--set", "mood=bad")
    assert wrong.exit != 0
    assert "missing variables ['history', 'question'], unknown variables ['mood']" in wrong.error["message"]


async def test_only_evaluators_and_administrators_change_labels(runtime, tmp_path):
    words = ("prompts", "label", "portfolio.v1", "candidate", "--share", "40")
    refused = await run(runtime, tmp_path, *words, "--as", "analyst")
    assert refused.exit != 0
    assert "may not change prompts and models" in refused.error["message"]
    done = await run(runtime, tmp_path, *words, "--as", "evaluator")
    assert (done.result["candidate"], done.result["share"]) == ("portfolio.v1", 40)
    stopped = await run(runtime, tmp_path, "prompts", "stop", "portfolio", "--as", "evaluator")
    assert stopped.result["candidate"] == ""
    missing = await run(runtime, tmp_path, "prompts", "label", "portfolio.v9", "production", "--as", "evaluator")
    assert "there are: portfolio.v1, portfolio.v2" in missing.error["message"]


async def test_a_route_is_explained_without_an_agent_speaking(runtime, tmp_path):
    done = await run(runtime, tmp_path, "route", "explain", "how volatile is Exxon")
    assert done.result["agents"] == ["risk"]
    assert done.result["nearest"]
    assert "risk" in done.text


async def test_a_person_may_choose_the_agent(runtime):
    analyst = runtime.desk.people.get("analyst")
    answer = await runtime.ask("How volatile is Exxon?", analyst, agent="market_data")
    assert (answer["agents"], answer["route"]["by"]) == (["market_data"], "person")
    with pytest.raises(InputError, match="'nobody' is not known"):
        await runtime.ask("How volatile is Exxon?", analyst, agent="nobody")
