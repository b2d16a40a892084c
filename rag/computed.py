"""Figures computed over the rows of one table of an annual report: means, sums, shares, the largest, how many.

The rules of `rag.tableqa` find the cells; each must be a figure that the filing's own reading gives, with the same
value in base units, and every word of the question must stand in the table or be one of an operation. What is
computed is computed again from those figures, exactly. Two tables that give different results are no answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from rag.documents import Block, Document, Figure
from rag.query import Question
from rag.tableqa.amounts import power
from rag.tableqa.answer import solve
from rag.tableqa.cells import Cell
from rag.tableqa.problem import Context, Draft
from rag.tableqa.question import IDLE
from rag.words import question_words, stem, tokens

SURE = 0.5
"""Confidence below which a table is not believed."""
_OPERATION_WORDS = """
    average mean sum total combined together altogether ratio proportion share fraction portion highest lowest largest
    smallest higher lower larger smaller greatest least most more less fewer exceed exceeded above below than difference
    between growth made came come among line item category segment part year one two three four five
"""


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def _quotient(values: Sequence[Decimal]) -> Decimal:
    return abs(values[0] / values[1])


class _Operation(NamedTuple):
    """How figures are put together, what a person calls it, and the result's unit, "" for that of the figures."""

    compute: Callable[[Sequence[Decimal]], Decimal]
    words: str
    unit: str = ""


_OPERATIONS = {
    "average": _Operation(_mean, "average"),
    "sum": _Operation(lambda values: sum(values, Decimal(0)), "sum"),
    "ratio": _Operation(_quotient, "ratio", "ratio"),
    "percentage of": _Operation(lambda values: _quotient(values) * 100, "share", "%"),
    "difference": _Operation(lambda values: abs(values[0] - values[1]), "difference"),
    "change": _Operation(lambda values: values[0] - values[1], "change"),
    "percentage change": _Operation(lambda values: (values[0] - values[1]) / values[1] * 100, "change", "%"),
}
_PICKS = frozenset({"year of the largest", "year of the smallest", "row of the largest", "row of the smallest"})


@dataclass(frozen=True)
class Computed:
    """What a table gives: the figures used, in the order of the formula, and what was made of them.

    `value` is exact, in base units; it is None for a pick, whose answer is the figure itself: the first.
    """

    document: Document
    operation: str
    words: str
    figures: tuple[Figure, ...]
    value: Decimal | None
    unit: str
    confidence: float

    @property
    def result(self) -> tuple[str, str]:
        """What two tables must agree on."""
        return self.words, self.figures[0].value if self.value is None else str(self.value)


@dataclass(frozen=True)
class TableReader:
    """The tables of one document that hold figures."""

    document: Document
    _contexts: dict[int, Context] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _blocks(self) -> list[tuple[Block, frozenset[str]]]:
        """Tables that hold figures, each with the words that stand in and above it."""
        held = {figure.block for figure in self.document.figures}
        blocks = [block for block in self.document.blocks if block.rows is not None and block.id in held]
        paths = ((block, self.document.section_path(block.start)) for block in blocks)
        return [(block, frozenset(tokens(f"{block.text} {block.caption} {path}"))) for block, path in paths]

    def _context(self, block: Block) -> Context:
        if block.id not in self._contexts:
            self._contexts[block.id] = Context(block.rows or (), (block.caption,))
        return self._contexts[block.id]

    def _speaks(self, block: Block, asked: Sequence[str]) -> bool:
        """Whether every word stands in a row, a heading, the caption or the section of the table."""
        words = frozenset(tokens(f"{block.caption} {self.document.section_path(block.start)}"))
        words |= frozenset(w for row in self._context(block).table.rows for w in row.words | row.section_words)
        return words.issuperset(asked)

    def compute(self, question: Question, named: frozenset[str]) -> Computed | None:
        """The result on which the surest tables agree; `named` are stems of the company's name. None without one."""
        text = " ".join(w for w in question.text.split() if not named.issuperset(tokens(w) or ("",)))
        told = frozenset(tokens(text)) - question_words() - IDLE - _operation_words()
        asked = [word for word in told if not word.isdigit()]
        fitting = [block for block, words in self._blocks if words.issuperset(asked) and self._speaks(block, asked)]
        found = [c for block in fitting if (c := self._try(block, self._context(block), text)) is not None]
        found.sort(key=lambda computed: -computed.confidence)
        if not found or any(c.result != found[0].result for c in found if c.confidence >= found[0].confidence - 0.05):
            return None
        return found[0]

    def _try(self, block: Block, context: Context, text: str) -> Computed | None:
        solved = solve(context, text)
        if solved is None or solved.confidence < SURE or not _suits(solved.draft, text):
            return None
        figures = [self._figure(block, cell) for cell in _in_order(solved.draft)]
        known = tuple(figure for figure in figures if figure is not None)
        units = {figure.unit for figure in known}
        if len(known) < len(figures) or len(units) > 1 or (_wants_percent(solved.draft, text) and units != {"%"}):
            return None
        return self._result(solved.draft, known, solved.confidence)

    def _figure(self, block: Block, cell: Cell) -> Figure | None:
        """The filing's own figure of a cell; None when it reads another value there, or none."""
        value = abs(cell.value) * (1 if cell.scale == "percent" else power(cell.scale))
        fits = [
            figure
            for figure in self.document.figures
            if figure.block == block.id and figure.row == cell.row.index and abs(Decimal(figure.value)) == value
        ]
        dated = [figure for figure in fits if not cell.years or figure.period.year in cell.years]
        return dated[0] if len({figure.period for figure in dated}) == 1 else None

    def _result(self, draft: Draft, figures: tuple[Figure, ...], sure: float) -> Computed | None:
        if draft.operation in _PICKS:
            return Computed(self.document, draft.operation, draft.values[0], figures, None, figures[0].unit, sure)
        operation = _OPERATIONS[draft.operation]
        values = [Decimal(figure.value) for figure in figures]
        if operation.compute in {_quotient} and values[1] == 0:
            return None
        value = operation.compute(values)
        unit = operation.unit or figures[0].unit
        return Computed(self.document, draft.operation, operation.words, figures, value, unit, sure)


def _suits(draft: Draft, text: str) -> bool:
    """Whether the draft is of an operation that is computed here, over every year that is named."""
    if draft.operation not in _PICKS and draft.operation not in _OPERATIONS:
        return False
    years = {year for cell in draft.cells for year in cell.years}
    return len(draft.cells) >= 2 and all(int(year) in years for year in re.findall(r"\b(?:19|20)\d\d\b", text))


def _wants_percent(draft: Draft, text: str) -> bool:
    """Whether printed per cents are meant: a rate is named, and the operation itself makes none."""
    return not draft.operation.startswith("percentage") and re.search(r"percent|%|\brates?\b", text.lower()) is not None


def _in_order(draft: Draft) -> list[Cell]:
    """The cells; of a pick the one that is picked first."""
    if draft.operation not in _PICKS:
        return list(draft.cells)
    said = draft.values[0]
    return sorted(draft.cells, key=lambda cell: said not in {cell.row.name, *map(str, cell.years)})


def _operation_words() -> frozenset[str]:
    return frozenset(map(stem, _OPERATION_WORDS.split()))
