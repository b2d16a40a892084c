"""A question with its table and paragraphs, and what a rule makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from rag.tableqa.amounts import Scale, plain, write
from rag.tableqa.cells import Cell, Finder, Ranked
from rag.tableqa.prose import Found, Prose
from rag.tableqa.question import Question
from rag.tableqa.scale import share_scale, table_scale
from rag.tableqa.table import Cells, Table, read_table

_TURNED = 0.5
"""Score of a row that only its year names."""


class Context:
    """A table and the paragraphs around it, read once for all questions."""

    def __init__(self, cells: Cells, paragraphs: Sequence[str]) -> None:
        self.table: Table = read_table(cells)
        self.paragraphs = tuple(paragraphs)
        self.scale: Scale = table_scale(self.table, self.paragraphs)
        self.finder = Finder(self.table, self.scale, share_scale((*self.table.heads, *self.paragraphs)))
        self.prose = Prose(self.paragraphs)


@dataclass(frozen=True)
class Problem:
    """One question over one context, with the rows ranked for it."""

    context: Context
    question: Question

    @property
    def finder(self) -> Finder:
        """Looks cells up."""
        return self.context.finder

    @cached_property
    def ranked(self) -> list[Ranked]:
        """All rows, best first."""
        return self.finder.rank(self.question)

    @cached_property
    def top(self) -> Ranked | None:
        """The best row, or that of the year in a table of years; None when none shares a telling word."""
        if self.ranked and self.ranked[0].score > 0:
            return self.ranked[0]
        turned = self.finder.turned(self.question, self.question.years[0]) if self.question.years else None
        return Ranked(turned.row, _TURNED) if turned else None

    @cached_property
    def demand(self) -> str:
        """The question in lower case without the best row's label, so that "Change in inventories" asks for no change.

        With two years named the label stays: then the change is meant.
        """
        low = self.question.low
        label = plain(self.top.row.name).lower() if self.top else ""
        whole = len(self.question.years) < 2 and " " in label and label in low
        return low.replace(label, " ") if whole else low

    def asks(self, pattern: re.Pattern[str]) -> bool:
        """Whether the question asks what the pattern tells, its row's label aside."""
        return bool(pattern.search(self.demand))

    @cached_property
    def sentences(self) -> list[Found]:
        """All sentences of the paragraphs, best first."""
        return self.context.prose.rank(self.question)

    @cached_property
    def margin(self) -> float:
        """How far the best row is ahead of the second."""
        scores = [r.score for r in self.ranked[:2]]
        return scores[0] - scores[1] if len(scores) > 1 else 1.0


@dataclass(frozen=True)
class Draft:
    """What one rule answers: spans or one number, how, from which cells, and how sure the finding was (0 to 1)."""

    operation: str
    values: tuple[str, ...]
    scale: Scale = ""
    formula: str = ""
    cells: tuple[Cell, ...] = ()
    score: float = 1.0
    quote: str = ""
    features: dict[str, float] = field(default_factory=dict)


Rule = Callable[[Problem], Draft | None]


def number(operation: str, value: Decimal, scale: Scale, formula: str, cells: Sequence[Cell], score: float) -> Draft:
    """A draft of one computed number, two decimals."""
    return Draft(operation, (write(value),), scale, formula, tuple(cells), score)
