"""Text and line charts as a PDF: numbered A4 pages in a fixed-width font, each marked in its margin.

The same text, the same bytes. PDF 1.4 (ISO 32000-1) with the standard fonts, so nothing is embedded. Signs outside
Windows-1252 are written as the closest plain sign, else as a question mark.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import NamedTuple

WIDTH, HEIGHT, MARGIN, SIZE, LEAD = 595, 842, 50, 9, 12
COLUMNS = int((WIDTH - 2 * MARGIN) / (SIZE * 0.6))
"""Courier is six tenths of its size wide."""
_ROWS = (HEIGHT - 3 * MARGIN) // LEAD
_CHART_ROWS = 14
_GREYS = ("0.1 0.3 0.7", "0.55 0.55 0.55", "0.75 0.35 0.1")
_PLAIN = str.maketrans({"\u2192": "->", "\u2212": "-", "\u2265": ">=", "\u2264": "<=", "\u202f": " "})


class Chart(NamedTuple):
    """Lines over one axis: `lines` are points (x, y) in [0, 1], y upwards; `low` and `high` name the ends of y."""

    lines: tuple[tuple[tuple[float, float], ...], ...]
    low: str
    high: str


class Block(NamedTuple):
    """A heading, its lines, and a chart below them; long lines are wrapped, an empty one is a gap."""

    heading: str
    lines: tuple[str, ...]
    chart: Chart | None = None


class _Row(NamedTuple):
    words: str = ""
    bold: bool = False
    chart: Chart | None = None


def write_pdf(title: str, mark: str, blocks: Sequence[Block]) -> bytes:
    """A document of at least one page; `mark` stands on top of every page."""
    rows = [_Row(title, True), _Row()]
    for block in blocks:
        made = [_Row(block.heading, True), *(_Row(line) for text in block.lines for line in _wrapped(text))]
        rows += [*_placed(made, block.chart, len(rows)), _Row()]
    pages = [rows[at : at + _ROWS] for at in range(0, len(rows), _ROWS)]
    streams = [_page(page, mark, f"page {n} of {len(pages)}") for n, page in enumerate(pages, 1)]
    kids = " ".join(f"{6 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        _font("Courier"),
        _font("Courier-Bold"),
        b"<< /Title (" + _escaped(title) + b") /Producer (Tenor) >>",
    ]
    for n, stream in enumerate(streams):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {7 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>".encode()
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
    return _assembled(objects)


def _placed(made: list[_Row], chart: Chart | None, at: int) -> Iterator[_Row]:
    """A block's rows; with a chart, and the rows that covers, on the next page where this one has no room for both."""
    if chart is None:
        yield from made
        return
    left = _ROWS - at % _ROWS
    yield from (_Row() for _ in range(left if left < len(made) + _CHART_ROWS else 0))
    yield from made
    yield _Row(chart=chart)
    yield from (_Row() for _ in range(_CHART_ROWS - 1))


def _wrapped(text: str) -> list[str]:
    behind = " " * (len(text) - len(text.lstrip()) + 2)
    return textwrap.wrap(text, COLUMNS, subsequent_indent=behind) or [""]


def _font(name: str) -> bytes:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()


def _page(rows: Sequence[_Row], mark: str, number: str) -> bytes:
    top = HEIGHT - MARGIN
    parts = [_text(True, top, mark), _text(False, MARGIN - LEAD, number)]
    for n, row in enumerate(rows):
        y = top - (n + 2) * LEAD
        if row.chart:
            parts += _drawn(row.chart, y)
        elif row.words:
            parts.append(_text(row.bold, y, row.words))
    return b"\n".join(parts)


def _drawn(chart: Chart, top: int) -> Iterator[bytes]:
    """The frame, the ends of y at its left, and each line in a colour of its own, the first one last, on top."""
    high, left, right = (_CHART_ROWS - 3) * LEAD, MARGIN + 70, WIDTH - MARGIN
    low = top - high
    yield _text(False, top - SIZE, chart.high)
    yield _text(False, low, chart.low)
    yield f"0.8 0.8 0.8 RG 0.5 w {left} {low} {right - left} {high} re S".encode()
    for n, line in reversed(list(enumerate(chart.lines))):
        points = [f"{left + x * (right - left):.1f} {low + y * high:.1f}" for x, y in line]
        path = " ".join(f"{point} {'l' if k else 'm'}" for k, point in enumerate(points))
        yield f"{_GREYS[n % len(_GREYS)]} RG 0.8 w {path} S".encode()


def _text(bold: bool, y: int, words: str) -> bytes:
    head = f"BT /{'F2' if bold else 'F1'} {SIZE} Tf {MARGIN} {y} Td (".encode()
    return head + _escaped(words) + b") Tj ET"


def _escaped(words: str) -> bytes:
    plain = words.translate(_PLAIN).encode("cp1252", "replace")
    return plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _assembled(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{n} 0 obj\n".encode() + body + b"\nendobj\n"
    at, table = len(out), "".join(f"{place:010d} 00000 n \n" for place in places)
    tail = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{at}\n%%EOF\n"
    return bytes(out) + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{tail}".encode()
