"""How filings look from outside when they are studied: passages, comparisons, changes, summaries, cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from desk.facts import Fact
from rag.cells import PlacedCell, cell_period
from rag.changes import Change
from rag.compare import Row, Side
from rag.documents import Citation, Document, Passage
from rag.summary import SectionSummary
from rag.vectors import BackgroundVectors


class Place(BaseModel):
    """Where something stands; `quote` is the filing's text from `start` to `end`."""

    filing: str
    document: str
    page: int
    section: str
    start: int
    end: int
    quote: str


class FoundPlace(Place):
    """A passage with how well it fits (higher is better; comparable inside one search only)."""

    score: float
    statement: str


class VectorState(BaseModel):
    """How many passages have a vector; `failure` says why none are coming, empty when all is well."""

    done: int
    total: int
    ready: bool
    failure: str


class SearchResult(BaseModel):
    """Best first."""

    results: list[FoundPlace]
    vectors: VectorState


class FilingFact(BaseModel):
    """A number with all that makes it true."""

    id: str
    label: str
    value: str
    text: str
    unit: str
    as_of: str
    source: str
    locator: str
    inputs: list[str]


class SideView(BaseModel):
    """A value, where it or its inputs are printed, and the inputs of a computed one."""

    fact: FilingFact
    inputs: list[FilingFact]
    citations: list[Place]


class RowView(BaseModel):
    """One metric of both; `note` says why there is no change."""

    metric: str
    name: str
    statement: str
    first: SideView | None
    second: SideView | None
    change: FilingFact | None
    note: str


class SectionPair(BaseModel):
    """An item that both hold, by its id in each."""

    first: str
    second: str
    title: str


class ComparisonView(BaseModel):
    """`base` names what each change is reckoned from; `same_company` false makes changes ratios."""

    base: str
    against: str
    same_company: bool
    rows: list[RowView]
    missing: list[str]
    sections: list[SectionPair]


class PieceView(BaseModel):
    """Words of a changed paragraph."""

    mark: Literal["same", "added", "dropped"]
    text: str


class ChangeView(BaseModel):
    """A paragraph or headline that is not as it was."""

    kind: Literal["added", "dropped", "changed"]
    heading: bool
    before: Place | None
    after: Place | None
    pieces: list[PieceView]


class ChangesView(BaseModel):
    """Changes in reading order; `same` paragraphs are only counted."""

    title: str
    first: str
    second: str
    changes: list[ChangeView]
    added: int
    dropped: int
    changed: int
    same: int


class SummaryView(BaseModel):
    """Sentences of one section, verbatim, in its order; `of` could have been taken."""

    section: str
    title: str
    of: int
    sentences: list[Place]


class Summaries(BaseModel):
    """One per section that holds prose."""

    narrator: str
    sections: list[SummaryView]


class CellView(BaseModel):
    """A figure at a row and column of a table; `printed_in` is the power of ten it is printed in."""

    block: int
    row: int
    column: int
    label: str
    group: str
    head: str
    period: str
    value: str
    unit: str
    printed_in: int
    locator: str
    start: int
    end: int


class Cells(BaseModel):
    """All figures of the tables asked for."""

    cells: list[CellView]


class Hits(BaseModel):
    """Places of words, in order; `total` may be more than are listed."""

    total: int
    hits: list[Place]


def place_of(citation: Citation) -> Place:
    """A citation as it travels."""
    return Place(**{name: getattr(citation, name) for name in Place.model_fields})


def fact_view(fact: Fact) -> FilingFact:
    """A fact as it travels, with the text a person reads."""
    fields = {n: getattr(fact, n) for n in ("id", "label", "unit", "as_of", "source", "locator")}
    return FilingFact(**fields, value=format(fact.value, "f"), text=fact.text(), inputs=list(fact.inputs))


def found_place(passage: Passage) -> FoundPlace:
    """A passage as it travels."""
    names = ("filing", "document", "page", "section", "start", "end", "score", "statement")
    return FoundPlace(**{name: getattr(passage, name) for name in names}, quote=passage.text)


def vector_state(vectors: BackgroundVectors) -> VectorState:
    """How far the vectors are."""
    done, total = vectors.progress
    return VectorState(done=done, total=total, ready=vectors.ready, failure=vectors.failure)


def row_view(row: Row) -> RowView:
    """A compared metric as it travels."""
    return RowView(
        metric=row.metric.id,
        name=row.metric.name,
        statement=row.metric.statement,
        first=None if row.first is None else _side(row.first),
        second=None if row.second is None else _side(row.second),
        change=None if row.change is None else fact_view(row.change),
        note=row.note,
    )


def _side(side: Side) -> SideView:
    citations = [place_of(citation) for citation in side.citations]
    return SideView(fact=fact_view(side.fact), inputs=[fact_view(f) for f in side.inputs], citations=citations)


def change_view(change: Change) -> ChangeView:
    """A changed paragraph as it travels."""
    return ChangeView(
        kind=change.kind,
        heading=change.heading,
        before=None if change.before is None else place_of(change.before),
        after=None if change.after is None else place_of(change.after),
        pieces=[PieceView(mark=piece.mark, text=piece.text) for piece in change.pieces],
    )


def summary_views(summaries: Sequence[SectionSummary]) -> list[SummaryView]:
    """Those that hold a sentence."""
    return [
        SummaryView(section=s.section.id, title=s.section.title, of=s.of, sentences=[place_of(p) for p in s.sentences])
        for s in summaries
        if s.sentences
    ]


def cell_view(document: Document, block: int, cell: PlacedCell) -> CellView:
    """A cell as it travels."""
    figure, page = cell.figure, document.blocks[block].page
    return CellView(
        block=block,
        row=cell.row,
        column=cell.column,
        label=figure.label,
        group=figure.group,
        head=figure.column,
        period=cell_period(document, figure),
        value=figure.value,
        unit=figure.unit,
        printed_in=cell.power,
        locator=f"page {page}, row {figure.label!r}, column {figure.column!r}",
        start=figure.start,
        end=figure.end,
    )
