"""The grounding suite: its cases, its own checker, its two models, part of the cases; all with TENOR_LONG_TESTS."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from agents.misplaced import find_misplaced
from desk.errors import InputError
from desk.facts import SLOT
from desk.market.history import History
from evals.dataset import CaseResult
from evals.grounding.cases import load_grounding
from evals.grounding.numerals import resolve, runs, shows
from evals.grounding.scripted import KINDS, invent, rephrase
from evals.suites.grounding import FILE, METRICS, _grade, measure
from tests.agents.test_inventions import FACT
from tests.sizes import LONG

CASES = load_grounding(FILE)
PLAN = "**Microsoft**: {{f:msft_last}}, {{f:msft_day}} on the day\n\n**Apple**: {{f:aapl_last}}"
SHOWN = {"id": "x", "value": 1234.5, "unit": "USD", "currency": "USD", "as_of": "FY2023", "label": "net sales"}


def test_the_shipped_cases_are_many_and_by_everybody():
    assert len(CASES) >= 200
    assert len({case.turns for case in CASES}) >= len(CASES) - 8  # a question may be asked by several people
    assert {case.user for case in CASES} == {"customer", "analyst", "trader", "compliance", "evaluator", "admin"}
    assert sum(len(case.turns) > 1 for case in CASES) >= 14
    meant = Counter(case.id.rpartition("-")[0] for case in CASES)
    assert len(meant) == 12
    assert min(meant.values()) >= 10


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "holds no cases"),
        ("{", "line 1"),
        ('{"id": "a"}', "line 1"),
        ('{"id": "a", "turns": []}', "line 1"),
        ('{"id": "a", "turns": ["x"]}\n{"id": "a", "turns": ["y"]}', "line 2 .* id: 'a' stands in line 1 already"),
    ],
)
def test_a_wrong_case_is_named_by_its_line(tmp_path, line, words):
    (tmp_path / "c.jsonl").write_text(line)
    with pytest.raises(InputError, match=words):
        load_grounding(tmp_path / "c.jsonl")
    with pytest.raises(InputError, match="cannot read"):
        load_grounding(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("text", "by", "stray"),
    [
        ("It was [1,234.50 USD](#fact-x).", {"fact": 1}, 0),
        ("It was [1,234.51 USD](#fact-x).", {}, 1),
        ("It was [1,234.50 %](#fact-x).", {}, 1),
        ("It was [1,234.50](#fact-x).", {}, 1),
        ("It was [1,234.50 USD](#fact-y).", {}, 1),
        ("It was 1,234.50 USD.", {}, 1),
        ("It was \uff14\uff12 or \u00be.", {}, 2),
        ("On 2022-12-28, in fiscal 2023.", {"date": 2}, 0),
        ("In fiscal 2022.", {}, 1),
        ("1. First\n2) Second\n3 apples", {"list": 2}, 1),
        ("You said 42.", {"said": 1}, 0),
        ("You said 43.", {}, 1),
        ("> We made 7 of them\n> \u2014 Filing A, page 13", {"quote": 2}, 0),
        ("They made 7 of them, page 13", {}, 2),
        ("Account desk-1, S&P 500 and 10-K.", {"quote": 2, "name": 1}, 0),
        ("Account desk-2, S&P 400.", {}, 2),
        ("It is 5bn.", {}, 1),
    ],
)
def test_the_checker_finds_sources_and_what_has_none(text, by, stray):
    citation = {"document": "Filing A", "page": 13, "quote": "We made 7 of them", "section": "Item 1"}
    answer = {"answer": text, "facts": [SHOWN], "citations": [citation], "details": {"form": "10-K"}}
    found = resolve(answer, ["what about 42?"], ["desk-1", "S&P 500"])
    assert (dict(found.by), len(found.stray)) == (by, stray)
    assert found.total == sum(by.values()) + stray


def test_a_refusal_and_a_headline_may_stand_word_by_word():
    refusal = {"message": "12 units are above the limit of 10", "rule": "r"}
    headlines = [{"title": "Up 9 per cent in 3 days", "words": ["rose 9"]}]
    answer = {"answer": "12 units are above the limit of 10. \u201cUp 9 per cent in 3 days\u201d", "refusal": refusal}
    assert len(resolve(answer, []).stray) == 2
    assert resolve({**answer, "cards": [{"body": {"headlines": headlines}}]}, []).stray == ()


def test_digits_of_every_script_and_rounding_are_read():
    assert [run.text for run in runs("a 1,000.5 b \u0664\u0662. 7,")] == ["1,000.5", "\u0664\u0662", "7"]
    assert shows("\u22120.61", {"value": -0.605, "unit": "ratio"})
    assert not shows("0.62", {"value": 0.605, "unit": "ratio"})
    assert not shows("many USD", SHOWN)


@pytest.mark.parametrize("first", range(len(KINDS)))
def test_each_kind_invents_something_that_the_plan_has_not(first):
    values = {"msft_last": "1", "msft_day": "2", "aapl_last": "3"}
    made = invent(PLAN, "How are they?", values, random.Random(first), first)
    assert made.kind == KINDS[first][0]
    assert made.text != PLAN
    assert made.words not in PLAN


def test_the_honest_model_keeps_every_slot_it_tells_of():
    for seed in range(60):
        told = rephrase(PLAN, random.Random(seed))
        assert set(SLOT.findall(told)) <= set(SLOT.findall(PLAN))
        assert told != PLAN


FACTS = [
    FACT,
    FACT.__class__("aapl_last", "AAPL last price", FACT.value + 1, "USD", "2022-12-28", "replay", "x", "USD"),
    FACT.__class__("msft_day", "MSFT change on the day", FACT.value - 200, "%", "2022-12-28", "replay", "x"),
]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (PLAN, 0),
        ("Microsoft stands at {{f:msft_last}} and Apple at {{f:aapl_last}}.", 0),
        ("On the day Microsoft moved {{f:msft_day}}, to {{f:msft_last}}.", 0),
        ("Microsoft stands at {{f:aapl_last}}.", 1),
        ("Apple stands at {{f:aapl_last}}, Microsoft at {{f:aapl_last}}.", 1),
        ("Microsoft: {{f:msft_day}}, {{f:msft_last}} on the day", 1),
        ("Nothing to tell.", 0),
        ("", 0),
    ],
)
def test_the_right_number_at_the_wrong_place_is_found(text, wrong):
    assert bool(find_misplaced(text, PLAN, FACTS, History().instruments)) == bool(wrong)


def test_the_metrics_are_counted_from_notes():
    notes = {"numerals": 10, "stray": 1, "turns": 2, "answered": 1, "texts": 4, "rejected": 1, "kinds": ["unit"]}
    one = CaseResult(id="a", passed=False, score=0, reason="r", ms=1, cost_usd=0, costly=True, notes=notes)
    assert measure([one, one.model_copy(update={"costly": False})]) == {
        "grounded_share": 0.9,
        "answered_share": 0.5,
        "escaped": 1.0,
        "false_reject_rate": 0.25,
        "numerals": 20.0,
        "inventions": 2.0,
        "kinds": 1.0,
    }
    assert tuple(measure([one])) == METRICS
    assert measure([])["grounded_share"] is None


async def test_every_number_has_a_source_and_nothing_invented_is_shown(runtime):
    """Every fourth case (all with TENOR_LONG_TESTS), three ways each."""
    results = [await _grade(runtime, case) for case in (CASES if LONG else CASES[::4])]
    assert {result.id: result.reason for result in results if not result.passed} == {}
    metrics = measure(results)
    assert metrics["grounded_share"] == 1
    assert metrics["escaped"] == 0
    assert (metrics["inventions"] or 0) >= 40
    assert (metrics["kinds"] or 0) >= 8


async def test_a_question_that_cannot_be_asked_is_a_failed_case(runtime):
    case = CASES[0].model_copy(update={"turns": ("   ",)})
    result = await _grade(runtime, case)
    assert not result.passed
    assert "question" in result.reason
