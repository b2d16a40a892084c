"""Looking up: one cell, several years of a row, several rows; or an amount or sentence of the paragraphs."""

from __future__ import annotations

import re

from rag.tableqa.calculate import year_cells
from rag.tableqa.problem import Draft, Problem

_PROSE = re.compile(
    r"^(?:why|how (?:is|are|was|were|does|do|did|has|have|often)|when|where|who|did|was there|were there|does|do)\b"
    r"|\binclude[ds]?\b|\bconsists? of\b|\brepresents?\b|\brelates? to\b|\bcaused?\b|\bdriven\b|\breasons?\b|\bled to\b"
    r"|\brefers? to\b|\bdefin\w+\b|\bmean\b|\bexplain|\bdescribe|\bbased on\b|\bcomprises?\b|\battribut\w+ to\b"
    r"|\bdue to\b|\bresult(?:ed)? (?:in|from)\b|\bprimarily\b"
)


def several_years(problem: Problem) -> Draft | None:
    """A row's printed values for two or more years, in the order asked."""
    question = problem.question
    if len(question.years) < 2 or problem.top is None or question.asks(_PROSE):
        return None
    years = question.span if re.search(r"\bto\b|\bthrough\b", question.low) else question.years
    cells = year_cells(problem, years)
    if len(cells) < 2:
        return None
    return Draft("values", tuple(c.amount.text for c in cells), cells[0].scale, "", tuple(cells), problem.top.score)


def look_up(problem: Problem) -> Draft | None:
    """One printed cell, for the year named or the column whose words are."""
    question = problem.question
    if problem.top is None or question.asks(_PROSE):
        return None
    cell = problem.finder.resolve(question, question.years[0] if question.years else None, problem.ranked)
    if cell is None:
        return None
    return Draft("look-up", (cell.amount.text,), cell.scale, "", (cell,), problem.top.score)


def sentence(problem: Problem) -> Draft | None:
    """The sentence of the paragraphs that holds most of the question's words."""
    ranked = problem.context.prose.rank(problem.question)
    if not ranked or ranked[0].share < 0.2:
        return None
    found = ranked[0]
    return Draft("sentence", (found.sentence.text,), "", "", (), found.share, found.sentence.text)
