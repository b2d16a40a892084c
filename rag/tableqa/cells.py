"""Finds the row, column and cell that words name: overlap of stems weighted by rarity, phrases, years, sections."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from rag.tableqa.amounts import Amount, Scale
from rag.tableqa.cues import PERCENT_CHANGE
from rag.tableqa.question import IDLE, Question
from rag.tableqa.scale import cell_scale, is_percent
from rag.tableqa.table import Column, Row, Table
from rag.words import stem

Marks = frozenset[str] | None
_MOSTLY = 0.75
_LIGHT = 0.12
_TOTAL = stem("total")
_CHANGES = frozenset(map(stem, ("change", "increase", "decrease", "variance", "%")))
_SHARES = frozenset(map(stem, ("%", "percent", "percentage", "rate", "margin", "proportion", "yield")))
_ALIKE = tuple(
    frozenset(map(stem, group.split()))
    for group in (
        "sales revenue revenues turnover", "earnings income profit profits", "costs cost expense expenses expenditure",
        "inventory inventories stocks", "debt borrowings loans", "employee employees staff personnel",
        "receivable receivables debtors", "payable payables creditors", "shareholders stockholders",
    )
)  # fmt: skip


class Ranked(NamedTuple):
    """A row and how well words name it, about 0 to 1.3."""

    row: Row
    score: float


@dataclass(frozen=True)
class Cell:
    """One cell: `amount` is what stands there, `scale` the scale it stands in."""

    row: Row
    column: Column
    amount: Amount
    scale: Scale

    @property
    def value(self) -> Decimal:
        """The printed value, unscaled."""
        return self.amount.value

    @property
    def years(self) -> tuple[int, ...]:
        """Years of its column, or else of its row."""
        return self.column.years or self.row.years


class Finder:
    """Looks things up in one table for one scale. Keeps word statistics between questions."""

    def __init__(self, table: Table, scale: Scale, shares: Scale | None = None) -> None:
        self._shares = shares
        self.table = table
        self.scale: Scale = scale
        self.heads = " ".join((*table.heads, *table.sections))
        self._counts = Counter(word for row in table.rows for word in row.words)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Stems of all row labels and headings."""
        return frozenset(self._counts) | frozenset(w for row in self.table.rows for w in row.section_words)

    def weight(self, word: str) -> float:
        """How much a word tells: its inverse frequency among the labels, little for idle words and numbers."""
        if word in IDLE:
            return _LIGHT
        rarity = 1.0 + math.log((len(self.table.rows) + 1) / (self._counts[word] + 1)) / 2
        return rarity * (0.4 if word.isdigit() else 1.0)

    def rank(self, question: Question) -> list[Ranked]:
        """All rows, the one that the question's words name best first; of equals the upper one."""
        words = question.words | self._alike(question)
        known = words & self.vocabulary
        aside = frozenset(w for column in self.table.columns for w in column.words) - self.vocabulary
        lost = sum(self.weight(w) for w in question.content - self.vocabulary - aside)
        wanted = sum(self.weight(w) for w in known) + 0.15 * lost
        ranked = [Ranked(row, self._score(row, question, words, wanted)) for row in self.table.rows]
        return sorted(ranked, key=lambda r: -r.score)

    def _alike(self, question: Question) -> frozenset[str]:
        """Words of the labels that mean what a word of the question means which no label holds."""
        lost = question.content - self.vocabulary
        return frozenset(
            w
            for group in _ALIKE
            if group & lost and not group & question.words & self.vocabulary
            for w in group & self.vocabulary
        )

    def _score(self, row: Row, question: Question, said: frozenset[str], wanted: float) -> float:
        words = row.words
        hit = words & said
        helped = (row.section_words & said) - words
        held = sum(self.weight(w) for w in hit) + 0.7 * sum(self.weight(w) for w in helped)
        named = len(row.sequence) > 2 and holds(question.sequence, row.sequence)
        if not hit or wanted == 0 or not (named or any(w not in IDLE for w in hit | helped)):
            return 0.0
        whole = sum(self.weight(w) * (0.3 if w in row.asides - hit else 1.0) for w in words) + 0.7 * sum(
            self.weight(w) for w in helped
        )
        precision, recall = held / whole, min(1.0, held / wanted)
        score = 2 * precision * recall / (precision + recall)
        if holds(question.sequence, row.sequence) and not self._outdone(hit, said):
            score += 0.15 + 0.03 * min(len(row.sequence), 5)
        if (_TOTAL in words) != (_TOTAL in question.words):
            score -= 0.12 if _TOTAL in words else 0.05
        if is_percent(row.label) and not _asks_share(question):
            score -= 0.1
        return score - (0.0 if not row.bare else 0.02 if _TOTAL in question.words else 0.1)

    def _outdone(self, hit: frozenset[str], said: frozenset[str]) -> bool:
        """Whether another label holds these words of the question and a telling one more, and little else."""
        return any(
            hit < row.words & said
            and (row.words & said) - hit - IDLE
            and sum(map(self.weight, row.words & said)) >= _MOSTLY * sum(map(self.weight, row.words))
            for row in self.table.rows
        )

    def named(self, question: Question) -> list[Row]:
        """Rows whose whole label stands in the question, in its order; a label inside a longer one is left out."""
        found = [(at, row) for row in self.table.rows if (at := _place(question.sequence, row.sequence)) >= 0]
        found = [(at, row) for at, row in found if row.words - IDLE]
        ends = [(at, at + len(row.sequence)) for at, row in found]
        kept = {
            at: row
            for at, row in reversed(found)
            if not any(s <= at and at + len(row.sequence) <= e and e - s > len(row.sequence) for s, e in ends)
        }
        return [kept[at] for at in sorted(kept)]

    def cell(self, row: Row, column: Column) -> Cell | None:
        """The cell of a row under a column; None when it holds no amount."""
        amount = row.amounts[column.index] if column.index < len(row.amounts) else None
        if amount is None:
            return None
        return Cell(row, column, amount, cell_scale(row, column, amount, self.scale, self.heads, self._shares))

    def columns(
        self, row: Row, question: Question, year: int | None = None, marks: Marks = None, about: Question | None = None
    ) -> list[Column]:
        """Columns with an amount in the row that can answer for the year, best first; empty when none can.

        `question` may be a part of a question, whose whole is then `about` and counts less.
        """
        named = [c for c in row.columns if row.amounts[c.index] is not None and c.role != "note"]
        values = [c for c in named if c.role == "value"] or named
        if year is not None:
            fits = [c for c in values if year in c.years] or [c for c in values if year in c.other_years]
            if not fits:
                dated = any(c.years for c in values)
                fits = [c for c in values if not c.years] if year in row.years or not dated else []
            values = fits
        dates = question.marks if marks is None else marks

        def fit(column: Column) -> float:
            whole = self._fit(column, row, about, dates) if about is not None else 0.0
            return -self._fit(column, row, question, dates) - 0.4 * whole

        return sorted(values, key=fit)

    def _fit(self, column: Column, row: Row, question: Question, marks: frozenset[str]) -> float:
        own = column.words - IDLE - row.words
        same = sum(len(column.words & c.words & own) == len(own) for c in row.columns) > 1
        hit = {w for w in own & question.words if not w.isdigit()}
        score = len(hit) - 0.1 * len(own - question.words)
        score += 0.8 * len(column.marks & marks)
        if _TOTAL in column.words:
            score += 0.3
        if is_percent(column.header) and not _asks_share(question):
            score -= 1.5
        return score - (0.05 if same else 0.0)

    def best_cell(
        self, row: Row, question: Question, year: int | None = None, marks: Marks = None, about: Question | None = None
    ) -> Cell | None:
        """The cell of the row for the year; without one that of the column named best, the first of equals."""
        columns = self.columns(row, question, year, marks, about)
        return self.cell(row, columns[0]) if columns else None

    def resolve(
        self,
        question: Question,
        year: int | None = None,
        ranked: list[Ranked] | None = None,
        marks: Marks = None,
        about: Question | None = None,
    ) -> Cell | None:
        """The cell for the question's words and a year, which may stand in the column, row label or heading.

        Among rows within 0.12 of the best, one whose own year fits goes first.
        """
        ranked = ranked if ranked is not None else self.rank(question)
        turned = self.turned(question, year, ranked[0].score if ranked else 0.0)
        if turned is not None:
            return turned
        for row, score in _by_year(ranked, year, self.table.dated):
            cell = self.best_cell(row, question, year, marks, about) if score > 0 else None
            if cell is not None:
                return cell
        return None

    def turned(self, question: Question, year: int | None, score: float = 0.0) -> Cell | None:
        """The cell of a table whose rows are years, under the column that the words name."""
        if year is None or self.table.dated or score > 0.4:
            return None
        row = next((r for r in self.table.rows if year in r.years and not r.words - IDLE - {str(year)}), None)
        if row is None:
            return None
        columns = [c for c in self.columns(row, question) if c.words & question.content]
        return self.cell(row, columns[0]) if columns else None


def _by_year(ranked: list[Ranked], year: int | None, dated: bool) -> Iterable[Ranked]:
    if not ranked or ranked[0].score <= 0:
        return ()
    near = [r for r in ranked if r.score >= ranked[0].score - 0.12]
    if year is None:
        return near[:1]
    fits = [r for r in near if year in r.row.years]
    timeless = not dated and not any(r.row.years for r in ranked)
    return fits or (near[:3] if dated or timeless else ())


def _asks_share(question: Question) -> bool:
    """Whether a per cent is wanted that the table prints, not one that a percentage change makes."""
    return bool(question.words & _SHARES) and not question.asks(PERCENT_CHANGE)


def holds(words: Sequence[str], part: Sequence[str]) -> bool:
    """Whether the part stands in the words, in one piece."""
    return _place(words, part) >= 0


def _place(words: Sequence[str], part: Sequence[str]) -> int:
    n = len(part)
    return next((i for i in range(len(words) - n + 1) if n and list(words[i : i + n]) == list(part)), -1)
