"""Builds a `Document`: appends blocks to one canonical text and keeps every offset exact."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from desk.errors import DataError
from desk.filings.source import Filing
from rag.documents import Block, BlockKind, Document, Figure, Section
from rag.grid import Row, table_rows
from rag.tables import Place, TableNotes, classify_statement, read_figures, table_header

_PART = re.compile(r"^part\s+[ivx]+\b", re.IGNORECASE)
_ITEM = re.compile(r"^item\s+\d{1,2}[a-c]?(?:\.\d\d)?\b", re.IGNORECASE)
_NOTE = re.compile(r"^(?:note\s+)?\d{1,2}\s*[.–—-]\s*[A-Z]|^note\s+\d", re.IGNORECASE)


@dataclass
class Assembler:
    """Takes headings, paragraphs and tables in reading order; `finish` gives the document."""

    filing: Filing
    raw: bytes
    page: int = 1
    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _blocks: list[Block] = field(default_factory=list)
    _figures: list[Figure] = field(default_factory=list)
    _headings: list[tuple[str, int, int]] = field(default_factory=list)
    _header: tuple[Row, ...] = ()

    def heading(self, text: str, level: int | None = None) -> None:
        """A heading; the level follows from its words when not given."""
        block = self._append("heading", text)
        self._headings.append((text, level or heading_level(text), block.start))

    def paragraph(self, text: str) -> None:
        """A run of prose."""
        self._append("paragraph", text)

    def table(self, grid: Sequence[Row]) -> None:
        """A table: one line per row, cells parted by tabs; its figures are read at once."""
        lines = ["\t".join(cell.text for cell in row) for row in grid]
        notes = self._notes()
        statement = classify_statement(grid, notes.titles)
        start = self._length
        places: list[Place] = []
        for line in lines:
            places.append(Place(start, start + len(line)))
            start += len(line) + 1
        block = self._append("table", "\n".join(lines))
        self._header = table_header(grid) or notes.header
        self._figures.extend(read_figures(grid, places, block.id, notes))
        self._blocks[-1] = Block(
            block.id,
            "table",
            block.text,
            block.start,
            block.end,
            block.page,
            table_rows(grid),
            notes.caption,
            statement,
        )

    def finish(self) -> Document:
        """The document. DataError when nothing readable came in."""
        text = "".join(self._parts)
        if not text.strip():
            raise DataError(f"filing {self.filing.id!r} holds no readable text; fetch the document again")
        return Document(
            filing=self._dated(),
            sha256=hashlib.sha256(self.raw).hexdigest(),
            text=text,
            pages=self.page,
            sections=tuple(self._sections()),
            blocks=tuple(self._blocks),
            figures=tuple(self._figures),
        )

    def _dated(self) -> Filing:
        """The filing with its period's end, taken from the balance sheet when nobody gave it."""
        year = self.filing.fiscal_year
        if self.filing.period_end is not None or year is None:
            return self.filing
        ends = [
            figure.period.end
            for figure in self._figures
            if figure.period.end and self._blocks[figure.block].statement == "balance"
        ]
        near = {year, year + 1} if self.filing.fiscal_period in {"FY", ""} else {year - 1, year, year + 1}
        end = max((end for end in ends if int(end[:4]) in near), default="")
        return replace(self.filing, period_end=date.fromisoformat(end)) if end else self.filing

    def _append(self, kind: BlockKind, text: str) -> Block:
        start = self._length
        block = Block(len(self._blocks), kind, text, start, start + len(text), self.page)
        self._parts.append(text + "\n\n")
        self._length += len(text) + 2
        self._blocks.append(block)
        return block

    def _notes(self) -> TableNotes:
        last = next((i for i in range(len(self._blocks) - 1, -1, -1) if self._blocks[i].kind == "table"), -1)
        before = [block.text for block in self._blocks[max(last + 1, len(self._blocks) - 5) :]]
        paragraphs = [block.text for block in self._blocks[-2:] if block.kind != "table"]
        follows = bool(self._blocks) and self._blocks[-1].kind == "table"
        header = self._header if follows else ()
        annual = self.filing.fiscal_period in {"FY", ""}
        return TableNotes(" ".join(paragraphs)[-600:], tuple(reversed(before)), 12 if annual else 0, header)

    def _sections(self) -> list[Section]:
        out: list[Section] = []
        for i, (title, level, start) in enumerate(self._headings):
            end = next((s for _, later, s in self._headings[i + 1 :] if later <= level), self._length)
            out.append(Section(f"s{i + 1}", title, level, start, end))
        return out


def heading_level(text: str) -> int:
    """1 part, 2 item, 3 note or a title in capitals, 4 anything else."""
    if _PART.match(text):
        return 1
    if _ITEM.match(text):
        return 2
    return 3 if _NOTE.match(text) or (text.isupper() and len(text) > 3) else 4
