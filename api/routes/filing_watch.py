"""Watched companies, notices of what they filed, and earlier versions of filings that a citation points at."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from api.deps import FilingReader, RuntimeDep, may
from api.routes.filings import Blocks, BlockView, SectionName
from desk.compliance.filing_notices import Notice
from desk.identity.roles import Action, Person

router = APIRouter(prefix="/v1/filing-watch", tags=["filings"])
Watcher = Annotated[Person, Depends(may(Action.INGEST))]


class WatchedView(BaseModel):
    """A watched company; `failure` is why the last round could not ask for it, empty when it could."""

    cik: str
    name: str
    ticker: str
    added_by: str
    since: str
    failure: str


class WatchList(BaseModel):
    """The list; `connected` is false while no EDGAR is set: then nothing new comes."""

    connected: bool
    companies: list[WatchedView]


class Notices(BaseModel):
    """What came, the newest first."""

    notices: list[Notice]


class Versions(BaseModel):
    """SHA-256 of the current version and of those before."""

    current: str
    earlier: list[str]


@router.get("")
def list_watched(runtime: RuntimeDep, person: FilingReader) -> WatchList:
    """The watched companies."""
    watch = runtime.desk.watch
    rows = [WatchedView(**vars(watched)) for watched in watch.watched()]
    return WatchList(connected=watch.edgar is not None, companies=rows)


@router.get("/notices")
def list_notices(
    runtime: RuntimeDep,
    person: FilingReader,
    cik: str = "",
    since: str = "",
    most: int = Query(default=50, ge=1, le=200),
) -> Notices:
    """Notices; those of one company, or seen after an instant, where given."""
    return Notices(notices=runtime.desk.watch.notices(cik=cik, since=since, most=most))


@router.put("/companies/{who}")
def watch_company(who: str, runtime: RuntimeDep, person: Watcher) -> WatchedView:
    """Watches a company by CIK or ticker; again changes nothing."""
    return WatchedView(**vars(runtime.desk.watch.add(who, person.name)))


@router.delete("/companies/{who}", status_code=204)
def unwatch_company(who: str, runtime: RuntimeDep, person: Watcher) -> None:
    """Watches it no longer; its notices stay."""
    runtime.desk.watch.remove(who, person.name)


@router.get("/versions/{id}")
def list_versions(id: str, runtime: RuntimeDep, person: FilingReader) -> Versions:
    """The versions of a filing."""
    return Versions(current=runtime.filings.filing(id).sha256, earlier=runtime.filings.versions(id))


@router.get("/versions/{id}/{sha256}/blocks")
def read_version(
    id: str,
    sha256: str,
    runtime: RuntimeDep,
    person: FilingReader,
    start: int = Query(ge=0),
    end: int = Query(ge=0),
) -> Blocks:
    """The blocks that touch characters `[start, end)` of the version that was cited."""
    document = runtime.filings.version(id, sha256)
    section = document.section_at(start)
    blocks = [
        BlockView(id=b.id, kind=b.kind, text=b.text, rows=None if b.rows is None else [list(row) for row in b.rows],
                  start=b.start, end=b.end, page=b.page)
        for b in document.blocks
        if b.start < end and b.end > start
    ]  # fmt: skip
    return Blocks(section=None if section is None else SectionName(id=section.id, title=section.title), blocks=blocks)
