"""The model as judge, over a real server on this machine: calibrated, apart, refused without a model."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.arguments import build_parser
from api.commands.evals import evals
from api.commands.seat import Seat
from desk.errors import InputError, SettingError
from desk.settings import Settings
from evals.dataset import CASES
from evals.judging import Judged, Word, calibrate, check_judge, kappa, run_judge
from evals.suites.grader import YES, load_labelled
from tests.llm.openai_server import OpenAiServer
from tests.llm.two_models import two_models

pairs = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40)


def part(request: dict, tag: str) -> str:
    found = re.search(rf"<{tag}>\n(.*?)\n</{tag}>", str(request["messages"][-1]["content"]), re.DOTALL)
    assert found is not None
    return found[1]


def strict(request: dict) -> dict:
    """Good when the reference's first number, or word, stands in the answer."""
    wanted = re.findall(r"[\d.]+|\w+", part(request, "reference"))[0]
    good = wanted in part(request, "answer")
    return {"content": json.dumps({"good": good, "why": f"{wanted} is {'there' if good else 'missing'}"})}


def talks(_: dict) -> dict:
    return {"content": "I would rather talk about the weather."}


def settings_for(folder, reply) -> tuple[OpenAiServer, Settings]:
    server = OpenAiServer(reply)
    file = folder / "judge.yaml"
    row = f'{{id: judge, route: openai/judge, address: "{server.url}", price_in: 1, price_out: 2, residency: local}}'
    file.write_text(f"version: 1\nmodels:\n  - {row}\n")
    return server, Settings(llm_model_file=str(file), test_data=str(folder / "none"))


def questions(folder):
    asked = [json.loads(line) for line in (CASES / "knowledge.jsonl").read_text().splitlines()][:3]
    file = folder / "mine.jsonl"
    file.write_text("\n".join(map(json.dumps, asked)))
    return file, len(asked)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ([(True, True), (False, False)], 1.0),
        ([(True, False), (False, True)], -1.0),
        ([(True, True)] * 4, 1.0),
        ([(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15, 0.4),
        ([(True, True), (False, True)], 0.0),
    ],
)
def test_kappa_is_agreement_beyond_chance(said, value):
    assert kappa(said) == pytest.approx(value)


@given(pairs)
def test_kappa_stays_in_its_bounds_and_is_one_only_without_a_difference(said):
    assert -1 <= kappa(said) <= 1
    assert (kappa(said) == 1) == all(person == judge for person, judge in said)
    assert kappa([(judge, person) for person, judge in said]) == pytest.approx(kappa(said))


async def test_a_judge_that_says_what_people_say_agrees_wholly_and_its_contrary_not_at_all():
    rows = load_labelled(CASES / "grader.jsonl")
    labels = [row.label == YES for row in rows]

    def ear(turn: bool):
        async def hear(one: Judged) -> Word:
            return Word(labels[int(one.id[1:]) - 1] is turn, "", 0.5)

        return hear

    same, other = [await calibrate(ear(turn), CASES / "grader.jsonl") for turn in (True, False)]
    assert (same.n, same.agreement, same.kappa, same.kappa_low) == (len(rows), 1.0, 1.0, 1.0)
    assert same.cost_usd == 0.5 * len(rows)
    assert other.agreement == 0
    assert other.kappa < 0


async def test_a_real_server_judges_and_nothing_that_passed_changes(tmp_path, runtime):
    """The command's whole way: the suite by code, then the judge's block beside it."""
    server, settings = settings_for(tmp_path, strict)
    file, count = questions(tmp_path)
    try:
        desk = replace(runtime.desk, settings=settings)
        words = ["evals", "run", "knowledge", "--data", str(file)]
        found = []
        for more in ([], ["--judge", "judge"]):
            args = build_parser().parse_args([*words, *more])
            found.append(await evals(Seat(replace(runtime, desk=desk), args, "me", tmp_path)))
    finally:
        server.close()
    plain, judged = (outcome.result for outcome in found)
    assert plain is not None
    assert judged is not None
    assert plain["judge"] is None
    for name in ("passed", "failed", "cases"):
        assert plain[name] == judged[name]
    report = judged["judge"]
    assert isinstance(report, dict)
    assert (report["model"], report["n"], report["unreadable"]) == ("judge", count, 0)
    known = report["calibration"]
    assert known["data"] == "grader.jsonl"
    assert known["n"] == len(load_labelled(CASES / "grader.jsonl"))
    assert known["kappa_low"] <= known["kappa"] <= known["kappa_high"]
    assert 0.5 < known["agreement"] < 1  # a judge of one rule is neither blind nor perfect
    assert report["cost_usd"] > known["cost_usd"] > 0
    assert "decides nothing" in found[1].text
    assert "<answer>" in str(server.requests[0]["messages"][-1]["content"])


async def test_a_judge_without_a_verdict_is_refused(tmp_path):
    server, settings = settings_for(tmp_path, talks)
    file, _ = questions(tmp_path)
    try:
        with pytest.raises(InputError, match=r"gave no verdict on .* TENOR_LLM_BASE_URL"):
            await run_judge("knowledge", "judge", settings, file)
    finally:
        server.close()


@pytest.mark.parametrize(
    ("suite", "model", "error", "words"),
    [
        ("smoke", "gpt-4o", InputError, "agents, knowledge"),
        ("agents", " ", InputError, "TENOR_LLM_MODEL"),
        ("agents", "a,b", InputError, "not one model"),
        ("agents", "gpt-4o", SettingError, "TENOR_LLM_BASE_URL or TENOR_LLM_API_KEY"),
    ],
)
def test_a_judge_that_cannot_be_is_refused_by_the_settings_name(suite, model, error, words):
    with pytest.raises(error, match=words):
        check_judge(suite, model, Settings())


async def test_a_model_without_a_price_or_address_is_named(tmp_path):
    with two_models(tmp_path) as models, pytest.raises(SettingError, match="'none' has no price; set TENOR_LLM_PRICES"):
        await run_judge("knowledge", "none", models.settings())
