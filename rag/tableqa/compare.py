"""Comparisons: in which year or row a value is largest, in which it passes a threshold, and how many do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import takewhile
from typing import NamedTuple

from rag.tableqa.amounts import Scale, find_amounts, power
from rag.tableqa.cells import Cell, holds
from rag.tableqa.problem import Draft, Problem
from rag.tableqa.table import Row
from rag.tableqa.years import find_years
from rag.words import tokens

_ASKS_YEAR = re.compile(r"\b(?:which|what) (?:\w+ )?(?:years?|periods?|quarters?|months?)\b|^when was\b")
_ASKS_COUNT = re.compile(r"\bhow many\b")
_MOST = re.compile(
    r"\b(?:larger|largest|higher|highest|greater|greatest|most|more|bigger|biggest|maximum|longest|longer|best)\b"
)
_LEAST = re.compile(r"\b(?:lower|lowest|smaller|smallest|least|less|fewer|fewest|minimum|shortest|shorter|worst)\b")
_ABOVE = re.compile(
    r"(?:(?:more|greater|larger|higher|bigger) than|above|exceed(?:s|ed|ing)?|over"
    r"|in excess of|at least|surpass(?:ed)?)\s+(?=[-$€£(\d]|us\$|s\$|a\$|rmb|zero)"
)
_BELOW = re.compile(
    r"(?:(?:less|lower|fewer|smaller) than|below|under|at most|not exceed)\s+(?=[-$€£(\d]|us\$|s\$|a\$|rmb|zero)"
)
_ASKS_ROW = re.compile(
    r"^(?:(?:for|in|at|as of|during)\b[^,]*, ?)?(?:which|what|who)\b(?! (?:\w+ )?(?:years?"
    r"|periods?|quarters?|months?)\b)"
)
_SUM_ROW = re.compile(r"(?:sub-?total|total|gross|net)\b", re.IGNORECASE)
_PLURAL = re.compile(r"\b(?:thousands|millions|billions)\b")


class Threshold(NamedTuple):
    """A bound that values are held against; `scale` is "" when the question gives none."""

    above: bool
    value: Decimal
    scale: Scale

    def passes(self, cell: Cell) -> bool:
        """Whether the cell lies beyond it; without a scale the printed values are compared."""
        if self.scale and cell.scale != "percent":
            said, found = self.value * power(self.scale), cell.value * power(cell.scale)
        else:
            said, found = self.value, cell.value
        return found > said if self.above else found < said


def read_threshold(low: str) -> Threshold | None:
    """The bound a question in lower case names: "more than $1,500 thousand"; None without one."""
    text = _PLURAL.sub(lambda m: m[0][:-1], low)
    for pattern, above in ((_ABOVE, True), (_BELOW, False)):
        match = pattern.search(text)
        amounts = find_amounts(text[match.end() :]) if match else []
        if amounts and amounts[0].start <= 2 and not find_years(amounts[0].text):
            return Threshold(above, amounts[0].value, amounts[0].scale)
    return None


def compare_years(problem: Problem) -> Draft | None:
    """The year or years of one row: the largest or smallest, or those beyond a threshold; or how many these are."""
    question = problem.question
    counted = question.asks(_ASKS_COUNT) and re.search(
        r"how many (?:of the )?(?:\w+ )?(?:years|periods|quarters)\b", question.low
    )
    if problem.top is None or not (counted or question.asks(_ASKS_YEAR)):
        return None
    years = [y for y in question.span if y in problem.context.table.years] if len(question.years) > 1 else []
    cells = [c for c in _year_row(problem, years or problem.context.table.years) if c.years]
    threshold = read_threshold(question.low)
    if not cells:
        return None
    if threshold:
        passed = [c for c in cells if threshold.passes(c)]
        if counted:
            return Draft("count of years", (str(len(passed)),), "", _bound(threshold), tuple(cells), problem.top.score)
        said = tuple(str(c.years[0]) for c in passed)
        return Draft("years beyond", said, "", _bound(threshold), tuple(cells), problem.top.score) if said else None
    if counted or not (question.asks(_MOST) or question.asks(_LEAST)) or len(cells) < 2:
        return None
    best = _extreme(cells, question.asks(_MOST))
    formula = (">" if question.asks(_MOST) else "<").join(c.amount.text for c in sorted(cells, key=lambda c: c != best))
    return Draft("year of the " + _end(problem), (str(best.years[0]),), "", formula, tuple(cells), problem.top.score)


def compare_rows(problem: Problem) -> Draft | None:
    """The row with the largest or smallest value in one column."""
    question = problem.question
    if (
        not question.asks(_ASKS_ROW)
        or not (re.search(r"(?:est|most|least)\b", question.low))
        or "average" in question.low
    ):
        return None
    if not (question.asks(_MOST) or question.asks(_LEAST)) or read_threshold(question.low):
        return None
    cells = _column(problem)
    if len(cells) < 2:
        return None
    best = _extreme(cells, question.asks(_MOST))
    return Draft("row of the " + _end(problem), (best.row.name,), "", "", tuple(cells), 0.5)


def count_rows(problem: Problem) -> Draft | None:
    """How many rows lie beyond a threshold in one column."""
    threshold = read_threshold(problem.question.low)
    if not problem.question.asks(_ASKS_COUNT) or threshold is None:
        return None
    cells = [c for c in _column(problem) if not c.amount.nil]
    passed = [c for c in cells if threshold.passes(c)]
    if not cells:
        return None
    return Draft("count of rows", (str(len(passed)),), "", _bound(threshold), tuple(cells), 0.5)


def rows_beyond(problem: Problem) -> Draft | None:
    """Which rows lie beyond a threshold in one column."""
    threshold = read_threshold(problem.question.low)
    if threshold is None or not problem.question.asks(_ASKS_ROW):
        return None
    passed = [c for c in _column(problem) if threshold.passes(c) and not c.amount.nil]
    if not passed:
        return None
    names = tuple(c.row.name for c in passed)
    return Draft("rows beyond", names, "", _bound(threshold), tuple(passed), 0.5)


def section_rows(problem: Problem, words: frozenset[str]) -> list[Row]:
    """Rows without totals below the heading that holds telling words of these; all rows when none does."""
    table = problem.context.table
    sections = {row.section: row.section_words & words for row in table.rows if row.section}
    named = [row for row in table.rows if row.section and holds(problem.question.sequence, tokens(row.section))]
    if named:
        sections = {row.section: row.section_words & words for row in named}
    best = max(sections.values(), key=len, default=frozenset())
    rows = [r for r in table.rows if not best or sections.get(r.section) == best]
    parts = list(takewhile(lambda r: not _SUM_ROW.match(r.label), rows)) if best else rows
    return [r for r in parts if not r.bare and "total" not in r.words]


def _column(problem: Problem) -> list[Cell]:
    year = problem.question.years[0] if problem.question.years else None
    rows = section_rows(problem, problem.question.content)
    cells = [problem.finder.best_cell(row, problem.question, year) for row in rows]
    return [c for c in cells if c is not None]


def _year_row(problem: Problem, years: Sequence[int]) -> list[Cell]:
    found = [problem.finder.resolve(problem.question, year, problem.ranked) for year in years]
    return [c for c in found if c is not None]


def _extreme(cells: Sequence[Cell], most: bool) -> Cell:
    """Largest or smallest; numbers that are all bracketed are costs, whose size counts."""
    costs = all(c.value <= 0 for c in cells)
    return (max if most else min)(cells, key=lambda c: abs(c.value) if costs else c.value)


def _end(problem: Problem) -> str:
    return "largest" if problem.question.asks(_MOST) else "smallest"


def _bound(threshold: Threshold) -> str:
    return f"{'>' if threshold.above else '<'} {threshold.value} {threshold.scale}".strip()
