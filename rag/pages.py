"""Plain text pages (PDF text, page dumps) as blocks: tables are found in runs of lines.

Extractors put a label and its numbers on one line or one number on each line; a row is a line
that begins with words, plus the numeric lines after it (never a backtracking pattern: each
line is split on white space and read from its end).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.grid import Cell, Row
from rag.numerals import DASHES, is_year, parse_number
from rag.page_header import dateline, with_header

if TYPE_CHECKING:
    from rag.assemble import Assembler

_MAX_LABEL = 160
_HEADING = re.compile(
    r"^(?:part\s+[ivx]+|item\s+\d{1,2}[a-c]?(?:\.\d\d)?\b.{0,80}|note\s+\d{1,2}\b.{0,80})$", re.IGNORECASE
)
_TITLE = re.compile(r"\b(?:statements?\s+of|balance\s+sheets?|cash\s+flows?)\b", re.IGNORECASE)
_JOIN = frozenset({"$", "€", "£", "(", ")", "%", ")%"})


def add_page(assembler: Assembler, text: str) -> None:
    """Appends one page: headings, paragraphs, and tables of at least two rows with numbers."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    run: list[str] = []
    rows: list[Row] = []
    for line in lines:
        row = _read_line(line)
        if row:
            rows.append(row)
            run.append(line)
    for kind, start, end in _mended(_with_heads(list(_split(rows, run)), rows), rows):
        piece = run[start:end]
        if kind == "table":
            assembler.table(with_header(_merge(rows[start:end])))
        elif kind == "heading":
            assembler.heading(" ".join(piece))
        else:
            assembler.paragraph(" ".join(piece))


def _read_line(line: str) -> Row:
    """The line as a label and trailing values; a line of prose has no values."""
    if dateline(line):
        return (Cell(0, 1, line),)
    words = _rejoin(line.split())
    at = len(words)
    while at and _value(words[at - 1]):
        at -= 1
    label, values = " ".join(words[:at]), words[at:]
    cells = [Cell(0, 1, label)] if label else []
    for i, word in enumerate(values, start=1):
        number = parse_number(word)
        cells.append(Cell(i, i + 1, word, number.value if number else None, bool(number and number.percent)))
    return tuple(cells)


def _rejoin(words: list[str]) -> list[str]:
    out: list[str] = []
    for word in words:
        if word in {")", "%", ")%"} and out:
            out[-1] += word
        elif out and out[-1] in {"$", "€", "£", "(", "$("}:
            out[-1] = out[-1] + word
        else:
            out.append(word)
    return [word for word in out if word not in _JOIN]


def _value(word: str) -> bool:
    return word in DASHES or parse_number(word) is not None


def _numbers(row: Row) -> int:
    return sum(1 for cell in row if not cell.label)


def _split(rows: list[Row], lines: list[str]) -> Iterator[tuple[str, int, int]]:
    """Runs of lines as ("table" | "heading" | "paragraph", start, end)."""
    start = 0
    while start < len(rows):
        if _HEADING.match(lines[start]) or (
            len(lines[start]) < 120 and _TITLE.search(lines[start]) and lines[start].isupper()
        ):
            yield "heading", start, start + 1
            start += 1
            continue
        end = start + 1
        kind = _kind(rows, start)
        while end < len(rows) and not _HEADING.match(lines[end]) and _kind(rows, end) == kind:
            end += 1
        yield kind, start, end
        start = end


def _with_heads(runs: list[tuple[str, int, int]], rows: list[Row]) -> Iterator[tuple[str, int, int]]:
    """Joins a table's dates to it when a few short labels ("Assets", "Current assets:") stand between them."""
    at = 0
    while at < len(runs):
        kind, start, end = runs[at]
        if kind == "table" and not any(_data(row) for row in rows[start:end]):
            after = at + 1
            while after < len(runs) and runs[after][0] != "table" and _short(rows[end : runs[after][2]]):
                after += 1
            if after < len(runs) and runs[after][0] == "table" and _short(rows[end : runs[after][1]]):
                yield "table", start, runs[after][2]
                at = after + 1
                continue
        yield kind, start, end
        at += 1


def _mended(runs: Iterator[tuple[str, int, int]], rows: list[Row]) -> Iterator[tuple[str, int, int]]:
    """Joins two parts of a table that a long label, broken over lines, has parted."""
    out: list[tuple[str, int, int]] = []
    for run in runs:
        if len(out) > 1 and run[0] == "table" and [kind for kind, _, _ in out[-2:]] == ["table", "paragraph"]:
            (_, first, _), (_, start, end) = out[-2:]
            if _broken(rows[start:end]) and not _header_like(rows[run[1]]):
                out[-2:] = [("table", first, run[2])]
                continue
        out.append(run)
    yield from out


def _broken(rows: list[Row]) -> bool:
    """Whether lines between two tables can be one long label: few, and no sentence."""
    texts = [" ".join(cell.text for cell in row) for row in rows]
    return len(rows) <= 3 and sum(map(len, texts)) <= 360 and not any(text.endswith(".") for text in texts)


def _data(row: Row) -> bool:
    return bool(row) and row[0].label and _numbers(row) > 0 and not dateline(row[0].text)


def _short(rows: list[Row]) -> bool:
    """At most eight lines without a value, most of them a few words (a label may be broken over lines)."""
    long = sum(len(row[0].text) > 60 for row in rows)
    return (
        len(rows) <= 8
        and all(_numbers(row) == 0 for row in rows)
        and (not long or (long <= 3 and 2 * long <= len(rows)))
    )


def _kind(rows: list[Row], at: int) -> str:
    """A table when most lines nearby carry values and labels are short, or a header of one follows."""
    if _dense(rows, at) or (
        _header_like(rows[at]) and any(_dense(rows, i) for i in range(at + 1, min(at + 9, len(rows))))
    ):
        return "table"
    return "paragraph"


def _dense(rows: list[Row], at: int) -> bool:
    near = rows[max(0, at - 3) : at + 5]
    valued = sum(1 for row in near if _numbers(row) and len(row[0].text) <= _MAX_LABEL)
    return valued >= 3 and (all(len(row[0].text) <= _MAX_LABEL for row in near) or bool(_numbers(rows[at])))


def _header_like(row: Row) -> bool:
    text = " ".join(cell.text for cell in row)
    return dateline(text) or text.startswith("(") or (not row[0].label and _all_years(row))


def _merge(rows: list[Row]) -> list[Row]:
    """Joins a label line with the value-only lines after it."""
    out: list[Row] = []
    for row in rows:
        if out and _goes_on(out[-1], row):
            label = f"{out[-1][0].text} {row[0].text}"
            out[-1] = (row[0]._replace(text=label), *row[1:])
            continue
        bare = bool(row) and not row[0].label
        if bare and out and not (_all_years(row) and not _numbers(out[-1])):
            last = out[-1]
            base = _numbers(last)
            moved = tuple(c._replace(start=base + i, end=base + i + 1) for i, c in enumerate(row, start=1))
            out[-1] = (*last, *moved)
        else:
            out.append(row)
    return out


def _goes_on(before: Row, row: Row) -> bool:
    """Whether a label broke over two lines: the first has no value, the second begins in lower case."""
    if not before or not row or not before[0].label or not row[0].label or _numbers(before):
        return False
    going = row[0].text[:1].islower() or row[0].text[:1].isdigit()
    return going and not before[0].text.endswith((":", "—")) and len(before[0].text) > 20


def _all_years(row: Row) -> bool:
    return all(is_year(cell.text) for cell in row)
