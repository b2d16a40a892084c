"""An HTML table as rows of cells with column spans, values and inline-XBRL truth.

Filings spread one printed number over several cells ("$", "1,234", ")"); here they are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from rag.documents import Period
from rag.numerals import DASHES, is_year, parse_number

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SPACE = re.compile(r"\s+")
_APART = frozenset({"br", "p", "div", "li", "td"})
_OPEN = frozenset({"$", "€", "£", "($", "(", "$("})
_CLOSE = frozenset({")", "%", ")%", "%)", ") %"})


class Tag(NamedTuple):
    """What inline XBRL says about a printed number: power of ten, unit, period, no dimension, element."""

    scale: int
    unit: str
    period: Period | None
    plain: bool
    concept: str = ""


class Cell(NamedTuple):
    """One printed cell over the columns `[start, end)`. `number` is signed as printed, unscaled."""

    start: int
    end: int
    text: str
    number: Decimal | None = None
    percent: bool = False
    tag: Tag | None = None

    @property
    def label(self) -> bool:
        """Whether it stands in the first column."""
        return self.start == 0

    @property
    def nil(self) -> bool:
        """Whether it prints a dash for nothing."""
        return self.text in DASHES

    @property
    def data(self) -> bool:
        """Whether it is a value (or a dash for one) and not a header year."""
        return not self.label and (self.nil or (self.number is not None and not is_year(self.text)))


Row = tuple[Cell, ...]


def element_text(element: HtmlElement) -> str:
    """The element's text, white space collapsed, line breaks kept as spaces."""
    pieces: list[str] = []
    _collect(element, pieces)
    return _SPACE.sub(" ", "".join(pieces)).strip()


def _collect(element: HtmlElement, pieces: list[str]) -> None:
    if isinstance(element.tag, str):
        pieces.append(" " if element.tag in _APART else "")
        pieces.append(element.text or "")
        for child in element:
            _collect(child, pieces)
            pieces.append(child.tail or "")
        pieces.append(" " if element.tag in _APART else "")


class Xbrl:
    """Contexts and units of an inline-XBRL document; empty for plain HTML."""

    def __init__(self, root: HtmlElement) -> None:
        self._contexts: dict[str, tuple[Period | None, bool]] = {}
        self._units: dict[str, str] = {}
        for node in root.iter("xbrli:context"):
            plain = next(iter(node.iter("xbrldi:explicitmember", "xbrldi:typedmember")), None) is None
            self._contexts[str(node.get("id"))] = (_period(node), plain)
        for node in root.iter("xbrli:unit"):
            measures = [(m.text or "").strip().rpartition(":")[2] for m in node.iter("xbrli:measure")]
            self._units[str(node.get("id"))] = "/".join("shares" if m.lower() == "shares" else m for m in measures)

    def tag(self, cell: HtmlElement) -> Tag | None:
        """The tag of the number in the cell; None when it holds none or several."""
        found = list(cell.iter("ix:nonfraction"))
        if len(found) != 1:
            return None
        node = found[0]
        period, plain = self._contexts.get(str(node.get("contextref")), (None, False))
        unit = self._units.get(str(node.get("unitref")), "")
        scale, name = int(node.get("scale") or 0), str(node.get("name") or "")
        return Tag(scale, "" if unit == "pure" else unit, period, plain, name)


def _period(context: HtmlElement) -> Period | None:
    texts = {str(n.tag).partition(":")[2]: (n.text or "").strip() for n in context.iter() if isinstance(n.tag, str)}
    try:
        if instant := texts.get("instant"):
            return Period(instant[:10], date.fromisoformat(instant[:10]).year, 0)
        start, end = date.fromisoformat(texts["startdate"][:10]), date.fromisoformat(texts["enddate"][:10])
    except (KeyError, ValueError):
        return None
    return Period(end.isoformat(), end.year, round((end - start).days / 30.4))


def read_grid(table: HtmlElement, xbrl: Xbrl) -> list[Row]:
    """The table's rows without empty ones, cells left to right."""
    rows = (_read_row(row, xbrl) for row in table.iter("tr"))
    return [row for row in rows if row]


def _read_row(row: HtmlElement, xbrl: Xbrl) -> Row:
    cells: list[Cell] = []
    column, prefix, prefix_start = 0, "", 0
    for raw in row.iterchildren("td", "th"):
        span = int(re.sub(r"\D", "", raw.get("colspan") or "") or 1)
        text = element_text(raw)
        if text in _OPEN and column:
            prefix, prefix_start = prefix + text, column
        elif text in _CLOSE and cells and not prefix:
            last = cells[-1]
            cells[-1] = _cell(last.start, column + span, last.text + text, last.tag)
        elif text:
            start = prefix_start if prefix else column
            cells.append(_cell(start, column + span, f"{prefix}{' ' if prefix == '$' else ''}{text}", xbrl.tag(raw)))
            prefix = ""
        column += span
    return tuple(cells)


def _cell(start: int, end: int, text: str, tag: Tag | None) -> Cell:
    number = parse_number(text) if start else None
    return Cell(start, end, text, number.value if number else None, bool(number and number.percent), tag)


def table_rows(grid: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    """The grid as equally long rows of text, one column per printed column, for a screen."""
    slots = _slots(grid)
    out: list[tuple[str, ...]] = []
    for row in grid:
        texts = [""] * (len(slots) + 1)
        for cell in row:
            at = (
                0
                if cell.label
                else next((i + 1 for i, (s, e) in enumerate(slots) if s < cell.end and cell.start < e), 0)
            )
            texts[at] = f"{texts[at]} {cell.text}".strip()
        out.append(tuple(texts))
    return tuple(out)


def _slots(grid: Sequence[Row]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(_spans(grid)):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _spans(grid: Sequence[Row]) -> Iterator[tuple[int, int]]:
    data = [row for row in grid if any(cell.data for cell in row)] or list(grid)
    return ((cell.start, cell.end) for row in data for cell in row if not cell.label)
