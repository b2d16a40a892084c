"""Formulas: read from words or not at all, evaluated exactly, and computed from printed figures that are shown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.formula.named import load_ratios
from rag.formula.parse import Unreadable, read_formula
from rag.formula.tree import Both, Formula, Item, Number, dimension, evaluate, items, write

VALUES = {("revenue", 2020): 400, ("revenue", 2019): 300, ("inventory", 2020): 50, ("inventory", 2019): 30,
          ("cost_of_revenue", 2020): 200, ("net_income", 2020): 40}  # fmt: skip


def read(item, year: int) -> Decimal | None:
    found = VALUES.get((item.target.key, year))
    return None if found is None else Decimal(found)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("FY2020 revenue / (average inventory between FY2019 and FY2020)", 10),
        ("365 * average inventory / cost of goods sold", 73),
        ("revenue - COGS", 200),
        ("revenue less cost of goods sold", 200),
        ("(FY2020 COGS + change in inventory between FY2019 and FY2020)", 220),
        ("net income divided by total revenue", Decimal("0.1")),
        ("2 * (revenue minus 100) / 3", 200),
        ("beginning inventory", 30),
        ("prior year inventory + ending inventory", 80),
    ],
)
def test_a_formula_is_read_and_evaluated(words: str, value: object):
    assert evaluate(read_formula(words), 2020, read) == value


@pytest.mark.parametrize(
    "words",
    [
        "",
        "revenue /",
        "(revenue",
        "revenue) + 1",
        "happiness / revenue",
        "revenue per loyal customer",
        "* 3",
        "revenue COGS",
    ],
)
def test_what_is_not_understood_is_no_formula(words: str):
    with pytest.raises(Unreadable):
        read_formula(words)


def test_missing_and_zero_have_no_value():
    assert evaluate(read_formula("revenue / inventory"), 2018, read) is None
    assert evaluate(read_formula("revenue / (inventory - inventory)"), 2020, read) is None


leaves = st.sampled_from(["revenue", "inventory", "cost_of_revenue"]).map(lambda id: read_formula(id.replace("_", " ")))
trees = st.recursive(
    leaves | st.integers(1, 9).map(lambda n: Number(Decimal(n))),
    lambda inner: st.builds(Both, st.sampled_from(["+", "-", "*", "/"]), inner, inner),
    max_leaves=8,
)


@given(trees)
def test_what_is_written_is_read_as_the_same(tree: Formula):
    again = read_formula(write(tree).replace("cost of sales", "cost of goods sold"))
    assert evaluate(again, 2020, read) == evaluate(tree, 2020, read)
    assert [item.target for item in items(again)] == [item.target for item in items(tree)]


def test_every_named_ratio_can_be_read_and_is_no_mixture():
    for ratio in load_ratios():
        formula = read_formula(ratio.formula)
        assert dimension(formula) in (0, 1), ratio.name
        assert all(isinstance(item, Item) for item in items(formula))


@pytest.mark.parametrize(
    ("question", "value", "unit"),
    [
        ("What was Apple's R&D as a percentage of sales in 2024?", "8.0223", "%"),
        ("What was Apple's asset turnover ratio in FY2024?", "1.0899", "ratio"),
        ("What is Apple's FY2022 to FY2024 2 year revenue CAGR?", "-0.4184", "%"),
        ("What is Apple's FY2024 quick ratio? Quick ratio is defined as: (total current assets - inventories) / total "
         "current liabilities. Round to two decimal places.", "0.8260", "ratio"),
        ("What was the 3 year average of capex as a % of revenue for Apple from FY2022 to FY2024?", "2.6635", "%"),
    ],
)  # fmt: skip
def test_computed_from_a_filing(answerer, question: str, value: str, unit: str):
    found = answerer.answer(question)
    computed = [fact for fact in found.facts if fact.inputs]
    assert [(fact.value, fact.unit) for fact in computed] == [(Decimal(value), unit)]
    assert set(computed[0].inputs) == {fact.id for fact in found.facts} - {computed[0].id}
    assert found.citations


@pytest.mark.parametrize(
    "question",
    [
        "What is Apple's FY2024 joy ratio? Joy ratio is defined as: revenue / smiles.",
        "What was Apple's adjusted asset turnover ratio in FY2024?",
        "What was Apple's asset turnover ratio in FY2018?",
        "What was Apple's asset turnover ratio in Europe in FY2024?",
    ],
)
def test_nothing_is_computed_from_what_is_not_there(answerer, question: str):
    assert [fact for fact in answerer.answer(question).facts if fact.inputs] == []
