"""Statement tables as addressable figures: row label × column period → exact value.

Inline XBRL, where present, gives scale, unit and period; otherwise the header and the
"(in millions)" note do. A number whose scale nobody states becomes no money figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from rag.documents import Figure, StatementKind
from rag.grid import Cell, Row
from rag.numerals import Units, parse_period, parse_units
from rag.totals import name_totals

_FOOTNOTE = re.compile(r"\s*\((?:\d{1,2}|[a-z])\)")
_MARKS = re.compile(r"[®™*†]")
_PER_SHARE = re.compile(r"per[\s-]+(?:common\s+|ordinary\s+)?(?:share|unit)|^\W*(?:eps)\b", re.IGNORECASE)
_SHARES = re.compile(r"\bshares\b(?!.*\b(?:repurchase|value|cost|compensation|withheld)\b)", re.IGNORECASE)
_COUNTS = re.compile(r"^\W*(?:weighted|shares|(?:average|number) (?:of )?(?:\w+ )?shares)\b", re.IGNORECASE)
_EPS = re.compile(r"^\W*(?:basic|diluted|assuming dilution)\W*$", re.IGNORECASE)
_CENTS = re.compile(r"^\W*\d{1,3}\.\d\d\d?\W*$")
_PERCENT = re.compile(r"percent|\bmargin\s*%|\brate\b|%", re.IGNORECASE)
_NEAR = 300
"""Characters before a table in which its unit may be told; further up stands prose about other amounts."""
_PAR = re.compile(r"\bpar value\b|\bauthorized\b", re.IGNORECASE)
_TOTAL = re.compile(r"^total\b|^net (?:income|loss|cash)", re.IGNORECASE)

_TITLES: tuple[tuple[StatementKind, re.Pattern[str]], ...] = (
    ("comprehensive", re.compile(r"statements?\s+of\s+(?:other\s+)?comprehensive", re.IGNORECASE)),
    ("cash", re.compile(r"statements?\s+of\s+cash\s+flows?|cash\s+flows?\s+statements?", re.IGNORECASE)),
    ("equity", re.compile(
    r"statements?\s+of\s+(?:changes\s+in\s+)?(?:stock|share)(?:holders"
    r"|owners)[’']?\s+(?:equity|investment)"
    r"|statements?\s+of\s+(?:changes\s+in\s+)?(?:total\s+)?equity", re.IGNORECASE)),
    ("balance", re.compile(r"balance\s+sheets?|statements?\s+of\s+financial\s+position", re.IGNORECASE)),
    ("income", re.compile(
    r"statements?\s+of\s+(?:consolidated\s+)?(?:operations|income|earnings|loss)"
    r"|income\s+statements?", re.IGNORECASE)),
)  # fmt: skip
_ANCHORS: dict[StatementKind, re.Pattern[str]] = {
    "balance": re.compile(
    r"^total (?:current )?(?:assets|liabilities)|^total liabilities and|retained earnings"
    r"|^accounts payable", re.IGNORECASE),
    "cash": re.compile(
    r"(?:operating|investing|financing) activities|^cash.*(?:beginning|end) of|^(?:increase"
    r"|decrease|net).*in cash", re.IGNORECASE),
    "income": re.compile(
    r"^(?:total )?(?:net )?(?:sales|revenues?)$|^total net sales|^operating (?:income|profit)"
    r"|^net (?:income|earnings|loss)|^income before|^(?:provision for|benefit from).*tax"
    r"|cost of (?:sales|revenue|goods)|^(?:basic|diluted)", re.IGNORECASE),
    "comprehensive": re.compile(r"other comprehensive|^(?:total )?comprehensive (?:income|loss)", re.IGNORECASE),
    "equity": re.compile(
    r"^balances?,? (?:at|as of|beginning|end)|beginning balances|ending balances"
    r"|dividends.*declared", re.IGNORECASE),
}  # fmt: skip


class Place(NamedTuple):
    """Where a table's row stands in the canonical text."""

    start: int
    end: int


@dataclass(frozen=True)
class TableNotes:
    """What surrounds a table: its caption, headings before it, and the report's usual span.

    `header` is the header of a table directly before, which a table without one continues.
    """

    caption: str
    titles: tuple[str, ...]
    default_months: int
    header: tuple[Row, ...] = ()


def classify_statement(grid: Sequence[Row], titles: Sequence[str]) -> StatementKind:
    """Which statement the table is: a title before it, or two rows that only it has."""
    labels = [row[0].text for row in grid if row and row[0].label]
    counts = {kind: sum(bool(p.search(label)) for label in labels) for kind, p in _ANCHORS.items()}
    for title in titles:
        if len(title) <= 140 and "index to" not in title.lower():
            for kind, pattern in _TITLES:
                if pattern.search(title) and counts[kind] >= 2:
                    return kind
    best: StatementKind = max(("balance", "cash", "income"), key=lambda kind: counts[kind])
    return best if counts[best] >= 5 else ""


