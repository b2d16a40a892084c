"""Answers a question over a table and its paragraphs: the first rule that can, in a fixed order, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rag.tableqa import calculate, clauses, compare, in_words, lists, lookup
from rag.tableqa.amounts import Scale
from rag.tableqa.confidence import confidence, features, load_weights
from rag.tableqa.problem import Context, Draft, Problem, Rule
from rag.tableqa.question import read_question

RULES: tuple[Rule, ...] = (
    compare.compare_years,
    compare.count_rows,
    compare.rows_beyond,
    lists.years_asked,
    compare.compare_rows,
    lists.rows_asked,
    in_words.calculate_in_words,
    calculate.difference_of_averages,
    calculate.average,
    lookup.printed_change,
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
"""In order: what compares and lists before what computes, what computes before what looks up, words last."""


class Solved(NamedTuple):
    """A draft and the probability that it is right."""

    draft: Draft
    confidence: float


@dataclass(frozen=True)
class UsedCell:
    """A cell that an answer rests on: row label, column header, printed text and scale."""

    row: str
    column: str
    text: str
    scale: Scale


@dataclass(frozen=True)
class TableAnswer:
    """An answer that explains itself; without `values` it abstains, and `reason` says why.

    `values` are spans as printed, or one computed number in `scale`; `quote` the sentence it rests on, if any.
    """

    values: tuple[str, ...]
    scale: Scale = ""
    operation: str = ""
    cells: tuple[UsedCell, ...] = ()
    formula: str = ""
    quote: str = ""
    confidence: float = 0.0
    reason: str = ""

    @property
    def abstained(self) -> bool:
        """Whether nothing is said."""
        return not self.values


def answer(context: Context, text: str, cut: float | None = None) -> TableAnswer:
    """The answer; an abstention below the cut (the shipped one unless given) and where no rule applies."""
    found = solve(context, text)
    if found is None:
        return TableAnswer((), reason="neither the table nor its paragraphs speak of this")
    draft, sure = found
    floor = load_weights().cut if cut is None else cut
    cells = tuple(UsedCell(c.row.name, c.column.header, c.amount.text, c.scale) for c in draft.cells)
    if sure < floor:
        reason = f"a {draft.operation} was found, but its confidence {sure:.2f} is below {floor:.2f}"
        return TableAnswer((), operation=draft.operation, cells=cells, confidence=sure, reason=reason)
    return TableAnswer(draft.values, draft.scale, draft.operation, cells, draft.formula, draft.quote, sure)


def solve(context: Context, text: str) -> Solved | None:
    """What the first rule that fits says, cells and all, whatever its confidence; None when none does."""
    problem = Problem(context, read_question(text))
    draft = find_draft(problem)
    if draft is None:
        return None
    return Solved(draft, round(confidence(features(problem, draft), load_weights()), 4))


def find_draft(problem: Problem) -> Draft | None:
    """What the first rule that fits says; None when none does."""
    return next((draft for rule in RULES if (draft := rule(problem)) is not None), None)
