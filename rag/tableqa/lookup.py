"""Looking up: one cell, several years of a row, several rows; or an amount or sentence of the paragraphs."""

from __future__ import annotations

import re

from rag.tableqa.calculate import year_cells
from rag.tableqa.problem import Draft, Problem
from rag.tableqa.route import asks_words, prefers_text, text_cover
from rag.tableqa.texts import amount_in_text, amounts_in_text
from rag.words import tokens

_MEASURE = re.compile(
    r"\bhow (?:much|many|long)\b|\b(?:amount|value|cost|expense|number|rate|percentage|price"
    r"|total|balance|duration|period|income)\b"
)
_WHAT_WAS = re.compile(r"^what (?:was|were|is|are)\b.*\b(?:19|20)\d\d\b")
_ENOUGH = 0.6
_AMOUNT = re.compile(r"\bhow (?:much|many|long)\b|^(?:what|for|in|as|at|over|of)\b")


def several_years(problem: Problem) -> Draft | None:
    """A row's printed values for two or more years, in the order asked."""
    question = problem.question
    if len(question.years) < 2 or asks_words(problem):
        return None
    if problem.top is None:
        found = amounts_in_text(problem)
        return found if found is not None and len(found.values) > 1 else None
    if prefers_text(problem):
        return amounts_in_text(problem)
    cells = year_cells(problem, question.order)
    if len(cells) < 2:
        return None
    return Draft("values", tuple(c.amount.text for c in cells), cells[0].scale, "", tuple(cells), problem.top.score)


def printed_change(problem: Problem) -> Draft | None:
    """The cell of a column of percentage changes, when the question writes "change (%)" as its header does."""
    question = problem.question
    if (
        problem.top is None
        or "%" not in question.low
        or not re.search(r"change|variance|increase|growth", question.low)
    ):
        return None
    row = problem.top.row
    columns = [
        c
        for c in row.columns
        if c.role == "change" and "%" in c.header and not frozenset(tokens(c.own)) - question.words
    ]
    cells = [cell for c in columns if (cell := problem.finder.cell(row, c)) is not None]
    if not cells:
        return None
    return Draft("look-up", (cells[0].amount.text,), "percent", "", (cells[0],), problem.top.score)


def several_rows(problem: Problem) -> Draft | None:
    """The values of two or more rows whose labels the question holds, in one column."""
    question = problem.question
    if "respective" not in question.low or len(question.years) > 1 or asks_words(problem):
        return None
    year = question.years[0] if question.years else None
    found = [problem.finder.best_cell(row, question, year) for row in problem.finder.named(question)]
    cells = [c for c in found if c is not None]
    if len(cells) < 2 or len(cells) < len(found):
        return None
    return Draft("values", tuple(c.amount.text for c in cells), cells[0].scale, "", tuple(cells), 0.8)


def look_up(problem: Problem) -> Draft | None:
    """One printed cell, for the year named or the column whose words are."""
    question = problem.question
    if problem.top is None or asks_words(problem):
        return None
    if prefers_text(problem):
        return amount_in_text(problem)
    cell = problem.finder.resolve(question, question.years[0] if question.years else None, problem.ranked)
    if cell is None:
        return None
    return Draft("look-up", (cell.amount.text,), cell.scale, "", (cell,), problem.top.score)


def text_amount(problem: Problem) -> Draft | None:
    """An amount of the paragraphs where the table has no row for it."""
    question = problem.question
    if asks_words(problem) or not question.asks(_AMOUNT):
        return None
    found = amount_in_text(problem)
    if found is None or question.asks(_MEASURE):
        return found
    return found if question.asks(_WHAT_WAS) and text_cover(problem, found.quote) >= _ENOUGH else None
