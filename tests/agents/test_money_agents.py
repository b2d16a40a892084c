"""The portfolio, advice and experiment agents on the demonstration desk, through the whole graph."""

from __future__ import annotations

import re
from typing import Any

import pytest

from agents.goal import read_goal
from agents.weights import read_weights
from desk.experiments.arms import ARMS
from desk.market.history import History
from graphs.runtime import Runtime

KNOWN = History().instruments


@pytest.mark.parametrize("user", ["customer", "trader"])
async def test_a_portfolio_adds_up(runtime: Runtime, user: str) -> None:
    answer: Any = await runtime.ask("How is my portfolio doing?", runtime.desk.people.get(user))
    assert answer["agents"] == ["portfolio"]
    (card,) = answer["cards"]
    assert card["kind"] == "allocation"
    body = card["body"]
    assert sum(row["value"] for row in body["rows"]) == pytest.approx(body["total"], abs=0.05)
    assert sum(row["weight_pct"] for row in body["rows"]) == pytest.approx(100, abs=0.05)
    values = {fact["id"]: fact["value"] for fact in answer["facts"]}
    assert values[f"{body['account']}_total"] == pytest.approx(body["total"])
    profits = sum(row["profit"] for row in body["rows"] if row["instrument"] != "CASH")
    assert values[f"{body['account']}_profit"] == pytest.approx(profits, abs=0.05)


async def test_someone_without_an_account_is_told_so(runtime: Runtime) -> None:
    answer: Any = await runtime.ask("How is my portfolio doing?", runtime.desk.people.get("evaluator"))
    assert answer["abstained"]
    assert answer["facts"] == []


async def test_the_retirement_question_is_answered_with_both_readings(runtime: Runtime) -> None:
    answer: Any = await runtime.ask("Can I retire at 60 with 2,000 a month?", runtime.desk.people.get("customer"))
    assert answer["agents"] == ["robo_advisor"]
    assert answer["details"]["robo_advisor"]["verdict"] == "advise"
    values = {fact["id"]: fact["value"] for fact in answer["facts"]}
    assert values["plan_age"] == 41
    assert values["plan_retire_at"] == 60
    assert values["plan_income"] == 2000
    assert 50 < values["plan_chance"] < 100
    assert {"plan_needed_saving", "plan_worst", "plan_cost", "plan_worst_year", "plan_other_income"} <= set(values)
    assert "I read" in answer["answer"]
    (card,) = answer["cards"]
    assert card["kind"] == "plan"
    assert len(card["body"]["paths"]["p50"]) == len(card["body"]["ages"])


@pytest.mark.parametrize(
    ("user", "question", "verdict"),
    [
        ("trader", "Can I retire at 60 with 2,000 a month?", "educate"),
        ("customer", "Can I retire at 60?", "educate"),
        ("customer", "Should my pension be in bitcoin?", "refuse"),
        ("customer", "What is suitable for me?", "advise"),
        ("customer", "Can I retire at 30 with 2,000 a month?", "educate"),
    ],
)
async def test_the_verdict_comes_before_the_plan(runtime: Runtime, user: str, question: str, verdict: str) -> None:
    answer: Any = await runtime.ask(question, runtime.desk.people.get(user))
    assert answer["details"]["robo_advisor"]["verdict"] == verdict
    assert "withheld" not in answer["answer"]
    assert answer["cards"] == []
    assert answer["approval"] is None


async def test_none_beats_the_baseline_on_apple(runtime: Runtime) -> None:
    answer: Any = await runtime.ask("Which forecaster is best on AAPL?", runtime.desk.people.get("analyst"))
    nameless: Any = await runtime.ask("Which forecaster is best?", runtime.desk.people.get("analyst"))
    short: Any = await runtime.ask("Which model predicts SOL best over 10 years?", runtime.desk.people.get("analyst"))
    assert answer["agents"] == ["ab_testing"]
    assert "none beats the baseline" in answer["answer"]
    (card,) = answer["cards"]
    assert card["kind"] == "comparison"
    assert [row["arm"] for row in card["body"]["rows"]] == [name for name in ARMS if name != "sentiment"]
    assert [each["arm"] for each in card["body"]["failed"]] == ["sentiment"]
    assert re.search(r"there is news on \[7\]\(#fact-\w+\) of \[2,517\]\(#fact-\w+\) days", answer["answer"])
    assert card["body"]["trials"] == len(ARMS) - 1
    assert nameless["abstained"]
    assert short["abstained"]


@pytest.mark.parametrize(
    ("question", "age", "retire_at", "monthly", "reading", "saving"),
    [
        ("Can I retire at 60 with 2,000 a month?", None, 60, 2000, "assumed_income", None),
        ("I'm 35 and save 500 a month; can I retire at 62 on an income of $3k per month?", 35, 62, 3000, "income", 500),
        ("If I save 800 EUR a month, when I am 65 can I retire?", None, None, None, "saving", 800),
        ("I am 50 years old. Can I retire in 12 years and spend 36,000 a year?", 50, None, 3000, "income", None),
        ("Can I retire when I'm 67 with 1,500 a month?", None, 67, 1500, "assumed_income", None),
        ("What is suitable for me?", None, None, None, "none", None),
        ("I plan to quit working at 61, on 2,500 a month", None, 61, 2500, "assumed_income", None),
    ],
)
def test_goals_are_read_from_the_persons_words(
    question: str, age: int | None, retire_at: int | None, monthly: float | None, reading: str, saving: float | None
) -> None:
    wish = read_goal(question, ())
    assert (wish.age, wish.retire_at, wish.monthly, wish.reading, wish.saving) == (
        age,
        retire_at,
        monthly,
        reading,
        saving,
    )


def test_products_and_wealth_are_read_too() -> None:
    wish = read_goal("I have 50,000 saved; should I borrow to buy gold and crypto?", ())
    assert wish.wealth == 50_000
    assert set(wish.products) == {"crypto", "leverage", "commodities"}


@pytest.mark.parametrize(
    ("question", "objective", "cap", "weights"),
    [
        ("rebalance to minimum variance", "minimum_variance", None, {}),
        ("Optimise my book for the best Sharpe ratio, at most 30 % each", "maximum_sharpe", "30", {}),
        ("Rebalance to 60% Apple and 40 % Microsoft", "given", None, {"XNAS:AAPL": "60", "XNAS:MSFT": "40"}),
    ],
)
def test_weights_are_read_from_the_persons_words(
    question: str, objective: str, cap: str | None, weights: dict[str, str]
) -> None:
    wish = read_weights(question, KNOWN)
    assert wish is not None
    assert (wish.objective, wish.cap, wish.weights) == (objective, cap, weights)
    assert read_weights("How is my portfolio doing?", KNOWN) is None
