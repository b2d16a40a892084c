"""Portfolios at the doors: what the page and the command are given, and what they are told when it cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from api.commands.dispatch import execute
from api.holder import Outcome
from api.weighing import WeighForm, draw_frontier, weigh
from desk.errors import InputError
from tests.api.test_risk_door import bearer, client  # noqa: F401 - the fixture

FIVE = ["XNAS:AAPL", "XNAS:MSFT", "XNYS:JPM", "XNYS:XOM", "XNYS:JNJ"]


async def test_weights_come_with_what_they_would_have_meant(runtime, client):  # noqa: F811
    key = bearer(runtime, "analyst")
    body = {"instruments": FIVE, "most_pct": 40, "sectors": ["Information Technology<=15"]}
    told = (await client.post("/v1/portfolio/optimise", json=body, headers=key)).json()
    weights = {row["instrument"]: row["weight_pct"] for row in told["rows"]}
    assert sum(weights.values()) == pytest.approx(100, abs=0.01)
    assert max(weights.values()) <= 40.001
    assert weights["XNAS:AAPL"] + weights["XNAS:MSFT"] <= 15.001
    assert sum(row["risk_pct"] for row in told["rows"]) == pytest.approx(100, abs=0.01)
    assert told["days"] == 504
    free = (await client.post("/v1/portfolio/optimise", json={"instruments": FIVE}, headers=key)).json()
    assert free["volatility_pct"] <= told["volatility_pct"]


async def test_the_frontier_ends_at_the_best_single_instrument(runtime, client):  # noqa: F811
    told = (
        await client.post(
            "/v1/portfolio/frontier?points=6", json={"instruments": FIVE}, headers=bearer(runtime, "analyst")
        )
    ).json()
    assert [len(told["points"]), len(told["singles"])] == [6, 5]
    returns = [point["return_pct"] for point in told["points"]]
    assert returns == sorted(returns)
    assert returns[-1] == pytest.approx(max(single["return_pct"] for single in told["singles"]), abs=0.01)


async def test_a_limit_that_cannot_be_kept_is_a_422_that_names_it(runtime, client):  # noqa: F811
    key = bearer(runtime, "analyst")
    for body, words in (
        ({"instruments": FIVE, "most_pct": 10}, "raise the cap to 20.0%"),
        ({"instruments": FIVE, "sectors": ["Energy>=50"], "most_pct": 30}, "at least 50.0% in Energy"),
        ({"instruments": FIVE, "sectors": ["Wool<=5"]}, "no instrument is of sector"),
        ({"instruments": FIVE, "objective": "target_return", "target_pct": 190}, "cannot be reached"),
        ({"instruments": FIVE, "views": ["nonsense"]}, "cannot be read"),
        ({"instruments": FIVE, "turnover_pct": 10}, "weights held"),
        ({"instruments": ["XNAS:AAPL"]}, "at least two"),
        ({"instruments": ["INDEX:SPX", "XNAS:AAPL"]}, "index level"),
    ):
        answer = await client.post("/v1/portfolio/optimise", json=body, headers=key)
        assert answer.status_code == 422, body
        assert words in answer.text
    unknown = await client.post("/v1/portfolio/optimise", json={"instruments": ["XNAS:NOPE", *FIVE]}, headers=key)
    assert unknown.status_code == 404


async def test_nobody_weighs_what_is_not_theirs(runtime, client):  # noqa: F811
    answer = await client.post(
        "/v1/portfolio/optimise", json={"account": "desk-1"}, headers=bearer(runtime, "customer")
    )
    assert answer.status_code == 403
    own = await client.post("/v1/portfolio/optimise", json={"account": "desk-1"}, headers=bearer(runtime, "trader"))
    assert own.status_code == 200
    held = [row["held_pct"] for row in own.json()["rows"]]
    assert sum(held) == pytest.approx(100, abs=0.01)


async def test_the_commands_say_the_same(runtime):
    async def said(*argv: str) -> Outcome:
        return await execute(runtime, [*argv], ".", "tester")

    found = await said("portfolio", "optimise", "--instruments", "AAPL,MSFT,JPM,XOM,JNJ", "--most", "40")
    rows = (found.result or {})["rows"]
    assert isinstance(rows, list)
    assert {row["instrument"]: row["weight_pct"] for row in rows} == {
        row.instrument: row.weight_pct for row in weigh(runtime.desk, WeighForm(instruments=FIVE, most_pct=40)).rows
    }
    line = await said("portfolio", "frontier", "--instruments", "stocks", "--points", "4", "--most", "20")
    assert line.exit == 0
    assert "expected return" in line.text
    judged = await said("risk", "backtest", "--instruments", "AAPL,XOM", "--days", "1000")
    assert (judged.result or {})["instruments"] == 2
    wrong = await said("portfolio", "optimise", "--instruments", "AAPL,MSFT", "--most", "500")
    assert wrong.exit != 0
    assert "--most" in str(wrong.error)
    level = await said("risk", "backtest", "--level", "20")
    assert "not between 90 % and 100 %" in str(level.error)


def test_turnover_is_counted_from_what_is_held(runtime):
    form = WeighForm(account="desk-1", turnover_pct=20)
    found = weigh(runtime.desk, form)
    moved = sum(abs(row.weight_pct - (row.held_pct or 0)) for row in found.rows)
    assert moved <= 20.01
    assert moved > 19


def test_views_turn_the_weights(runtime):
    plain = weigh(runtime.desk, WeighForm(instruments=FIVE, objective="maximum_sharpe", views=["XNYS:XOM=5"]))
    keen = weigh(runtime.desk, WeighForm(instruments=FIVE, objective="maximum_sharpe", views=["XNYS:XOM=60@90"]))
    weights = [next(row.weight_pct for row in found.rows if row.instrument == "XNYS:XOM") for found in (plain, keen)]
    assert weights[1] > weights[0] + 10
    with pytest.raises(InputError, match="with itself"):
        weigh(runtime.desk, WeighForm(instruments=FIVE, views=["XNYS:XOM>XNYS:XOM=5"]))


def test_equal_weights_lie_inside_the_frontier(runtime):
    equal = weigh(runtime.desk, WeighForm(instruments=FIVE, objective="equal"))
    line = draw_frontier(runtime.desk, WeighForm(instruments=FIVE), 30)
    best = np.interp(equal.return_pct, [p.return_pct for p in line.points], [p.volatility_pct for p in line.points])
    assert equal.volatility_pct >= best


async def test_the_learned_policies_are_told_with_their_verdict_and_no_objective(runtime, client):  # noqa: F811
    told = (await client.get("/v1/portfolio/learned", headers=bearer(runtime, "customer"))).json()
    assert told["balancing"]["used"] is False
    assert told["balancing_said"].startswith(
        "The learned policy does not beat equal weights: not used. Sharpe ratio difference -0"
    )
    assert [len(told["balancing"]["windows"]), len(told["execution"]["against"])] == [3, 5]
    assert told["execution_said"].endswith("basis points over 20,000 orders it had not seen.")
    shown = await execute(runtime, ["portfolio", "learned"], ".", "tester")
    assert shown.result == told
    assert "2017-01-03 to 2022-12-28: equal weights 0.94" in shown.text
    refused = await execute(runtime, ["portfolio", "optimise", "--objective", "learned"], ".", "tester")
    assert refused.exit != 0
    assert "does not beat equal weights: not used" in str(refused.error)
