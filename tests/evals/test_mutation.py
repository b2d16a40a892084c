"""Mutation: the judge on made-up records, and some changes played for real; all of them with TENOR_LONG_TESTS."""

from __future__ import annotations

from decimal import Decimal

import pytest

from agents.answers import ShownFact
from evals.grounding.cases import load_grounding
from evals.mutation.changes import Change, changes, hits_for
from evals.mutation.judge import STEPS, judge, moved, still, why_stepped
from evals.mutation.play import Said, behind
from evals.suites.mutation import FILE, METRICS, grade, measure, mutate
from tests.sizes import LONG

CASES = load_grounding(FILE)
CHANGES = list(changes())
SHORT = (
    "market-data-02",
    "market-data-14",
    "risk-03",
    "risk-08",
    "sentiment-01",
    "execution-01",
    "execution-m1",
    "fraud-02",
    "portfolio-01",
    "portfolio-04",
    "compliance-03",
    "customer-query-01",
    "customer-query-16",
    "ab-testing-02",
    "robo-advisor-01",
    "robo-advisor-12",
)


def fact(id: str, value: int = 1, reads: tuple[str, ...] = (), inputs: tuple[str, ...] = ()) -> ShownFact:
    return ShownFact(
        id=id, label=id, value=Decimal(value), unit="USD", currency="USD", as_of="", source="s", locator="l",
        reads=reads, inputs=inputs,
    )  # fmt: skip


def said(words: str, *facts: ShownFact, shown: tuple[str, ...] | None = None) -> Said:
    known = {each.id: each for each in facts}
    return Said("a/1", words, known, tuple(known) if shown is None else shown, ("risk",))


def of(name: str) -> Change:
    return next(change for change in CHANGES if change.name.startswith(name))


def hits(read: str) -> bool:
    return read == "quote:A"


def test_the_cases_and_changes_are_many_and_of_every_kind():
    assert len(CASES) >= 40
    assert {case.id.rpartition("-")[0] for case in CASES} >= {
        "market-data", "risk", "sentiment", "execution", "fraud", "portfolio", "compliance", "customer-query",
        "ab-testing", "robo-advisor",
    }  # fmt: skip
    assert len(CHANGES) >= 12
    assert len({change.name for change in CHANGES}) == len(CHANGES)


def test_what_a_fact_rests_on_is_followed_through_its_inputs():
    facts = {f.id: f for f in (fact("a", reads=("x",)), fact("b", inputs=("a", "gone")), fact("c", inputs=("b", "c")))}
    assert behind(facts, facts) == {"a": {"x"}, "b": {"x"}, "c": {"x"}}


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        (said("1", fact("p", 1, ("quote:A",))), said("2", fact("p", 2, ("quote:A",))), "changed"),
        (said("1", fact("p", 1, ("quote:A",))), said("1", fact("p", 1, ("quote:A",))), "missed"),
        (said("1", fact("p", 1, ("quote:B",))), said("2", fact("p", 2, ("quote:B",))), "leaked"),
        (said("1", fact("p", 1, ("quote:B",))), said("1", fact("p", 1, ("quote:B",))), "equal"),
        (said("1", fact("x_var", 1, ("quote:A",))), said("1", fact("x_var", 1)), "stepped"),
        (said("1", fact("p", 1, ("quote:A",)), shown=()), said("2", shown=()), "leaked"),
    ],
)
def test_an_answer_is_judged_by_what_its_facts_say(before, after, outcome):
    assert judge(before, after, hits).outcome == outcome


def test_a_figure_that_stays_or_moves_alone_is_named_inside_a_changed_answer():
    before = said("1", fact("p", 1, ("quote:A",)), fact("q", 1, ("quote:A",)), fact("r", 1, ("quote:B",)))
    after = said("2", fact("p", 2), fact("q", 1), fact("r", 2))
    assert still(before, after, hits) == ["q"]
    assert moved(before, after, hits) == ["r"]
    change = Change("c", CHANGES[0].world, hits)
    result = grade(change, {"a/1": before}, {"a/1": after}, 1.0)
    assert not result.passed
    assert "q stayed" in result.reason
    assert "r moved" in result.reason
    metrics = measure([result], 0, 1)
    assert (metrics["held"], metrics["missed"], metrics["leaked"], metrics["changed"]) == (0, 1, 1, 1)
    assert tuple(metrics) == METRICS


def test_a_close_is_read_by_its_day_and_the_quote_by_the_last_ones():
    close = of("close of XNAS:MSFT")
    day = close.name.rpartition(" ")[2]
    assert hits_for(close)(f"closes:XNAS:MSFT:{day}..{day}")
    assert hits_for(close)("closes:XNAS:MSFT:..")
    assert not hits_for(close)("closes:XNAS:MSFT:2023-01-01..")
    assert not hits_for(close)("closes:XNAS:MSFT:..1999-01-01")
    assert not hits_for(close)("quote:XNAS:MSFT")
    assert hits_for(of("close of XNAS:AAPL"))("quote:XNAS:AAPL")
    assert not hits_for(of("close of XNAS:AAPL"))("quote:XNAS:AAPLX")


def test_every_step_is_for_a_figure_that_there_is():
    ids = (
        "desk-1_var",
        "spx_drawdown",
        "aapl_case_for",
        "alerts_week",
        "order_quantity",
        "plan_stocks",
        "study_a_turnover",
    )
    assert all(why_stepped(id) for id in ids)
    assert not any(why_stepped(id) for id in ("aapl_last", "desk-1_total", "order_notional", "plan_middle"))
    assert len({why for _, why in STEPS}) == len(STEPS)


async def test_what_rests_on_a_value_follows_it_and_nothing_else_does():
    """Some questions under some changes; with TENOR_LONG_TESTS all of both."""
    some = [of("close of XNAS:AAPL"), of("XNYS:KO held by"), of("Apple's net sales")]
    cases = CASES if LONG else [case for case in CASES if case.id in SHORT]
    results, unnamed, answers = await mutate(cases, CHANGES if LONG else some)
    assert {result.id: result.reason for result in results if not result.passed} == {}
    metrics = measure(results, unnamed, answers)
    assert metrics["unnamed"] == 0
    assert (metrics["changed"] or 0) >= 2 * len(some)
