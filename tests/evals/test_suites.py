from xml.etree import ElementTree

import pytest

from desk.errors import InputError
from desk.settings import Settings
from evals.dataset import Case, load_cases, percentile, wilson
from evals.graders import grade
from evals.report import write_junit
from evals.run import failed_bounds, find_suite, run_suite, suites

ANSWER = {
    "agents": ["customer_query"],
    "facts": [{"value": 7}],
    "citations": [{"document": "A 10-K", "quote": "seven"}],
    "approval": {"orders": [{"side": "buy", "quantity": "5", "instrument": "X:Y"}]},
    "refusal": {"rule": "lot"},
    "abstained": False,
    "answer": "Seven it is",
}


@pytest.mark.parametrize(
    ("target", "wrong"),
    [
        ({"agents": ["customer_query"]}, {"agents": ["risk"]}),
        ({"facts": [7]}, {"facts": [8]}),
        ({"cites": "A 10-K"}, {"cites": "B 10-K"}),
        ({"abstains": False}, {"abstains": True}),
        ({"refuses": "lot"}, {"refuses": "halt"}),
        ({"approval": "buy 5 X:Y"}, {"approval": None}),
        ({"says": ["seven"]}, {"says": ["eight"]}),
    ],
)
def test_each_grader_accepts_what_is_right_and_says_what_is_wrong(target, wrong):
    assert grade(ANSWER, target) == ""
    assert grade(ANSWER, wrong) != ""


def test_an_abstention_may_show_no_facts():
    assert grade({**ANSWER, "abstained": True}, {"abstains": True}) != ""
    assert grade({**ANSWER, "abstained": True, "facts": []}, {"abstains": True}) == ""


def test_a_target_nobody_can_check_is_refused():
    with pytest.raises(InputError, match="'mood' is not known"):
        grade(ANSWER, {"mood": 1})


@pytest.mark.parametrize(
    ("text", "words"), [("", "holds no cases"), ('{"id": 1', "line 1"), ('{"id": "a", "input": "b"}', "line 1")]
)
def test_a_wrong_case_file_names_its_line(tmp_path, text, words):
    (tmp_path / "cases.jsonl").write_text(text)
    with pytest.raises(InputError, match=words):
        load_cases(tmp_path / "cases.jsonl")
    with pytest.raises(InputError, match="cannot read"):
        load_cases(tmp_path / "none.jsonl")


def test_the_wilson_interval_matches_published_values():
    low, high = wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert wilson(0, 0) == (0.0, 1.0)
    assert percentile([], 0.5) is None


async def test_a_suite_runs_on_a_private_desk_and_fails_honestly(tmp_path):
    cases = [
        Case(id="right", input="What is Microsoft trading at?", target={"agents": ["market_data"]}),
        Case(id="wrong", input="What is Microsoft trading at?", target={"facts": [-1]}),
        Case(id="raises", input=" ", target={}),
    ]
    file = tmp_path / "own.jsonl"
    file.write_text("\n".join(case.model_dump_json() for case in cases))
    done: list[int] = []
    result = await run_suite("smoke", Settings(), file, progress=done.append)
    assert (result.cases, result.passed, result.failed) == (3, 1, 2)
    assert [case.id for case in result.cases_detail if case.passed] == ["right"]
    assert done == [1, 2, 3]
    assert failed_bounds(result, ["pass_rate=0.3"]) == []
    assert failed_bounds(result, ["pass_rate=0.9"]) == [f"pass_rate is {1 / 3}, under 0.9"]
    for bound in ("mood=1", "pass_rate=", "pass_rate"):
        with pytest.raises(InputError):
            failed_bounds(result, [bound])
    write_junit(result, tmp_path / "report.xml")
    suite = ElementTree.parse(tmp_path / "report.xml").getroot()
    assert suite.get("failures") == "2"
    assert len(suite.findall("testcase/failure")) == 2


async def test_the_shipped_smoke_suite_passes_whole():
    result = await run_suite("smoke", Settings())
    assert [(case.id, case.reason) for case in result.cases_detail if not case.passed] == []


def test_an_unknown_suite_names_those_there_are():
    assert "smoke" in suites()
    with pytest.raises(InputError, match="smoke"):
        find_suite("nothing")
