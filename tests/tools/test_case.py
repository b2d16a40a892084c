"""The case for and against an instrument: facts against thresholds, and a stated rule."""

from decimal import Decimal

import pytest

from desk.facts import Fact
from tools.case import GROUNDS, WeighCase, weigh_case
from tools.context import ToolContext


def context_with(runtime, **values):
    """A run in which earlier agents registered these of Apple's facts."""
    context = ToolContext(
        runtime.desk, runtime.filings, runtime.knowledge, runtime.desk.people.get("trader"), "run-of-a-case"
    )
    for name, value in values.items():
        context.facts.add(Fact(f"aapl_{name}", name, Decimal(value), "%", "2022-12-28", "a test", "a test"))
    return context


CALM = {
    "year_pct": "0", "sentiment": "0", "sentiment_recent": "0", "sentiment_before": "0", "volatility": "20",
    "drawdown": "10", "var": "2",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "bull", "bear", "buying", "selling"),
    [
        ({}, 0, 0, "balanced", "balanced"),
        ({"year_pct": "5"}, 0, 0, "balanced", "balanced"),
        ({"year_pct": "5.1", "sentiment": "0.11"}, 2, 0, "supported", "opposed"),
        ({"year_pct": "-5.1", "sentiment": "0.11"}, 1, 1, "balanced", "balanced"),
        ({"volatility": "41", "drawdown": "31", "var": "4.1"}, 0, 3, "opposed", "supported"),
        ({"sentiment_recent": "0.3", "sentiment_before": "0.1"}, 1, 0, "balanced", "balanced"),
        ({"sentiment_recent": "-0.3", "year_pct": "-30"}, 0, 2, "opposed", "supported"),
    ],
)
def test_points_are_counted_and_the_rule_decides(runtime, changed, bull, bear, buying, selling):
    for side, verdict in (("buy", buying), ("sell", selling)):
        context = context_with(runtime, **{**CALM, **changed})
        case = weigh_case.run(context, WeighCase(instrument="XNAS:AAPL", side=side))
        assert (len(case.for_it), len(case.against), case.verdict) == (bull, bear, verdict)
        assert context.facts.get("aapl_case_for").value == bull
        assert context.facts.get("aapl_case_against").value == bear


def test_every_number_of_a_point_is_a_fact_and_facts_of_the_run_are_not_read_again(runtime):
    context = context_with(runtime, **{**CALM, "volatility": "77"})
    case = weigh_case.run(context, WeighCase(instrument="XNAS:AAPL", side="buy"))
    filled, shown = context.facts.fill(" ".join(case.against))
    assert [fact.value for fact in shown] == [Decimal(77), Decimal(40)]
    assert "{{" not in filled
    assert all(fact.source in {"a test", "decision rule case@1", "facts of this run"} for fact in context.facts.all())


def test_what_nobody_looked_at_is_read_now_and_what_cannot_be_known_is_named(runtime):
    context = context_with(runtime)
    case = weigh_case.run(context, WeighCase(instrument="XNAS:AAPL", side="buy"))
    known = {fact.id for fact in context.facts.all()}
    assert {"aapl_year_pct", "aapl_sentiment", "aapl_volatility"} <= known
    missing = {g.fact.replace("_", " ") for g in GROUNDS if f"aapl_{g.fact}" not in known}
    assert set(case.unknown) == missing


async def test_a_proposal_shows_both_sides_in_the_answer_and_to_who_decides(runtime):
    trader = runtime.desk.people.get("trader")
    answer = await runtime.ask("Should I buy 10 Bitcoin?", trader)
    assert answer["agents"] == ["market_data", "sentiment", "risk", "portfolio", "compliance", "execution"]
    assert "The case for and against Bitcoin" in answer["answer"]
    why = runtime.desk.approvals.get(answer["approval"]["id"]).evidence["why"]
    assert "The desk's rule asks for a lead of 2 points" in why
    assert "{{" not in why
    by_id = {fact["id"]: fact["value"] for fact in answer["facts"]}
    assert by_id["btcusd_case_for"] == answer["answer"].count("- For it: ") - answer["answer"].count("For it: nothing")
