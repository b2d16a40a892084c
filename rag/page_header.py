"""The header of a table in plain page text: which period each column of values stands for.

Extractors scatter a header over lines ("August 29," / "2021" / "August 30," / "2020"). The lines
above the first row of values are read together; a table whose periods do not fit its number of
columns gets no header, so none of its numbers becomes a figure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rag.grid import Cell, Row
from rag.numerals import MONTHS, parse_units

_MONTH_DAY = re.compile(rf"\b({'|'.join(MONTHS)})\s+(\d{{1,2}})\b", re.IGNORECASE)
_DATE = re.compile(rf"\b({'|'.join(MONTHS)})\s+(\d{{1,2}})\s*,?\s*((?:19|20)\d\d)\b", re.IGNORECASE)
_YEAR = re.compile(r"(?<![\d,.])((?:19|20)\d\d)(?![\d,.]\d)")
_SPAN = re.compile(
    r"\b(?:(?:three|six|nine|twelve|thirteen|fourteen|twenty-six|thirty-nine|fifty-two|fifty-three|1[34]|26|39|5[23]|[369]|12)"
    r"\s+(?:months|weeks)|"
    r"(?:fiscal\s+)?years?|quarters?)\s+ended",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\b(?:for|the|and|as|of|at|on|to|in|unaudited|audited|note|notes)\b|[^A-Za-z]", re.IGNORECASE)
_WORDS = 24
"""Letters that a header line may hold beside its dates."""
_FAR = 1_000
_OPEN_END = ("and", "of", "$", "(", "and $")


def dateline(line: str) -> bool:
    """Whether the line belongs to a header: dates, or the words before one, and little else."""
    if len(line) >= 100 or not (_MONTH_DAY.search(line) or _SPAN.search(line)):
        return False
    if "shares" in line.casefold():
        return False
    rest = _SPAN.sub(" ", _MONTH_DAY.sub(" ", line))
    return len(_ASIDE.sub("", rest)) <= _WORDS


def split_rows(rows: Sequence[Row], width: int) -> list[Row]:
    """The rows with what extractors ran together taken apart.

    Twice as many values as columns are a row and an unlabelled total below it; one or two too many after a label that
    ends in "and" belong to the label ("net of allowance of $650 and $633").
    """
    out: list[Row] = []
    for row in rows:
        count = _values(row)
        labelled = bool(row) and row[0].label
        if labelled and width < count <= width + 2 and row[0].text.endswith(_OPEN_END):
            extra = count - width
            label = " ".join([row[0].text, *(cell.text for cell in row[1 : 1 + extra])])
            out.append((row[0]._replace(text=label), *(_left(cell, extra) for cell in row[1 + extra :])))
        elif labelled and count == 2 * width and width > 1:
            out.append(row[: 1 + width])
            out.append(tuple(_left(cell, width) for cell in row[1 + width :]))
        else:
            out.append(row)
    return out


def _left(cell: Cell, by: int) -> Cell:
    return cell._replace(start=cell.start - by, end=cell.end - by)


def with_header(rows: Sequence[Row]) -> list[Row]:
    """The rows with one header row in front; unchanged when no header fits."""
    first = next((i for i, row in enumerate(rows) if _is_data(row)), len(rows))
    counts = Counter(_values(row) for row in rows[first:] if _is_data(row))
    if not counts:
        return list(rows)
    width = counts.most_common(1)[0][0]
    rows = [*rows[:first], *split_rows(rows[first:], width)]
    lines = [" ".join(cell.text for cell in row) for row in rows[:first]]
    periods = _periods(" ".join(lines), width)
    if not periods and (amounts := _without_percents(rows[first:], width)):
        width = _values(amounts[0]) if _values(amounts[0]) else width
        periods = _periods(" ".join(lines), width)
        rows = [*rows[:first], *amounts] if periods else rows
    notes: list[Row] = [(Cell(0, 1, line),) for line in lines]
    if not periods:
        return [*notes, *(_shift(row) for row in rows[first:])]
    notes_of_units = [line for line in lines if line.startswith("(")]
    note = next(
        (line for line in notes_of_units if parse_units(line).money is not None), next(iter(notes_of_units), "")
    )
    header = (Cell(0, 1, note or "("), *(Cell(i, i + 1, text) for i, text in enumerate(periods, start=1)))
    body = [row if _values(row) in {0, width} else _shift(row) for row in rows[first:]]
    return [*notes, header, *body]


def _without_percents(rows: Sequence[Row], width: int) -> list[Row]:
    """The rows without their per cents, where each amount has its share of sales beside it; empty when it is not so."""
    full = [row for row in rows if _is_data(row) and _values(row) == width]
    shares = [sum(cell.percent for cell in row) for row in full]
    if width % 2 or not full or sum(2 * count == width for count in shares) * 3 < len(full) * 2:
        return []
    return [_renumber([cell for cell in row if not cell.percent]) if row in full else row for row in rows]


def _renumber(cells: Sequence[Cell]) -> Row:
    return tuple(cell if cell.label else cell._replace(start=i, end=i + 1) for i, cell in enumerate(cells))


def _is_data(row: Row) -> bool:
    return bool(row) and row[0].label and any(cell.data for cell in row)


def _values(row: Row) -> int:
    return sum(1 for cell in row if not cell.label)


def _shift(row: Row) -> Row:
    """Moves the values under no header: their period is unknown."""
    return tuple(c if c.label else c._replace(start=c.start + _FAR, end=c.end + _FAR) for c in row)


def _periods(header: str, width: int) -> list[str]:
    spans = [match[0] for match in _SPAN.finditer(header)]
    dates = [match[0] for match in _DATE.finditer(header)]
    years = _YEAR.findall(header)
    if len(dates) == width:
        columns = dates
    elif len(years) == width:
        days = [match[0] for match in _MONTH_DAY.finditer(header)]
        each_day = days if len(days) == width else days * width if len(set(days[:1])) == len(set(days)) == 1 else []
        columns = [f"{day}, {year}" for day, year in zip(each_day, years, strict=False)] if each_day else years
    else:
        return []
    if spans and width % len(spans) == 0:
        each = width // len(spans)
        columns = [f"{spans[i // each]} {column}" for i, column in enumerate(columns)]
    return columns if len(set(columns)) == width else []
