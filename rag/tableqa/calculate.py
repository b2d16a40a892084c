"""Operations on cells: average, percentage change, change, ratio, difference and sum of rows.

Each rule returns None when the question does not ask for it or its cells are not there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from rag.tableqa.amounts import power, write
from rag.tableqa.cells import Cell
from rag.tableqa.cues import AVERAGE, CHANGE, PERCENT_CHANGE, SUM
from rag.tableqa.problem import Draft, Problem, number
from rag.tableqa.question import read_question
from rag.tableqa.route import asks_words, prefers_text

_GAP = re.compile(r"(?<!net )\bdifferences? in\b|\bnominal difference\b")
_DIFFERENCE = re.compile(r"\bdifferences?\b|\bhow much (?:more|less|higher|lower|greater)\b|\bless\b.*\bminus\b")
_RATIO = re.compile(r"\b(?:percentage|percent|proportion|ratio|fraction|share|portion|%)\b")
_BETWEEN = re.compile(
    r"\b(?:between|of|in|for)\s+(?P<a>.+?)\s+(?:and|versus|vs|compared (?:to|with)|from)\s+(?P<b>.+?)(?:\?|$)"
)
_YEAR_WORD = re.compile(r"\b(?:19|20)\d\d\b")
_TAIL = re.compile(
    r"\s+(?:in|for|at|as of|as at|during|between|from)\s+(?:the\s+)?(?:fiscal "
    r"|financial )?(?:years?\s+)?(?:(?!and\b)\w+\s+){0,4}(?:19|20)\d\d.*$"
)


def average(problem: Problem) -> Draft | None:
    """The mean over the years named, or over all years; over the rows named when there are several for one year."""
    question = problem.question
    if not problem.asks(AVERAGE) or problem.top is None or problem.asks(PERCENT_CHANGE):
        return None
    if len(question.years) < 2 and prefers_text(problem, 0.2):
        return None
    named = "averag" in problem.top.row.words or re.search(r"\bweighted[ -]average", question.low)
    if named and len(re.findall(r"\baverage\b", question.low)) < 2:
        return None
    cells = year_cells(problem, question.span if len(question.years) > 1 else ())
    if len(question.years) == 1:
        pair = [
            problem.finder.resolve(question, year, problem.ranked)
            for year in (question.years[0] - 1, question.years[0])
        ]
        cells = [c for c in pair if c is not None]
    if len(cells) < 2 or not _alike(cells):
        return None
    values = [c.value for c in cells]
    formula = f"({' + '.join(c.amount.text for c in cells)}) / {len(cells)}"
    return number("average", sum(values, Decimal(0)) / len(values), cells[0].scale, formula, cells, problem.top.score)


def difference_of_averages(problem: Problem) -> Draft | None:
    """The absolute difference of the means of two rows over the same years."""
    question = problem.question
    if not question.asks(_DIFFERENCE) or len(AVERAGE.findall(question.low)) < 2:
        return None
    match = _BETWEEN.search(question.low.rstrip("? ."))
    if match is None:
        return None
    means, cells = [], []
    for part in (match["a"], match["b"]):
        own = read_question(part)
        years = own.years or question.years or tuple(problem.context.table.years)
        years = (years[0] - 1, years[0]) if len(years) == 1 else years
        found = [c for year in years if (c := problem.finder.resolve(own, year)) is not None]
        if len(found) < 2 or not _alike(found):
            return None
        cells += found
        means.append(sum((c.value for c in found), Decimal(0)) / len(found))
    formula = f"|{write(means[0])} - {write(means[1])}|"
    return number("difference of averages", abs(means[0] - means[1]), cells[0].scale, formula, cells, 0.7)


def percent_change(problem: Problem) -> Draft | None:
    """(later - earlier) / earlier of one row, in per cent."""
    if not problem.asks(PERCENT_CHANGE):
        return None
    pair = _two_years(problem)
    if pair is None or pair[0].value == 0 or problem.top is None:
        return None
    earlier, later = pair
    ratio = (later.value - earlier.value) / earlier.value * 100
    formula = f"({later.amount.text} - {earlier.amount.text}) / {earlier.amount.text}"
    return number("percentage change", ratio, "percent", formula, (later, earlier), problem.top.score)


def change(problem: Problem) -> Draft | None:
    """Later minus earlier of one row, whatever the order of the words."""
    if not problem.asks(CHANGE) or problem.asks(PERCENT_CHANGE) or asks_words(problem):
        return None
    if len(problem.question.years) < 2 and prefers_text(problem, 0.0 if not problem.question.years else 0.1):
        return None
    pair = _two_years(problem)
    if pair is None or problem.top is None:
        return None
    earlier, later = pair
    formula = f"{later.amount.text} - {earlier.amount.text}"
    if problem.question.asks(_GAP):
        gap = abs(later.value - earlier.value)
        return number("change", gap, later.scale, f"|{formula}|", (later, earlier), problem.top.score)
    return number("change", later.value - earlier.value, later.scale, formula, (later, earlier), problem.top.score)


def ratio(problem: Problem) -> Draft | None:
    """One row as a share of another in the same column: per cent, or a plain ratio or proportion."""
    question = problem.question
    if not question.asks(_RATIO) or problem.asks(PERCENT_CHANGE):
        return None
    parts = _ratio_parts(question.low)
    if parts is None:
        return None
    top, bottom = (_named(problem, part) for part in parts)
    if top is None or bottom is None or top == bottom or bottom.value == 0:
        return None
    value = abs(top.value * power(top.scale) / (bottom.value * power(bottom.scale)))
    percent = re.search(r"percent|%", question.low) is not None
    formula = f"{top.amount.text} / {bottom.amount.text}"
    score = problem.top.score if problem.top else 0.0
    if percent:
        return number("percentage of", value * 100, "percent", formula, (top, bottom), score)
    return number("ratio", value, "", formula, (top, bottom), score)


_PARTS = (
    re.compile(
        r"(?:percentage|percent|%|proportion|share|portion|fraction) of (?P<b>.+?) (?:is|are|was"
        r"|were|did|does|do|that is|that are|which is|came from|comes from|come from|consists? of"
        r"|made up of|represents?|accounts? for)\b\s*(?P<a>.+)"),
    re.compile(
        r"(?P<a>.+?) (?:as an?|expressed as an?|in) (?:the )?(?:percentage|percent|%|ratio"
        r"|proportion|share|fraction) (?:of|to|over) (?P<b>.+)"),
    re.compile(
        r"(?:percentage|percent|%|proportion|ratio|share|portion|fraction) (?:of constitution of"
        r"|of|for|constitution of|constituted by) (?P<a>.+?) (?:to|over|out of|against|from"
        r"|compared to|compared with|relative to|as a part of|among|within) (?:the )?(?P<b>.+)"),
    re.compile(
        r"(?:percentage|percent|%|proportion|ratio|share|portion|fraction) (?:of|for"
        r"|constitution of) (?P<a>.+?) in (?:the )?(?P<b>.+)"),
    re.compile(
        r"what (?:percentage|percent|%|proportion) (?:does|do|did|of) (?P<a>.+?) (?:make up"
        r"|constitute|represent|account for|contribute to|comprise|take up) (?:of )?(?P<b>.+)"),
    re.compile(r"(?P<a>[\w ,&-]+?) (?:to|over)[ -](?P<b>[\w ,&-]+?) ratio"),
)  # fmt: skip


def _ratio_parts(low: str) -> tuple[str, str] | None:
    if "current ratio" in low:
        return "total current assets", "total current liabilities"
    text = re.sub(r",? ?\(?(?:in|as a) (?:percentage|percent|%)(?!\w)\)?,?(?! of)", "", low).rstrip("? .")
    text = re.sub(r"\bdebt[ -]to[ -]assets?\b", "total liabilities to total assets", text)
    for pattern in _PARTS:
        match = pattern.search(text)
        if match:
            return match["a"], match["b"]
    return None


def difference_of_rows(problem: Problem) -> Draft | None:
    """The absolute difference of two rows in one column."""
    question = problem.question
    if not question.asks(_DIFFERENCE) or len(question.years) > 1:
        return None
    match = _BETWEEN.search(_TAIL.sub("", question.low.rstrip("? .")))
    if match is None:
        return None
    one, other = _named(problem, match["a"]), _named(problem, match["b"])
    if one is None or other is None or one == other or one.scale != other.scale:
        return None
    formula = f"{one.amount.text} - {other.amount.text}"
    score = problem.top.score if problem.top else 0.0
    return number("difference", abs(one.value - other.value), one.scale, formula, (one, other), score)


def total(problem: Problem) -> Draft | None:
    """The sum of one row over the years named, or of the rows named in one column."""
    question = problem.question
    if not problem.asks(SUM) or problem.top is None or "respectively" in question.low:
        return None
    cells: Sequence[Cell] = ()
    if len(question.years) > 1:
        cells = year_cells(problem, question.span)
    elif "total" not in problem.top.row.words:
        cells = _parts(problem)
    if len(cells) < 2 or not _alike(cells) or len({(c.row.index, c.column.index) for c in cells}) < len(cells):
        return None
    formula = " + ".join(c.amount.text for c in cells)
    return number("sum", sum((c.value for c in cells), Decimal(0)), cells[0].scale, formula, cells, problem.top.score)


def _parts(problem: Problem) -> Sequence[Cell]:
    """The cells of the rows that the question adds up: labels it holds whole, or else the parts of its list."""
    question = problem.question
    parts = _listed(question.low)
    found = [_named(problem, part) for part in parts]
    cells = [c for c in found if c is not None]
    if len(cells) == len(parts) > 1 and len({c.row.index for c in cells}) == len(cells):
        return cells
    year = question.years[0] if question.years else None
    rows = [problem.finder.best_cell(row, question, year) for row in problem.finder.named(question)]
    return [c for c in rows if c is not None]


def _listed(low: str) -> list[str]:
    text = _TAIL.sub("", low.rstrip("? ."))
    match = re.search(
        r"\b(?:total|sum|combined|aggregate)\b(?: (?:amount|value|number|sum))?(?: of| for| from| in)?\s+(.+)", text
    )
    if match is None:
        return []
    parts = [p.strip() for p in re.split(r",\s*and\s+|,\s+|\s+and\s+|\s+plus\s+", match[1]) if p.strip()]
    return parts if len(parts) > 1 else []


def year_cells(problem: Problem, years: Sequence[int]) -> list[Cell]:
    """The row's cells for the years, ascending; for all years of the table without any. Empty when one is missing."""
    question = problem.question
    wanted = years or tuple(sorted(problem.context.table.years))
    found = [problem.finder.resolve(question, year, problem.ranked) for year in wanted]
    cells = [c for c in found if c is not None]
    return cells if len(cells) == len(wanted) else []


