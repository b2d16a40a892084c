"""The suite on triage: three scripted models against the rules alone, in worlds of its own."""

from __future__ import annotations

import pytest

from desk.errors import InputError
from evals.dataset import CaseResult
from evals.run import find_suite
from evals.suites.triage import FILE, METRICS, count_triage, load_triage, measure, run
from tests.agents.opinions import guessing, obedient, oracle
from tests.llm.routing import routed

WORLD = '{"id": "w", "seed": 7, "accounts": 5000, "per_typology": 15, "true_most": 6}'


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    file = tmp_path_factory.mktemp("triage") / "w.jsonl"
    file.write_text(WORLD)
    return load_triage(file)


def result(true, word="", score=0.8, weight=1.0):
    notes = {"true": true, "word": word, "score": score, "weight": weight, "why": "", "typology": "cycle"}
    return CaseResult(id="x", passed=True, score=1, reason="", ms=0, cost_usd=0, notes=notes)


def test_measures_are_what_a_hand_counts():
    found = measure(
        [
            result(True, "escalate", 0.76, 6.0),
            result(True, "likely_innocent", 0.84, 2.0),
            result(False, "likely_innocent", 0.83),
            result(False, "keep", 0.80),
        ]
    )
    assert set(found) == set(METRICS)
    assert found["rules_precision"] == 0.8
    assert found["precision"] == pytest.approx(6 / 7, abs=1e-4)
    assert (found["recall"], found["set_aside"], found["workload"]) == (0.75, 0.25, 0.7)
    assert (found["escalated_precision"], found["answered"]) == (1.0, 1.0)
    assert (found["rules_auc"], found["auc"]) == (0.5, 0.75)


def test_without_an_opinion_there_is_the_rules_alone():
    found = measure([result(True), result(False)])
    assert found["rules_precision"] == 0.5
    assert found["answered"] == 0.0
    assert all(found[name] is None for name in ("precision", "recall", "workload", "auc", "set_aside"))


def test_the_suite_ships_worlds_that_nobody_tuned_on():
    assert find_suite("triage").cases == count_triage(FILE) == 12
    dev = FILE.with_name("triage_dev.jsonl").read_text()
    assert not set(FILE.read_text().splitlines()) & set(dev.splitlines())


def test_a_wrong_line_is_named(tmp_path):
    file = tmp_path / "w.jsonl"
    file.write_text('{"id": "w", "seed": 1, "true_most": 0}')
    with pytest.raises(InputError, match="line 1 is not a case: true_most"):
        load_triage(file)


async def graded(runtime, tmp_path, cases, model):
    async with routed(tmp_path, model) as models:
        here = runtime.models
        runtime.models = models
        try:
            return [await run.grade(runtime, case) for case in cases]
        finally:
            runtime.models = here


async def test_an_oracle_clears_the_queue_and_loses_nothing(runtime, tmp_path, cases):
    assert {case.true for case in cases} == {True, False}
    truth = {next(f.text() for f in case.facts.all() if f.id == "moved"): case.true for case in cases}
    results = await graded(runtime, tmp_path, cases, oracle(truth))
    found = measure(results)
    assert all(one.passed for one in results)
    assert (found["precision"], found["recall"], found["auc"], found["answered"]) == (1.0, 1.0, 1.0, 1.0)
    assert found["workload"] == found["rules_precision"] != 1


async def test_a_model_that_obeys_texts_finds_none_to_obey(runtime, tmp_path, cases):
    results = await graded(runtime, tmp_path, cases, obedient())
    assert {one.notes["word"] for one in results} == {"escalate"}
    assert measure(results)["recall"] == 1.0


async def test_a_model_that_guesses_is_told_from_one_that_knows(runtime, tmp_path, cases):
    found = measure(await graded(runtime, tmp_path, cases, guessing()))
    assert (found["set_aside"] or 0) > 0.1
    assert (found["auc"] or 1) < 0.9


async def test_without_a_model_the_suite_says_the_rules_alone(runtime, cases):
    results = [await run.grade(runtime, case) for case in cases[:2]]
    assert [one.notes["why"] for one in results] == ["no model connected"] * 2
    assert all(one.passed for one in results)
