"""Runs that are kept: stopped and gone on with, tried often, several cases at once, compared, reported, gated."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace

import pytest

from desk.clock import WallClock
from desk.errors import Conflict, InputError, NotFound
from desk.settings import Settings
from evals.baseline import BASELINE, judge, load_baseline, renew
from evals.book import EvalBook
from evals.comparing import MetricChange, compare, comparison_text
from evals.dataset import Case, CaseResult, SuiteResult, summarise
from evals.journal import Journal
from evals.report import html_page
from evals.run import How, find_suite, run_suite
from evals.suites import smoke
from evals.summary import sum_up

SAY = "What is Microsoft trading at?"
LINES = [
    Case(id="right", input=SAY, target={"agents": ["market_data"]}),
    Case(id="wrong", input=SAY, target={"facts": [-1]}),
    Case(id="unsafe", input=SAY, target={"abstains": True}),
]


class Stopped(Exception):
    """What ends a run in these tests."""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(case.model_dump_json() for case in LINES))
    return path


@pytest.fixture
def book(desk):
    return EvalBook(desk.store, desk.folder, WallClock())


def result_of(
    name: str, failed: set[str], costly: frozenset[str] | set[str] = frozenset(), of: int = 20
) -> SuiteResult:
    """A finished run of made-up cases c0 … by way of the real summing up."""
    cases = [
        CaseResult(
            id=f"c{n}",
            passed=f"c{n}" not in failed,
            score=float(f"c{n}" not in failed),
            reason="<b>wrong</b>" if f"c{n}" in failed else "",
            ms=1.0,
            cost_usd=0.01,
            costly=f"c{n}" in costly,
            trace={"answer": "<script>alert(1)</script>"} if f"c{n}" in failed else None,
        )
        for n in range(of)
    ]
    return sum_up(replace(smoke.run, name=name), [cases], {}, 1)


async def test_a_stopped_run_goes_on_where_it_was(book, file):
    journal = book.begin("smoke", Settings(), file)

    def stop(done: int) -> None:
        if done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        await run_suite("smoke", Settings(), file, progress=stop, journal=journal)
    assert book.get(journal.origin.run).state == "running"
    with pytest.raises(InputError, match="no run of suite smoke was stopped"):
        book.begin("smoke", Settings(), file, resume=True)  # it is held
    with journal.path.open("a") as torn:
        torn.write('{"trial": 0, "result": {"id": "unsa')
    journal.close()
    kept = book.get(journal.origin.run)
    assert (kept.state, kept.done, kept.expected) == ("stopped", 2, 3)
    again = book.begin("smoke", Settings(), file, resume=True)
    assert sorted(id for _, id in again.done) == ["right", "wrong"]
    seen: list[int] = []
    result = await run_suite("smoke", Settings(), file, progress=seen.append, journal=again)
    assert seen == [2, 3]
    assert result.origin == journal.origin
    book.finish(again, result)
    assert not again.path.exists()
    assert book.result(again.origin.run) == result
    assert [(c.id, c.passed, c.costly) for c in result.cases_detail] == [
        ("right", True, False),
        ("wrong", False, False),
        ("unsafe", False, True),
    ]
    plain = result.model_dump()
    assert (plain["costly"]["metric"], plain["costly"]["cases"]) == ("unsafe_rate", ("unsafe",))
    part = plain["cases_detail"][1]["trace"]["parts"][0]
    assert part["agent"] == "market_data"
    assert part["tools"][0]["tool"] == "read_quotes"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": "gpt-4o"}, "not the same any more: the model"),
        ({"trials": 2}, "not the same any more: the number of trials"),
        ({"prompts": ("risk.v1",)}, "not the same any more: the chosen prompts"),
        ({"cases": "touched"}, "not the same any more: the cases"),
        ({"code": "touched"}, "not the same any more: the code"),
    ],
)
def test_a_run_never_goes_on_as_one_of_another_thing(book, file, change, words):
    journal = book.begin("smoke", Settings(), file)
    if "code" in change:
        journal.path.write_text(journal.path.read_text().replace(journal.origin.code, "0" * 64))
    journal.close()
    if "cases" in change:
        file.write_text(file.read_text() + "\n")
    given = {name: value for name, value in change.items() if name not in ("cases", "code")}
    with pytest.raises(Conflict, match=words):
        book.begin("smoke", Settings(), file, resume=True, **given)


def test_a_run_that_is_not_there_or_not_finished_is_said(book, file):
    with pytest.raises(NotFound, match="run 'nope'"):
        book.get("nope")
    journal = book.begin("smoke", Settings(), file)
    with pytest.raises(Conflict, match="is running and has no result"):
        book.result(journal.origin.run)
    with pytest.raises(Conflict, match="goes on in another process"):
        Journal(journal.path, journal.origin)
    book.abandon(journal)
    assert book.get(journal.origin.run).state == "failed"  # nothing was done: nothing to go on with
    begun = book.begin("smoke", Settings(), file)
    begun.keep(0, result_of("smoke", set()).cases_detail[0])
    book.abandon(begun)
    assert book.get(begun.origin.run).state == "stopped"


async def test_trials_and_cases_at_once_give_what_one_after_another_gives(file):
    one, many = await asyncio.gather(
        run_suite("smoke", Settings(), file), run_suite("smoke", Settings(), file, how=How(trials=3, parallel=4))
    )
    assert [(c.id, c.passed) for c in one.cases_detail] == [(c.id, c.passed) for c in many.cases_detail]
    assert many.pass_hat == {1: 0.3333, 2: 0.3333, 3: 0.3333}
    assert one.pass_hat == {}
    assert (one.metrics["pass_low"], many.metrics["pass_low"]) == (0.0615, None)  # nine results, but three cases
    assert many.intervals["pass_rate"] == (0.0, 1.0)
    assert (many.cases_detail[1].trials, many.cases_detail[1].passes) == (3, 0)
    assert many.cases_detail[1].reason.endswith("(0 of 3 trials passed)")
    assert many.metrics["p50_ms"] is None  # means nothing while others run
    assert one.metrics["p50_ms"] is not None
    with pytest.raises(InputError, match="--trials is 1 to 100, not 0"):
        await run_suite("smoke", Settings(), file, how=How(trials=0))


async def test_a_suite_that_reads_its_cases_as_a_whole_says_what_it_cannot():
    with pytest.raises(InputError, match="suite books reads its cases as a whole and cannot --parallel"):
        await run_suite("books", Settings(), how=How(parallel=2))
    twice = await run_suite("books", Settings(), how=How(trials=2))
    assert (twice.passed, twice.pass_hat) == (7, {1: 1.0, 2: 1.0})


async def test_another_prompt_version_is_what_the_agents_use(file):
    result = await run_suite("smoke", Settings(), file, how=How(prompts=("market_data.v1",)))
    assert {part["prompt"] for part in result.model_dump()["cases_detail"][1]["trace"]["parts"]} == {"market_data.v1"}


def test_two_runs_are_compared_delta_first():
    before, after = result_of("smoke", {"c0"}), result_of("smoke", {f"c{n}" for n in range(1, 9)}, {"c3"})
    found = compare(before, after)
    assert (found.passed.delta, found.passed.differs, found.cases) == (-0.35, True, 20)
    assert found.passed.p == pytest.approx(0.0390625)
    assert [flip.id for flip in found.flipped if flip.fixed] == ["c0"]
    assert found.costly == MetricChange(metric="unsafe_rate", a=0, b=0.05, delta=0.05)
    text = comparison_text(found).splitlines()
    assert text[0].startswith("-35.0 points (")
    assert "BROKEN" in "".join(text)
    with pytest.raises(InputError, match="two suites"):
        compare(before, result_of("other", set()))
    with pytest.raises(InputError, match="share no case"):
        compare(before, summarise("smoke", [before.cases_detail[0].model_copy(update={"id": "x"})], {}))


def test_the_gate_names_metric_and_cases(tmp_path):
    path = tmp_path / "baseline.json"
    renew(path, result_of("smoke", {"c0"}))
    renew(path, result_of("other", set()))
    baseline = load_baseline(path)
    assert judge(result_of("smoke", {"c1"}), baseline) == []  # one broke, one was fixed
    assert judge(result_of("smoke", {"c0", "c1", "c2"}), baseline) == []  # chance could do that
    (first, second) = judge(result_of("smoke", {f"c{n}" for n in range(7)}), baseline)
    assert first == "smoke: 6 cases broke and 0 were fixed: c1, c2, c3, c4, c5, c6"
    assert second.startswith("smoke: pass_rate is 0.65, below 0.85 to 1.0 around 0.95")
    (costly,) = judge(result_of("smoke", {"c0", "c4"}, {"c4"}), baseline)
    assert costly.startswith("smoke: costly error unsafe_rate is 0.05, was 0.0 (")
    assert costly.endswith(": c4")
    late = result_of("smoke", {"c0", "c4"}, {"c4"})
    noted = [case.model_copy(update={"notes": {"late": case.id == "c4"}}) for case in late.cases_detail]
    assert judge(late.model_copy(update={"cases_detail": tuple(noted)}), baseline) == []  # the machine was busy
    with pytest.raises(InputError, match="the baseline has no suite third"):
        judge(result_of("third", set()), baseline)
    path.write_text("[{}]")
    with pytest.raises(InputError, match=r"baseline\.json is no baseline: 0\.suite: Field required"):
        load_baseline(path)


@pytest.mark.parametrize("suite", ["smoke", "routing", "knowledge", "sentiment", "books"])
async def test_no_suite_is_worse_than_the_committed_baseline(suite):
    """The regression gate of `make test`; docs/evals.md says how to renew the baseline."""
    result = await run_suite(suite, Settings())
    assert judge(result, load_baseline(BASELINE)) == []
    assert result.costly is not None
    assert set(result.metrics) == set(find_suite(suite).metrics)


def test_the_page_is_one_file_and_escapes_what_cases_say():
    after = result_of("smoke", {"c1", "c2"}, {"c2"})
    page = html_page(after, compare(result_of("smoke", {"c1"}), after))
    tags = set(re.findall(r"<([a-z0-9]+)", page))
    assert tags.isdisjoint({"script", "b", "img", "link", "iframe", "form", "a"})
    assert not re.search(r"\s(src|href|style|on[a-z]+)=", page)
    assert "default-src 'none'; style-src 'sha256-" in page
    for words in ("-5.0 points", "Costly error: unsafe_rate 0.05", "&lt;script&gt;", "95 % interval", "c2"):
        assert words in page


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"id": "a", "input": "q"}, "line 2 is not a case: target: Field required"),
        ({"id": "a", "input": 3, "target": {}}, "line 2 is not a case: input: Input should be a valid string"),
        ({"id": "a", "input": "q", "target": {}, "mood": 1}, "line 2 is not a case: mood: Extra inputs"),
        ({"id": "ok", "input": "q", "target": {}}, "line 2 is not a case: id: 'ok' stands in line 1 already"),
        ({"id": "a", "input": "q", "target": {"mood": 1}}, "line 2 is not a case: target.mood: not known"),
        ({"id": "a", "input": "q", "target": {"facts": 3}}, "line 2 is not a case: target.facts: wants a list"),
        ({"id": "a", "input": "q", "target": {"abstains": "no"}}, "line 2 is not a case: target.abstains: wants bool"),
        ([], "line 2 is not a case: the line: Input should be"),
    ],
)
def test_a_case_of_the_wrong_shape_is_named_by_line_and_field(tmp_path, line, words):
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps({"id": "ok", "input": "q", "target": {}}) + "\n" + json.dumps(line))
    with pytest.raises(InputError) as raised:
        smoke.load_graded(path)
    assert words in raised.value.message
