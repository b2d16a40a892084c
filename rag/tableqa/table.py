"""A table of printed cells as rows with labels and sections, and columns with headers and years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from rag.tableqa.amounts import Amount, plain, read_cell
from rag.tableqa.years import find_marks, find_years, other_years
from rag.words import tokens

Role = Literal["value", "change", "note"]
Cells = Sequence[Sequence[str]]

_FOOTNOTE = re.compile(r"\s*\((?:\d{1,2}|[a-z])\)(?:\s*,?\s*\(?\d\)?)*\s*$|(?<=[a-z)])\d$", re.IGNORECASE)
_CHANGE = re.compile(
    r"\bchanges?\b|\bvariance\b|\bvs\.?\b|\bversus\b|\bincrease\b|\bdecrease\b|\bgrowth\b|^\s*%\s*$|\bcompared\b",
    re.IGNORECASE,
)
_CHANGE_HEAD = re.compile(r"percent|%|\bchange\b|\bvariance\b", re.IGNORECASE)
_HEAD_WORDS = re.compile(
    r"\b(?:years?|ended|quarter|months|fiscal|as reported|total)\b|^\W*[$€£%]\W*m?$", re.IGNORECASE
)
_UNITS = re.compile(r"\bin (?:thousands|millions|billions)|^\W*(?:in )?[$€£]", re.IGNORECASE)
_NOTE = re.compile(r"^\s*\(?notes?\)?\s*$|^\s*references?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """A column after the first: header words from top to bottom, `own` those that no merged cell lends it."""

    index: int
    header: str
    role: Role
    own: str = ""

    @cached_property
    def words(self) -> frozenset[str]:
        """Stems of the header."""
        return frozenset(tokens(plain(self.header)))

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years the header names."""
        return find_years(self.header)

    @cached_property
    def other_years(self) -> tuple[int, ...]:
        """Fiscal years it may also mean."""
        return other_years(self.header)

    @cached_property
    def marks(self) -> frozenset[str]:
        """Months and quarters the header names."""
        return find_marks(self.header)


@dataclass(frozen=True)
class Row:
    """A row with at least one amount. `amounts` has one place a column of the table, the first always None.

    `section` is the heading above; a row without a label is a total of its section (`bare`).
    """

    index: int
    label: str
    section: str
    texts: tuple[str, ...]
    amounts: tuple[Amount | None, ...]
    columns: tuple[Column, ...]
    bare: bool = False
    period: tuple[int, ...] = ()

    @cached_property
    def sequence(self) -> tuple[str, ...]:
        """Stems of the label in order."""
        return tuple(tokens(plain(self.name)))

    @cached_property
    def words(self) -> frozenset[str]:
        """Stems of the label."""
        return frozenset(self.sequence)

    @cached_property
    def asides(self) -> frozenset[str]:
        """Stems that stand only in brackets."""
        outside = re.sub(r"\([^)]*\)", " ", plain(self.label))
        return self.words - frozenset(tokens(outside))

    @property
    def note(self) -> str:
        """The number of the footnote behind the label, such as "1"; "" without one."""
        match = re.search(r"\((\d{1,2})\)\s*$|[a-z)](\d)$", self.label)
        return (match[1] or match[2]) if match else ""

    @cached_property
    def section_words(self) -> frozenset[str]:
        """Stems of the heading above."""
        return frozenset(tokens(plain(self.section)))

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years that the label names, or else the heading, or else the closing row of its period."""
        return find_years(self.label) or find_years(self.section) or self.period

    @property
    def name(self) -> str:
        """The label as an answer prints it."""
        return _FOOTNOTE.sub("", self.label).strip().rstrip(":").strip()


@dataclass(frozen=True)
class Table:
    """A table, read. `heads` are the header rows' texts, `sections` the headings in order."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    heads: tuple[str, ...]
    sections: tuple[str, ...]
    stub: str

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years of the value columns from left to right, or of the rows when no column has one."""
        found = [y for c in self.columns if c.role == "value" for y in c.years]
        return tuple(dict.fromkeys(found or [y for row in self.rows for y in row.years]))

    @cached_property
    def dated(self) -> bool:
        """Whether columns carry the years."""
        return any(c.years for c in self.columns if c.role == "value")


def read_table(cells: Cells) -> Table:
    """Reads a table of any shape, rows of unequal length too; one without amounts has no rows."""
    width = max(map(len, cells), default=0)
    grid = [[*map(str, row), *[""] * (width - len(row))] for row in cells]
    reader = _Reader(width)
    for index, row in enumerate(grid):
        reader.take(index, row)
    return reader.table()


class _Reader:
    """Goes through the rows from the top and keeps the header and the heading in force."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._head: list[list[str]] = []
        self._open = True
        self._columns: tuple[Column, ...] = ()
        self._first: tuple[Column, ...] = ()
        self._rows: list[Row] = []
        self._heads: list[str] = []
        self._sections: list[str] = []
        self._section = ""
        self._stub = ""
        self._worded = False

    def take(self, index: int, row: list[str]) -> None:
        """Takes the next row."""
        filled = [i for i, text in enumerate(row) if text.strip()]
        if not filled:
            return
        if self._is_data(row):
            self._worded = False
            self._data(index, row)
        elif filled == [0] or (filled == [1] and self._rows and not find_years(row[1])):
            self._heading(row[filled[0]])
        elif not self._rows or _heads(row, self._worded):
            self._header(row)
        else:
            self._worded = True

    def _is_data(self, row: list[str]) -> bool:
        amounts = [read_cell(text) for text in row[1:] if text.strip()]
        numbers = [a for a in amounts if a is not None]
        if not numbers:
            return False
        yearly = all(not a.nil and _is_year(a.text) for a in numbers)
        return not yearly or (bool(self._rows) and bool(row[0].strip()) and len(numbers) == len(amounts) > 2)

    def _heading(self, text: str) -> None:
        if not self._rows and not self._head and not self._section:
            self._stub = text
        self._heads.extend([text] if not self._rows else [])
        self._section = text.strip()
        self._sections.append(self._section)

    def _header(self, row: list[str]) -> None:
        if not self._open:
            self._head, self._open = [], True
        if self._rows and row[0].strip() and not any(find_years(text) for text in row[1:]):
            self._section = row[0].strip()
        elif row[0].strip() and not self._rows:
            self._stub = f"{self._stub} {row[0]}".strip()
            if not any(find_years(text) for text in row) and not _UNITS.search(row[0]):
                self._section = row[0].strip()
        self._head.append(row)
        self._heads.extend(text for text in row if text.strip())

    def _data(self, index: int, row: list[str]) -> None:
        if self._open:
            self._columns = _columns(self._head, self._width) if self._head else self._columns
            self._columns = self._columns or _columns([], self._width)
            self._first, self._open = self._first or self._columns, False
        label, bare = row[0].strip(), not row[0].strip()
        section = self._section
        if bare:
            label = f"Total {section.rstrip(':')}".strip()
        amounts = (None, *map(read_cell, row[1:]))
        self._rows.append(Row(index, label, section, tuple(row), amounts, self._columns, bare))
        if label.lower().startswith("total"):
            self._section = ""

    def table(self) -> Table:
        """The whole."""
        columns = self._first or _columns(self._head, self._width)
        rows = self._rows if any(c.years for c in columns) else _rolled(self._rows)
        return Table(tuple(rows), columns, tuple(self._heads), tuple(self._sections), self._stub)


