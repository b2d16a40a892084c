"""Lists that a table holds: the years it covers, the rows below a heading, and how many they are."""

from __future__ import annotations

import re

from rag.tableqa.cells import holds
from rag.tableqa.compare import section_rows
from rag.tableqa.problem import Draft, Problem
from rag.words import stem, tokens

_ASKS_YEARS = re.compile(
    r"\b(?:which|what|for which|in which|in what) (?:\w+ )?(?:years|periods|fiscal years)\b"
    r"|\bwhat (?:are|were) the (?:\w+ )?(?:years|periods)\b|\bwhich (?:financial |fiscal )?years?\b"
)
_NOUNS = (
    r"(?:components?|items|types|categories|segments|kinds|elements|factors|classes|classifications|sources|regions"
    r"|countries|geographies|products|subcategories|activities|headings|names|divisions|areas|markets)"
)
_ASKS_ROWS = re.compile(
    rf"^(?:what|which|list|name)\b(?! (?:is|was)\b)(?: (?:are|were|all|the|different|main|major|various"
    rf"|respective|of)\b)*(?: [\w’'-]+){{0,3}} {_NOUNS}\b"
    rf"|\bhow many (?:[\w’'-]+ ){{0,3}}{_NOUNS}\b"
)
_KIND_WORDS = """
    component components item items type types category categories segment segments kind element elements factor
    factors line class classes classification source sources make made making considered listed included part
    shown used consist under table different main major contribute comprise factored subcategories names name
"""
_KINDS = frozenset(map(stem, _KIND_WORDS.split()))


def years_asked(problem: Problem) -> Draft | None:
    """All years that the table covers, in its order, or those for which the row named has a value."""
    question = problem.question
    if not question.asks(_ASKS_YEARS) or question.years:
        return None
    years = problem.context.table.years
    if not years:
        return None
    cells = [problem.finder.resolve(question, year, problem.ranked) for year in years]
    return Draft("years", tuple(map(str, years)), "", "", tuple(c for c in cells if c is not None), 0.9)


def rows_asked(problem: Problem) -> Draft | None:
    """The labels below the heading named, or of the whole table when the question speaks of the table."""
    question = problem.question
    counted = re.search(r"\bhow many\b", question.low) is not None
    if not question.asks(_ASKS_ROWS):
        return None
    told = question.content - _KINDS
    table = problem.context.table
    named = any(row.section and row.section_words and row.section_words & told for row in table.rows)
    if not named and "table" not in question.low and not _part_of_total(problem):
        return None
    headings = _headings(problem, told)
    if len(headings) > 1 and not counted:
        return Draft("items", headings, "", "", (), 0.6)
    rows = section_rows(problem, told) if named else [r for r in table.rows if not r.bare and "total" not in r.words]
    names = tuple(dict.fromkeys(row.name for row in rows))
    if len(names) < 2:
        return None
    if counted:
        return Draft("count of items", (str(len(names)),), "", "", (), 0.6)
    return Draft("items", names, "", "", (), 0.6)


def _headings(problem: Problem, told: frozenset[str]) -> tuple[str, ...]:
    """The headings that hold a telling word, which are asked for when there are several."""
    sections = {row.section: len(row.section_words & told) for row in problem.context.table.rows}
    if any(s and holds(problem.question.sequence, tokens(s)) for s in sections):
        return ()
    most = max(sections.values(), default=0)
    return tuple(section.rstrip(": ") for section, count in sections.items() if count == most > 0)


def _part_of_total(problem: Problem) -> bool:
    """Whether the best row is a total, whose parts are then asked for."""
    return problem.top is not None and "total" in problem.top.row.words and problem.top.score > 0.5