def read_figures(grid: Sequence[Row], places: Sequence[Place], block: int, notes: TableNotes) -> Iterator[Figure]:
    """Every value of the table that has a row label and a column period."""
    header: list[Row] = list(notes.header) if not table_header(grid) else []
    named = name_totals(grid, classify_statement(grid, notes.titles))
    group, in_data = "", False
    for index, row in enumerate(grid):
        if not any(cell.data for cell in row):
            if _is_header(row, in_data):
                header, in_data = ([row], False) if in_data else ([*header, row], False)
            elif row[0].label and len(row) == 1:
                group = group if _is_note(row[0].text) else row[0].text
                header = header if header or in_data else [row]
            continue
        in_data = True
        label = row[0].text if row[0].label else ""
        label, above = named.get(index, (label, group))
        units = parse_units(
            *[r[0].text for r in header if r and r[0].label], notes.caption, *(title[-_NEAR:] for title in notes.titles)
        )
        for cell in row:
            if cell.number is not None and cell.data:
                spot = _Spot(label, above, block, index, places[index])
                figure = _figure(cell, spot, column_header(cell, header), units, notes.default_months)
                if figure:
                    yield figure
        if _TOTAL.search(label):
            group = ""


def _is_note(text: str) -> bool:
    """Whether a line of its own tells units or that figures are unaudited: never the heading of rows."""
    return text.startswith("(") or _PAR.search(text) is not None or not re.search(r"[A-Za-z]", text)


def table_header(grid: Sequence[Row]) -> tuple[Row, ...]:
    """The header rows above the first row of data."""
    out: list[Row] = []
    for row in grid:
        if any(cell.data for cell in row):
            break
        if _is_header(row, False):
            out.append(row)
    return tuple(out)


def _is_header(row: Row, in_data: bool) -> bool:
    others = [cell for cell in row if not cell.label]
    if not others:
        return False
    label = row[0].text if row[0].label else ""
    return not in_data or not label or label.startswith("(")


def column_header(cell: Cell, header: Sequence[Row]) -> str:
    """The header words above the cell, top down."""
    over = [h.text for row in header for h in row if not h.label and h.start < cell.end and cell.start < h.end]
    return " ".join(over)


class _Spot(NamedTuple):
    label: str
    group: str
    block: int
    row: int
    place: Place


def _figure(cell: Cell, spot: _Spot, column: str, units: Units, default_months: int) -> Figure | None:
    period = cell.tag.period if cell.tag and cell.tag.period else parse_period(column, default_months)
    scaled = _scaled(cell, spot.label, spot.group, units, column)
    if period is None or scaled is None:
        return None
    return Figure(
        label=clean_label(spot.label),
        group=clean_label(spot.group),
        column=column,
        value=format(scaled[0], "f"),
        unit=scaled[1],
        period=period,
        block=spot.block,
        row=spot.row,
        start=spot.place.start,
        end=spot.place.end,
        plain=cell.tag.plain if cell.tag else True,
        concept=cell.tag.concept if cell.tag else "",
        printed=_printed(cell, scaled[1], units),
    )


def _scaled(cell: Cell, label: str, group: str, units: Units, column: str) -> tuple[Decimal, str] | None:
    number = cell.number if cell.number is not None else Decimal(0)
    if cell.tag and cell.tag.unit:
        return number.scaleb(cell.tag.scale), cell.tag.unit.replace("/shares", "/share")
    if cell.percent or _PERCENT.search(label) or _PERCENT.search(column):
        return (number, "%") if cell.percent else None
    if cell.tag:
        return number.scaleb(cell.tag.scale), ""
    if _COUNTS.search(group) and not _PER_SHARE.search(label):
        return None if units.shares is None or "$" in cell.text else (number.scaleb(units.shares), "shares")
    if _PER_SHARE.search(label) or (_PER_SHARE.search(group) and _small(number, label)) or _is_eps(label, cell.text):
        return number, "USD/share"
    if _SHARES.search(label) or _SHARES.search(group):
        return None if units.shares is None or "$" in cell.text else (number.scaleb(units.shares), "shares")
    return None if units.money is None else (number.scaleb(units.money), "USD")


def _printed(cell: Cell, unit: str, units: Units) -> str:
    """A tagged amount of money as the table's own words scale it."""
    if cell.tag is None or unit != "USD" or units.money is None or cell.number is None:
        return ""
    return format(cell.number.scaleb(units.money), "f")


def _small(number: Decimal, label: str) -> bool:
    """Whether a number under a heading "per share" can be one: a row of income there must be printed in cents."""
    return "income" not in label.lower() or (abs(number) < 1000 and number != number.to_integral_value())


def _is_eps(label: str, text: str) -> bool:
    """A row that says no more than "basic" or "diluted" and prints cents is earnings per share."""
    return _EPS.search(label) is not None and _CENTS.search(text) is not None


def clean_label(label: str) -> str:
    """The label without footnote marks and the closing colon."""
    return _MARKS.sub("", _FOOTNOTE.sub("", label)).strip().rstrip(":").strip()