def _two_years(problem: Problem) -> tuple[Cell, Cell] | None:
    """The earlier and later cell: of the first and last year named, or the last two years of the table."""
    dated = problem.question.pair
    if dated is not None and problem.top is not None:
        found = [problem.finder.best_cell(problem.top.row, problem.question, p.year, p.marks) for p in dated]
        cells = [c for c in found if c is not None]
        return (cells[0], cells[1]) if len(cells) == 2 and cells[0] != cells[1] else None
    years = sorted(problem.question.years)
    known = sorted(problem.context.table.years)
    if len(years) == 1:
        onward = re.search(rf"\b(?:from|since) (?:\w+ )?{years[0]}", problem.question.low) is not None
        years = [years[0], years[0] + 1] if onward and years[0] + 1 in known else [years[0] - 1, years[0]]
    elif not years:
        years = known[-2:]
    if len(years) < 2:
        return None
    earlier, later = (problem.finder.resolve(problem.question, y, problem.ranked) for y in (years[0], years[-1]))
    if earlier is None or later is None or earlier == later:
        return None
    return earlier, later


def _named(problem: Problem, part: str) -> Cell | None:
    """The cell that a part of the question names, in the question's year."""
    own = read_question(part)
    years = own.years or problem.question.years
    return problem.finder.resolve(
        own, years[0] if years else None, marks=problem.question.marks, about=problem.question
    )


def _alike(cells: Sequence[Cell]) -> bool:
    return len({c.scale for c in cells}) == 1
