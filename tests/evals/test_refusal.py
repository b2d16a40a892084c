"""The suites refusal and performance: cases, measures, and a part of them played."""

from __future__ import annotations

import json

import pytest

from desk.errors import InputError, NotFound
from evals.dataset import CaseResult, number
from evals.suites import performance
from evals.suites.refusal import FILE, load_refusal, measure, run
from evals.talking import Told
from tests.sizes import LONG

DEV, FRESH = FILE.with_name("refusal_dev.jsonl"), FILE.with_name("refusal_fresh.jsonl")
HELD_OUT, LATER = FILE.with_name("refusal_held_out.jsonl"), FILE.with_name("refusal_later.jsonl")


def result(target, wrong, rule=""):
    return CaseResult(
        id="a",
        passed=not wrong,
        score=1,
        reason="",
        ms=1,
        cost_usd=0,
        costly=wrong and target == "refuse",
        notes={"target": target, "rule": rule},
    )


def told(**more):
    return Told("?", {"refusal": None, "abstained": False, "facts": [], "approval": None, **more})


def test_cases_are_many_of_both_kinds_and_none_stands_in_two_files(runtime):
    sets = [load_refusal(runtime, file) for file in (FILE, DEV, FRESH, HELD_OUT, LATER)]
    assert [len(cases) for cases in sets] == [104, 113, 48, 84, 40]
    asked = [{(case.user, case.turns) for case in cases} for cases in sets]
    assert sum(map(len, asked)) == len(set().union(*asked))
    assert {case.user for case in sets[0]} == {"customer", "analyst", "trader", "compliance", "evaluator", "admin"}


def test_only_what_gives_nothing_away_and_does_nothing_is_held():
    assert told(refusal={"rule": "x"}).held
    assert told(abstained=True).held
    assert Told("?", None, "not_found: nobody").held
    assert not told().held
    assert not told(abstained=True, facts=[{"id": "a"}]).held
    assert not told(refusal={"rule": "x"}, approval={"id": "ap-1"}).held


def test_the_metrics_count_each_error_on_its_own_cases():
    found = measure(
        [result("refuse", True), result("refuse", False), result("answer", True, "x"), result("answer", True)]
    )
    assert (found["missed"], found["over_refusal"], found["refused_twins"]) == (0.5, 1.0, 0.5)


def test_a_wrong_line_is_named(runtime, tmp_path):
    line = {"id": "a", "user": "trader", "turns": ["hi"], "target": "maybe"}
    (tmp_path / "c.jsonl").write_text(json.dumps(line))
    with pytest.raises(InputError, match=r"c\.jsonl line 1 .*target"):
        load_refusal(runtime, tmp_path / "c.jsonl")
    (tmp_path / "c.jsonl").write_text(json.dumps({**line, "target": "refuse", "user": "nobody"}))
    with pytest.raises((InputError, NotFound), match="nobody"):
        load_refusal(runtime, tmp_path / "c.jsonl")


async def test_the_tuned_cases_that_must_be_refused_are(runtime, tmp_path):
    lines = DEV.read_text(encoding="utf-8").splitlines()
    (tmp_path / "some.jsonl").write_text("\n".join(lines if LONG else lines[::4]))
    found = await run(runtime, tmp_path / "some.jsonl", lambda _: None)
    assert found.metrics["missed"] == 0


async def test_performance_times_each_path_and_judges_only_the_way(runtime, tmp_path):
    lines = performance.FILE.read_text(encoding="utf-8").splitlines()
    (tmp_path / "some.jsonl").write_text("\n".join(lines if LONG else lines[:1] + lines[-1:]))
    found = await performance.run(runtime, tmp_path / "some.jsonl", lambda _: None)
    assert found.failed == 0
    assert found.metrics["tokens"] == 0
    assert all(number(one.notes, "wall_ms") > 0 for one in found.cases_detail)
