"""The filings reader: what there is, its outline, and its blocks with exact offsets."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.deps import FilingReader, RuntimeDep
from desk.errors import InputError
from desk.filings.source import Filing
from rag.documents import Block, Document

WHOLE = ("all", "cover")
_ITEM = 2
router = APIRouter(prefix="/v1/filings", tags=["filings"])


class FilingView(BaseModel):
    """One filing."""

    id: str
    title: str
    company: str
    ticker: str
    form: str
    period: str
    filed: str | None
    source: str


class FilingList(BaseModel):
    """All filings that can be read here."""

    filings: list[FilingView]


class SectionView(BaseModel):
    """A heading; level 1 is a part, 2 an item."""

    id: str
    title: str
    level: int
    start: int


class FilingDetail(FilingView):
    """A filing with its outline."""

    pages: int
    sections: list[SectionView]


class BlockView(BaseModel):
    """One heading, paragraph or table; `start` and `end` are characters of the filing's text."""

    id: int
    kind: Literal["heading", "paragraph", "table"]
    text: str
    rows: list[list[str]] | None
    start: int
    end: int
    page: int


class SectionName(BaseModel):
    """Which section the blocks belong to."""

    id: str
    title: str


class Blocks(BaseModel):
    """The blocks asked for, in order."""

    section: SectionName | None
    blocks: list[BlockView]


def whole_span(document: Document, name: str) -> tuple[int, int]:
    """The characters of `all` or `cover`."""
    first = min((section.start for section in document.sections if section.level <= _ITEM), default=0)
    return (0, len(document.text)) if name == "all" else (0, first)


def _filing(filing: Filing) -> dict[str, str | None]:
    filed = None if filing.filed is None else filing.filed.isoformat()
    names = {n: str(getattr(filing, n)) for n in ("id", "title", "company", "ticker", "form", "period", "source")}
    return {**names, "filed": filed}


def _block(block: Block) -> BlockView:
    rows = None if block.rows is None else [list(row) for row in block.rows]
    return BlockView(
        id=block.id, kind=block.kind, text=block.text, rows=rows, start=block.start, end=block.end, page=block.page
    )


@router.get("")
def list_filings(runtime: RuntimeDep, person: FilingReader) -> FilingList:
    """All filings."""
    return FilingList(filings=[FilingView.model_validate(_filing(f)) for f in runtime.filings.list()])


@router.get("/{id}")
def read_filing(id: str, runtime: RuntimeDep, person: FilingReader) -> FilingDetail:
    """A filing's outline."""
    document = runtime.filings.filing(id)
    sections = [SectionView(id=s.id, title=s.title, level=s.level, start=s.start) for s in document.sections]
    return FilingDetail.model_validate(
        {**_filing(document.filing), "pages": document.pages, "sections": [s.model_dump() for s in sections]}
    )


@router.get("/{id}/blocks")
def read_blocks(
    id: str,
    runtime: RuntimeDep,
    person: FilingReader,
    section: str = "",
    start: int | None = Query(default=None, ge=0),
    end: int | None = Query(default=None, ge=0),
) -> Blocks:
    """The blocks of a section, or those that touch a range of characters with the section around them.

    `section=all` is the whole filing and `section=cover` what stands before its first part or item.
    """
    document = runtime.filings.filing(id)
    if section in WHOLE:
        low, high = whole_span(document, section)
        return Blocks(section=None, blocks=[_block(b) for b in document.blocks if b.start < high and b.end > low])
    if not section and start is None:
        raise InputError("name a section, or a start and end of characters")
    found = (
        next((s for s in document.sections if s.id == section), None) if section else document.section_at(start or 0)
    )
    if section and found is None:
        raise InputError(f"{document.filing.title} has no section {section!r}")
    low, high = (found.start, found.end) if found else (start or 0, end if end is not None else (start or 0) + 5_000)
    blocks = [_block(block) for block in document.blocks if block.start < high and block.end > low]
    return Blocks(section=None if found is None else SectionName(id=found.id, title=found.title), blocks=blocks)
