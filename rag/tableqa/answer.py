"""Answers a question over a table and its paragraphs: the first rule that can, in a fixed order."""

from __future__ import annotations

from rag.tableqa import calculate, clauses, compare, lists, lookup
from rag.tableqa.problem import Context, Draft, Problem, Rule
from rag.tableqa.question import read_question

RULES: tuple[Rule, ...] = (
    compare.compare_years,
    compare.count_rows,
    compare.rows_beyond,
    lists.years_asked,
    lists.rows_asked,
    compare.compare_rows,
    calculate.average,
    calculate.percent_change,
    calculate.ratio,
    calculate.difference_of_rows,
    calculate.change,
    calculate.total,
    lookup.several_years,
    lookup.several_rows,
    clauses.definition,
    lookup.look_up,
    lookup.text_amount,
    clauses.clause,
)


def draft(context: Context, text: str) -> Draft | None:
    """What the first rule that fits says; None when none does."""
    problem = Problem(context, read_question(text))
    return next((found for rule in RULES if (found := rule(problem)) is not None), None)
