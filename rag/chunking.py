"""Cuts a document into passages: whole blocks of one page and one section, tables never cut.

A table keeps the sentence that introduces it. A document of plain pages is cut by page, the
unit that a page citation names.
"""

from __future__ import annotations

from collections.abc import Iterator

from rag.documents import Block, Document, Passage

LIMIT = 1_600
"""Characters after which a passage of prose ends (about 350 tokens)."""


def cut_passages(document: Document, limit: int = LIMIT) -> list[Passage]:
    """The document's passages in reading order; their ids are stable for the same text."""
    by_page = document.filing.media in {"pdf", "pages", "text"}
    groups = _page_groups(document) if by_page else _block_groups(document, limit)
    return [_passage(document, blocks) for blocks in groups if any(block.kind != "heading" for block in blocks)]


def _page_groups(document: Document) -> Iterator[list[Block]]:
    pages: dict[int, list[Block]] = {}
    for block in document.blocks:
        pages.setdefault(block.page, []).append(block)
    yield from pages.values()


def _block_groups(document: Document, limit: int) -> Iterator[list[Block]]:
    group: list[Block] = []
    for block in document.blocks:
        full = sum(len(b.text) for b in group) + len(block.text) > limit
        ends = group and (
            group[-1].page != block.page
            or group[-1].kind == "table"
            or (block.kind == "heading" and any(b.kind != "heading" for b in group))
            or (full and block.kind != "table")
        )
        if ends:
            yield group
            group = []
        if block.kind == "table" and len(group) > 2:
            yield group[:-1]
            group = group[-1:]
        group.append(block)
    if group:
        yield group


def _passage(document: Document, blocks: list[Block]) -> Passage:
    start, end = blocks[0].start, blocks[-1].end
    return Passage(
        id=f"{document.filing.id}:{document.sha256[:8]}:{start}",
        filing=document.filing.id,
        document=document.filing.title,
        section=document.section_path(blocks[-1].start),
        page=blocks[0].page,
        start=start,
        end=end,
        text=document.text[start:end],
        statement=next((block.statement for block in blocks if block.statement), ""),
    )
