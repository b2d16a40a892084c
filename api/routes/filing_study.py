"""Studying filings: search with filters, two side by side, changes of sections, summaries, cells, finding words."""

from __future__ import annotations

import re

from fastapi import APIRouter, Query

from api.deps import FilingReader, RuntimeDep
from api.filing_views import (
    Cells,
    ChangesView,
    ComparisonView,
    Hits,
    Place,
    SearchResult,
    SectionPair,
    Summaries,
    VectorState,
    cell_view,
    change_view,
    found_place,
    row_view,
    summary_views,
    vector_state,
)
from api.routes.filings import WHOLE, whole_span
from desk.errors import InputError, NotFound
from desk.filings.source import Filing
from rag.cells import placed_cells
from rag.changes import section_changes, shared_sections
from rag.compare import choose_metrics, compare
from rag.documents import Document, Section
from rag.summary import summarise

router = APIRouter(prefix="/v1/filings", tags=["filings"])
MOST_HITS = 50
MOST_FOUND = 200
_POOL = 400
_AROUND = 60


@router.get("/search")
def search_passages(
    runtime: RuntimeDep,
    person: FilingReader,
    q: str = Query(min_length=2, max_length=400),
    company: str = "",
    form: str = "",
    period: str = "",
    most: int = Query(default=20, ge=1, le=MOST_HITS),
) -> SearchResult:
    """Passages that fit the words, best first, of the filings that fit the filters."""

    def fits(filing: Filing) -> bool:
        wanted = ((company, filing.company), (form, filing.form), (period, filing.period))
        return all(asked in ("", own) for asked, own in wanted)

    chosen = {filing.id for filing in runtime.filings.list() if fits(filing)}
    # The filters go into the question too: the retriever then ranks those filings first.
    words = " ".join(filter(None, (q, company, form, period)))
    found = runtime.filings.search(words, _POOL) if chosen else []
    results = [found_place(passage) for passage in found if passage.filing in chosen]
    return SearchResult(results=results[:most], vectors=vector_state(runtime.filings.vectors()))


@router.get("/vectors")
def read_vectors(runtime: RuntimeDep, person: FilingReader) -> VectorState:
    """How far the vectors of passages are; asking starts them."""
    return vector_state(runtime.filings.vectors())


@router.get("/compare")
def compare_filings(
    runtime: RuntimeDep, person: FilingReader, first: str, second: str, metrics: str = ""
) -> ComparisonView:
    """Metrics (ids joined by commas, all when empty) of `second` against `first`; one id twice is the year before."""
    chosen, unknown = choose_metrics([id for id in metrics.split(",") if id])
    if unknown:
        raise InputError(f"there is no metric {unknown[0]!r}; leave `metrics` empty for all of them")
    base, other = runtime.filings.filing(first), runtime.filings.filing(second)
    found = compare(base, other, chosen)
    pairs = [] if first == second else shared_sections(base, other)
    return ComparisonView(
        base=f"{base.filing.title}, the year before" if first == second else base.filing.title,
        against=other.filing.title,
        same_company=found.same_company,
        rows=[row_view(row) for row in found.rows],
        missing=list(found.missing),
        sections=[SectionPair(first=a.id, second=b.id, title=b.title) for a, b in pairs],
    )


@router.get("/changes")
def read_changes(runtime: RuntimeDep, person: FilingReader, first: str, second: str, section: str) -> ChangesView:
    """What became of a section of `first` in `second`, paragraph by paragraph; `section` is its id in `second`."""
    before, after = runtime.filings.filing(first), runtime.filings.filing(second)
    pair = next((pair for pair in shared_sections(before, after) if pair[1].id == section), None)
    if pair is None:
        raise NotFound(f"{before.filing.title} and {after.filing.title} share no section {section!r}")
    found = section_changes(before, after, pair)
    return ChangesView(
        title=found.title,
        first=before.filing.title,
        second=after.filing.title,
        changes=[change_view(change) for change in found.changes],
        added=found.count("added"),
        dropped=found.count("dropped"),
        changed=found.count("changed"),
        same=found.same,
    )


@router.get("/{id}/summary")
def read_summary(
    id: str,
    runtime: RuntimeDep,
    person: FilingReader,
    section: str = "",
    most: int = Query(default=3, ge=1, le=10),
) -> Summaries:
    """A section, or every item, in its own sentences: verbatim, chosen without a model."""
    document = runtime.filings.filing(id)
    chosen = [_section(document, section)] if section else [s for s in document.sections if s.level == 2]
    found = [summarise(document, each, most) for each in chosen]
    return Summaries(narrator="sentences chosen by rule, no model", sections=summary_views(found))


@router.get("/{id}/cells")
def read_cells(id: str, runtime: RuntimeDep, person: FilingReader, section: str) -> Cells:
    """Every figure of a section's tables with its value in base units and its place in the table."""
    document = runtime.filings.filing(id)
    if section in WHOLE:
        low, high = whole_span(document, section)
    else:
        inside = _section(document, section)
        low, high = inside.start, inside.end
    blocks = [block for block in document.blocks if block.start < high and block.end > low]
    placed = placed_cells(document, blocks)
    return Cells(cells=[cell_view(document, block, cell) for block, cells in placed.items() for cell in cells])


@router.get("/{id}/find")
def find_words(
    id: str, runtime: RuntimeDep, person: FilingReader, q: str = Query(min_length=2, max_length=200)
) -> Hits:
    """Where the words stand in the filing, whatever their case and spacing; each hit with the words around it."""
    document = runtime.filings.filing(id)
    pattern = re.compile(r"\s+".join(re.escape(word) for word in q.split()), re.IGNORECASE)
    if not q.split():
        raise InputError("the words to find are empty; write at least two letters")
    found = list(pattern.finditer(document.text))
    return Hits(total=len(found), hits=[_hit(document, match) for match in found[:MOST_FOUND]])


def _hit(document: Document, match: re.Match[str]) -> Place:
    start, end = match.span()
    block, section = document.block_at(start), document.section_at(start)
    return Place(
        filing=document.filing.id,
        document=document.filing.title,
        page=block.page if block else 1,
        section=section.title if section else "",
        start=start,
        end=end,
        quote=document.text[max(0, start - _AROUND) : end + _AROUND],
    )


def _section(document: Document, id: str) -> Section:
    found = next((section for section in document.sections if section.id == id), None)
    if found is None:
        raise NotFound(f"{document.filing.title} has no section {id!r}; its sections are listed with it")
    return found