def _rolled(rows: list[Row]) -> list[Row]:
    """Rows of a roll-forward (opening, movements, closing): a movement is of the year that it closes in."""
    dated = [i for i, row in enumerate(rows) if find_years(row.label)]
    if len(dated) < 2:
        return rows
    out = list(rows)
    for index, row in enumerate(rows):
        closing = next((i for i in dated if i > index), None)
        if index > dated[0] and closing is not None and not row.years:
            out[index] = replace(row, period=find_years(rows[closing].label))
    return out


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"\s*(?:19|20)\d\d\s*(?:\(\w\))?\*?\s*", text))


def _heads(row: list[str], worded: bool) -> bool:
    """Whether a row without amounts below the first data begins a new header, and is no row of words or dates.

    `worded`: the row before was such a row, which one without a label continues.
    """
    if any(_is_year(text) for text in row[1:]):
        return True
    if worded and not row[0].strip():
        return False
    return not row[0].strip() or any(_HEAD_WORDS.search(text) for text in row[1:])


def _columns(head: list[list[str]], width: int) -> tuple[Column, ...]:
    spreads = [_spread(row) for row in head]
    headers = _merged(spreads, width)
    if len(set(headers)) < len(headers):
        right = _merged([_spread_right(row) for row in head], width)
        headers = right if len(set(right)) > len(set(headers)) else headers
    columns = []
    for index, header in enumerate(headers, 1):
        own = [row[index].strip() for row in head if row[index].strip()]
        if own and _is_year(own[-1]) and _CHANGE_HEAD.search(header):
            lent = (spread[index].strip() for spread in spreads if not _CHANGE_HEAD.search(spread[index]))
            header = " ".join(dict.fromkeys(text for text in lent if text))
        columns.append(Column(index, header, _role(" ".join(own) or header), " ".join(own)))
    return tuple(columns)


def _merged(head: list[list[str]], width: int) -> list[str]:
    """The header of each column after the first, top down, repeated words once."""
    return [" ".join(dict.fromkeys(r[i].strip() for r in head if r[i].strip())) for i in range(1, width)]


def _role(header: str) -> Role:
    if _NOTE.search(header):
        return "note"
    return "change" if _CHANGE.search(header) and "exchange" not in header.lower() else "value"


def _spread(row: list[str]) -> list[str]:
    """A header row with merged cells filled: each empty one takes the text nearest to it, the left one of two."""
    filled = [i for i in range(1, len(row)) if row[i].strip()]
    if not filled:
        return row
    out = list(row)
    for index in range(1, len(row)):
        nearest = min(filled, key=lambda i: (abs(i - index), i > index))
        out[index] = row[nearest]
    return out


def _spread_right(row: list[str]) -> list[str]:
    """A header row with merged cells filled from the left only."""
    out, last = list(row), ""
    for index in range(1, len(row)):
        last = row[index] if row[index].strip() else last
        out[index] = last
    return out
