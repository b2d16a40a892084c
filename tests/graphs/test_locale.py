"""Answers in every locale: written so, read so by the guards, the checker and the scanner, replayed the same."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx
import pytest

from agents.scan.validators import VALIDATORS, run_check
from api.app import build_app
from desk.demo import Box, load_plan
from desk.errors import InputError
from desk.factory import open_desk
from desk.locales import LOCALES
from desk.settings import Settings
from desk.store.folder import DataFolder
from evals.grounding.numerals import resolve
from evals.suites.grounding import names_of
from graphs.replay.replaying import replay
from graphs.runtime import open_runtime
from graphs.scanning import text_of_bundle
from tests.api.test_http import BASE, sign_in

pytestmark = pytest.mark.filterwarnings("ignore")
ASKED = (("customer", "What do I own?"), ("trader", "Buy 10 AAPL"), ("analyst", "What were Apple's net sales in 2023?"))
SALES = {"en-US": "383,285,000,000.00 USD", "en-GB": "USD 383,285", "de-DE": "383.285.000.000", "fr-FR": "383\u202f285"}


@pytest.mark.parametrize("name", LOCALES)
async def test_an_answer_is_written_read_and_replayed_in_its_locale(runtime, name):
    for who, question in ASKED:
        answer = await runtime.ask(question, runtime.desk.people.get(who), locale=name.lower())
        assert answer["locale"] == name
        assert resolve(answer, [question], names_of(runtime)).stray == ()
        assert "withheld" not in answer["answer"]
        bundle = runtime.runs.get(answer["run"], None).bundle
        assert bundle.locale == name
        assert (await replay(bundle)).identical
        text = text_of_bundle(bundle, runtime.filings)
        assert [one for each in VALIDATORS for one in run_check(each, text.text, text.material)] == []
    assert SALES[name].removesuffix(".00 USD") in answer["answer"]


async def test_without_a_locale_nothing_tells_of_one(runtime):
    """Answers and bundles are those of before there were locales."""
    answer = await runtime.ask("What do I own?", runtime.desk.people.get("customer"))
    bundle = runtime.runs.get(answer["run"], None).bundle
    assert "locale" not in answer
    assert "locale" not in json.loads(bundle.answer)
    assert "locale" not in bundle.model_dump(mode="json")
    assert (await replay(bundle)).identical
    with pytest.raises(InputError, match="'xx' is not known"):
        await runtime.ask("What do I own?", runtime.desk.people.get("customer"), locale="xx")


async def test_the_profile_goes_before_the_browser_and_a_wish_before_both(tmp_path):
    plan = load_plan()
    people = tuple(
        p.model_copy(update={"profile": {**p.profile, "locale": "fr-FR"}}) if p.name == "customer" else p
        for p in plan.people
    )
    folder = DataFolder(tmp_path / "home")
    assert folder.hold({"command": "test"})
    desk = open_desk(Settings(), folder, replace(Box(), plan=plan.model_copy(update={"people": people})))
    async with open_runtime(desk) as runtime:
        transport = httpx.ASGITransport(build_app(runtime, tmp_path))
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            for who, body, header, wanted in (
                ("customer", {}, "de-DE,de;q=0.9", "fr-FR"),
                ("customer", {"locale": "en-GB"}, "de", "en-GB"),
                ("analyst", {}, "de-DE,de;q=0.9", "de-DE"),
                ("analyst", {}, "ja", None),
            ):
                csrf = await sign_in(client, runtime, who)
                asked = {"message": "What is Apple trading at?", **body}
                headers = {"accept-language": header, **csrf}
                told = (await client.post("/v1/chat", json=asked, headers=headers)).text
                frame = told.split("event: answer\ndata: ")[1].split("\n")[0]
                assert json.loads(frame).get("locale") == wanted
            refused = await client.post("/v1/chat", json={"message": "x", "locale": "tlh"}, headers=headers)
            assert refused.status_code == 422
    desk.close()
    folder.release()
