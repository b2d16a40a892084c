"""Each family of models in the settings that docs/models.md names, against a server here; and the doors to records."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import httpx
import pytest

from api.app import build_app
from api.commands.dispatch import execute
from desk.drivers import build_models
from desk.settings import Settings, load_settings
from tests.llm.openai_server import OpenAiServer
from tests.llm.routing import ask

PAGE = Path(__file__).parent.parent.parent / "docs" / "models.md"
pytestmark = pytest.mark.filterwarnings("ignore")


def families() -> dict[str, dict[str, str]]:
    """The settings under each heading of the page's section on families."""
    section = PAGE.read_text(encoding="utf-8").partition("## Connect a family")[2].partition("\n## ")[0]
    found = {}
    for block in section.split("\n### ")[1:]:
        code = block.partition("```sh\n")[2].partition("```")[0]
        found[block.partition("\n")[0]] = dict(re.findall(r"^export (TENOR_\w+)=(\S+)", code, re.MULTILINE))
    return found


def test_the_page_names_every_family_in_three_settings_at_most():
    assert set(families()) == {"GPT-4-Turbo", "Mixtral", "LLaMA", "Bloom and Falcon", "Ollama", "vLLM", "Anything else"}
    assert all(1 <= len(given) <= 3 for given in families().values())


@pytest.mark.parametrize("family", families())
async def test_a_family_answers_with_the_settings_of_the_page(desk, family):
    server = OpenAiServer(lambda _: {"content": "ready"})
    given = load_settings({**families()[family], "TENOR_LLM_BASE_URL": server.url})
    models = build_models(given, desk.store, desk.wall)
    try:
        await models.ready()
        found = await models.complete(ask(models=(models.names[0],)))
        await models.drain()
    finally:
        models.close()
        server.close()
    assert found.completion is not None, found.reason
    assert found.completion.text == "ready"
    (spec,) = [model.spec for model in models.models.values()]
    assert server.requests[0]["model"] == spec.route.partition("/")[2]
    if given.llm_api_key:
        assert server.requests[0]["authorization"] == f"Bearer {given.llm_api_key}"


async def test_own_models_at_several_addresses_come_from_a_file(desk, tmp_path):
    servers = {name: OpenAiServer(lambda asked: {"content": asked["model"]}) for name in ("one", "two")}
    rows = [
        {"id": name, "route": f"hosted_vllm/{name}", "address": server.url, "price_in": 0, "price_out": 0}
        for name, server in servers.items()
    ]
    file = tmp_path / "models.yaml"
    file.write_text(json.dumps({"version": 1, "models": rows}))
    settings = Settings(llm_models="one,two", llm_model_file=str(file), llm_keys="two=key-of-two")
    models = build_models(settings, desk.store, desk.wall)
    await models.ready()
    for name in servers:
        found = await models.complete(ask(models=(name,)))
        assert found.completion is not None, found.reason
        assert found.completion.text == name
    models.close()
    for server in servers.values():
        server.close()
    assert servers["two"].requests[0]["authorization"] == "Bearer key-of-two"
    assert "key-of-two" not in str(servers["one"].requests)


async def test_calls_and_health_are_read_by_evaluator_and_administrator_and_by_command(runtime):
    server = OpenAiServer(lambda _: {"content": "ready"})
    settings = Settings(llm_base_url=server.url, llm_model="mine", llm_prices="mine=1/2")
    models = build_models(settings, runtime.desk.store, runtime.desk.wall)
    own = replace(runtime, models=models)
    tested = await execute(own, ["models", "test", "mine", "--as", "evaluator"], ".", "me")
    listed = await execute(own, ["models", "list"], ".", "me")
    calls = await execute(own, ["models", "calls"], ".", "me")
    refused = await execute(own, ["models", "calls", "--as", "customer"], ".", "me")
    missing = await execute(own, ["models", "test", "other"], ".", "me")
    assert (tested.exit, refused.exit, missing.exit) == (0, 1, 1)
    assert tested.result is not None
    assert tested.result["answer"] == "ready"
    assert listed.result is not None
    assert listed.result["models"][0]["model"] == "mine"  # type: ignore[index]
    assert calls.result is not None
    assert calls.result["calls"][0]["cost_usd"] == 25e-6  # type: ignore[index]
    transport = httpx.ASGITransport(build_app(own))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for person, status in (("evaluator", 200), ("admin", 200), ("trader", 403), ("customer", 403)):
            secret = runtime.desk.api_keys.create(person, "k", ["read"], 1)[1]
            for path in ("/v1/model-calls", "/v1/model-health"):
                answer = await client.get(path, headers={"authorization": f"Bearer {secret}"})
                assert answer.status_code == status, answer.text
    await models.drain()
    models.close()
    server.close()


def test_every_setting_of_models_is_on_the_page():
    page = PAGE.read_text(encoding="utf-8")
    names = [f"TENOR_{f.name.upper()}" for f in fields(Settings) if f.name.startswith("llm_")]
    assert [name for name in names if name not in page] == []
