"""The suites of numbers and of their grader: scoring, refusals, and what the rules reach on contexts nobody read."""

import gzip
import json
import os
from pathlib import Path

import pytest

from desk.errors import InputError
from desk.settings import Settings
from evals.dataset import SuiteResult
from evals.numbers.dataset import load_tables
from evals.numbers.score import read_value, score
from evals.run import find_suite, run_suite
from evals.suites import grader, numbers

DATA = Path(os.environ.get("TENOR_TEST_DATA", "../shared/data"))
TATQA = DATA / "tatqa" / "tatqa_dataset_dev.json.gz"
LABELLED = DATA / "financebench" / "human_labelled_answers.jsonl.gz"


def figure(result: SuiteResult, name: str) -> float:
    found = result.metrics[name]
    assert found is not None
    return found


async def test_our_own_tables():
    result = await run_suite("numbers", Settings())
    assert result.cases == find_suite("numbers").cases >= 40
    assert figure(result, "exact_match") >= 0.9
    assert figure(result, "wrong_rate") <= 0.06
    assert result.metrics["unread_exact_match"] is None
    assert set(result.metrics) == set(numbers.METRICS)


async def test_the_unread_half_of_tatqa():
    if not TATQA.exists():
        pytest.skip(f"not run: {TATQA} is not here; name the folder in TENOR_TEST_DATA")
    result = await run_suite("numbers", Settings(), TATQA)
    assert result.cases == 1668
    assert figure(result, "exact_match") >= FLOORS["exact_match"]
    assert figure(result, "wrong_rate") <= FLOORS["wrong_rate"]
    assert figure(result, "right_rate") >= FLOORS["right_rate"]
    assert figure(result, "unread_exact_match") >= FLOORS["unread_exact_match"]
    assert figure(result, "unread_wrong_rate") <= FLOORS["unread_wrong_rate"]
    assert figure(result, "unread_right_rate") >= FLOORS["unread_right_rate"]
    assert figure(result, "unread_everything_exact") >= FLOORS["unread_everything_exact"]


FLOORS = {
    "exact_match": 0.60,
    "wrong_rate": 0.17,
    "right_rate": 0.785,
    "unread_exact_match": 0.56,
    "unread_wrong_rate": 0.20,
    "unread_right_rate": 0.74,
    "unread_everything_exact": 0.60,
}
"""A little below what was measured (docs/tables.md)."""


def test_the_shipped_cases_are_many_and_of_all_kinds():
    cases = load_tables(numbers.FILE)
    asked = [question for case in cases for question in case.questions]
    assert len(cases) >= 8
    assert len(asked) >= 40
    assert len({question.uid for question in asked}) == len(asked)
    assert {question.answer_type for question in asked} == {"arithmetic", "span", "multi-span", "count"}
    assert {question.scale for question in asked} >= {"", "thousand", "million", "billion", "percent"}


@pytest.mark.parametrize("path", [numbers.FILE, TATQA])
def test_gold_against_gold_is_one(path):
    if not path.exists():
        pytest.skip(f"not run: {path} is not here; name the folder in TENOR_TEST_DATA")
    for case in load_tables(path):
        for asked in case.questions:
            assert score(asked.gold, asked.scale, asked.answer_type, asked.gold, asked.scale) == (1, 1)


@pytest.mark.parametrize(
    ("gold", "scale", "kind", "said", "said_scale", "exact", "f1"),
    [
        (["-12.14"], "percent", "arithmetic", ["-0.1214"], "", 1, 1),
        (["-12.14"], "percent", "arithmetic", ["12.14"], "percent", 0, 0),
        (["94"], "million", "arithmetic", ["94"], "thousand", 0, 0),
        (["1.5"], "billion", "span", ["$1,500"], "million", 1, 1),
        (["2.7%"], "", "span", ["2.7"], "percent", 1, 1),
        (["the Board of Directors"], "", "span", ["Board of Directors."], "", 1, 1),
        (["the red fox"], "", "span", ["red hen"], "", 0, 0.5),
        (["2019", "2018"], "", "multi-span", ["2018", "2019"], "", 1, 1),
        (["2019", "2018"], "", "multi-span", ["2018"], "", 0, 0.67),
        (["4"], "", "count", ["four"], "", 0, 0),
        (["4"], "", "count", [], "", 0, 0),
        (["(87.4)"], "million", "span", ["-87.4"], "million", 1, 1),
    ],
)
def test_scores_by_hand(gold, scale, kind, said, said_scale, exact, f1):
    assert score(gold, scale, kind, said, said_scale) == (exact, f1)


@pytest.mark.parametrize(
    ("text", "value"),
    [("$1.2 billion", 1.2e9), ("(5)", -5.0), ("40%", 0.4), ("S1", None), ("5 dogs", None), ("", None), ("nan", None)],
)
def test_a_span_that_is_a_number(text, value):
    assert read_value(text) == value


@pytest.mark.parametrize("text", ["", "[]", "{}", '[{"table": 1}]'])
async def test_a_file_of_another_form_is_refused(tmp_path, text):
    file = tmp_path / "tables.json"
    file.write_text(text)
    with pytest.raises(InputError, match=r"tables\.json holds no"):
        await run_suite("numbers", Settings(), file)
    with pytest.raises(InputError, match="cannot read"):
        load_tables(tmp_path / "none.json.gz")


def test_a_gzipped_file_is_read(tmp_path):
    file = tmp_path / "tables.json.gz"
    file.write_bytes(gzip.compress(numbers.FILE.read_bytes()))
    assert load_tables(file) == load_tables(numbers.FILE)


async def test_the_grader_agrees_with_us():
    result = await run_suite("grader", Settings())
    assert figure(result, "n") >= 30
    assert figure(result, "agreement") >= 0.95


async def test_the_grader_agrees_with_people_on_answers_to_figures():
    if not LABELLED.exists():
        pytest.skip(f"not run: {LABELLED} is not here; name the folder in TENOR_TEST_DATA")
    result = await run_suite("grader", Settings(), LABELLED)
    assert figure(result, "n") == 384
    assert figure(result, "agreement") >= 0.95


async def test_answers_without_a_bare_number_are_left_out_and_wrong_lines_named(tmp_path):
    file = tmp_path / "answers.jsonl"
    row = {"gold_answer": "Yes, it rose", "model_answer": "Yes", "label": grader.YES}
    file.write_text(json.dumps(row))
    with pytest.raises(InputError, match="no answer whose gold is one bare number"):
        await run_suite("grader", Settings(), file)
    file.write_text(json.dumps(row) + "\n{")
    with pytest.raises(InputError, match="line 2 is no labelled answer"):
        await run_suite("grader", Settings(), file)
