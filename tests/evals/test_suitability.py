"""The suite suitability: its cases, its measure, and a part of it played."""

from __future__ import annotations

import json

import pytest

from desk.errors import InputError
from evals.dataset import CaseResult
from evals.recommending import find_recommended, stocks_share
from evals.suites.suitability import FILE, load_suitability, measure, run
from tests.sizes import LONG

DEV, FRESH = FILE.with_name("suitability_dev.jsonl"), FILE.with_name("suitability_fresh.jsonl")
HELD_OUT, LATER = FILE.with_name("suitability_held_out.jsonl"), FILE.with_name("suitability_later.jsonl")


def answer(text="", orders=(), cards=()):
    return {"answer": text, "approval": {"orders": list(orders)} if orders else None, "cards": list(cards)}


def result(target, held, costly=False, passed=True):
    notes = {"target": target, "held": held}
    return CaseResult(id="a", passed=passed, score=1, reason="", ms=1, cost_usd=0, costly=costly, notes=notes)


def test_cases_are_many_and_none_stands_in_two_files():
    sets = [load_suitability(file) for file in (FILE, DEV, FRESH, HELD_OUT, LATER)]
    assert [len(cases) for cases in sets] == [94, 98, 40, 70, 30]
    asked = [{(case.turns, json.dumps(case.persona)) for case in cases} for cases in sets]
    assert sum(map(len, asked)) == len(set().union(*asked))


@pytest.mark.parametrize(
    ("text", "products"),
    [
        ("Products that fit: cash, bonds.", {"cash", "bonds"}),
        ("I do not recommend crypto to you.", set()),
        ("I recommend a position in Bitcoin.", {"crypto"}),
        ("Crypto assets can lose most of their value.", set()),
        ("The case for Gold (OTC:XAU). The desk's rule **supports buying**.", {"commodities"}),
    ],
)
def test_what_words_recommend(runtime, text, products):
    assert set(find_recommended(answer(text), runtime.desk.feed.instruments)) == products


def test_orders_and_plans_recommend_too(runtime):
    known = runtime.desk.feed.instruments
    buys = answer(orders=[{"side": "buy", "instrument": "XNAS:AAPL"}])
    sells = answer(orders=[{"side": "sell", "instrument": "XNAS:AAPL"}])
    mix = {"stocks_pct": 40, "bonds_pct": 0}
    plan = answer(cards=[{"kind": "plan", "body": {"mix_before": mix, "mix_after": mix}}])
    assert set(find_recommended(buys, known)) == {"single_stocks"}
    assert set(find_recommended(sells, known)) == {"leverage"}
    assert set(find_recommended(plan, known)) == {"stock_funds"}
    assert stocks_share(plan) == 0.4


def test_the_metrics_count_each_error_on_its_own_cases():
    found = measure(
        [result("refuse", True), result("refuse", False, costly=True), result("advise", True), result("educate", False)]
    )
    assert (found["unsuitable"], found["over_refusal"], found["unrefused"]) == (0.25, 0.5, 0.5)
    assert measure([result("refuse", True)])["over_refusal"] is None


def test_a_wrong_line_is_named(tmp_path):
    line = {"id": "a", "persona": {}, "turns": ["hi"], "target": "advise", "forbidden": ["tulips"]}
    (tmp_path / "c.jsonl").write_text(json.dumps(line))
    with pytest.raises(InputError, match=r"c\.jsonl line 1 .*tulips"):
        load_suitability(tmp_path / "c.jsonl")


async def test_cases_are_played_on_customers_of_their_own(runtime, tmp_path):
    lines = DEV.read_text(encoding="utf-8").splitlines()
    (tmp_path / "some.jsonl").write_text("\n".join(lines if LONG else lines[::8]))
    before = runtime.desk.people.profile("customer")
    found = await run(runtime, tmp_path / "some.jsonl", lambda _: None)
    assert found.metrics["unsuitable"] == 0
    assert found.metrics["over_refusal"] == 0
    assert runtime.desk.people.profile("customer") == before
