"""Text as a PDF: numbered A4 pages in a fixed-width font, each marked in its margin. The same text, the same bytes.

PDF 1.4 (ISO 32000-1) with the standard fonts, so nothing is embedded. Signs outside Windows-1252 are written as the
closest plain sign, else as a question mark.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT, MARGIN, SIZE, LEAD = 595, 842, 50, 9, 12
COLUMNS = int((WIDTH - 2 * MARGIN) / (SIZE * 0.6))
"""Courier is six tenths of its size wide."""
_ROWS = (HEIGHT - 3 * MARGIN) // LEAD
_PLAIN = str.maketrans({"\u2192": "->", "\u2212": "-", "\u2265": ">=", "\u2264": "<=", "\u202f": " "})


class Block(NamedTuple):
    """A heading and its lines; long lines are wrapped, an empty one is a gap."""

    heading: str
    lines: tuple[str, ...]


def write_pdf(title: str, mark: str, blocks: Sequence[Block]) -> bytes:
    """A document of at least one page; `mark` stands on top of every page."""
    rows = [(True, title), (False, "")]
    for block in blocks:
        rows += [
            (True, block.heading),
            *((False, line) for text in block.lines for line in _wrapped(text)),
            (False, ""),
        ]
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


def _wrapped(text: str) -> list[str]:
    behind = " " * (len(text) - len(text.lstrip()) + 2)
    return textwrap.wrap(text, COLUMNS, subsequent_indent=behind) or [""]


def _font(name: str) -> bytes:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()


def _page(rows: Sequence[tuple[bool, str]], mark: str, number: str) -> bytes:
    top = HEIGHT - MARGIN
    parts = [_text(True, top, mark), _text(False, MARGIN - LEAD, number)]
    parts += [_text(bold, top - (n + 2) * LEAD, words) for n, (bold, words) in enumerate(rows) if words]
    return b"\n".join(parts)


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
