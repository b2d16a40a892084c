"""The knowledge base: every entry, and one with its figures put in."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import Asker, RuntimeDep
from desk.facts import FactTable
from graphs.compose import plain_text
from graphs.runtime import Runtime
from rag.knowledge.entries import Entry
from tools.knowledge import render_entry

router = APIRouter(prefix="/v1/knowledge", tags=["knowledge"])


class EntryTitle(BaseModel):
    """One line of the list."""

    id: str
    version: int
    title: str
    topic: str
    as_of: str


class EntryList(BaseModel):
    """Every entry, or the best for a question."""

    entries: list[EntryTitle]


class EntryView(EntryTitle):
    """An entry; figures stand in `answer` as they are at this desk now."""

    answer: str
    questions: list[str]
    sources: list[str]
    related: list[EntryTitle]


def title_of(entry: Entry) -> EntryTitle:
    """Its line."""
    return EntryTitle(id=entry.id, version=entry.version, title=entry.title, topic=entry.topic, as_of=entry.as_of)


def entry_view(runtime: Runtime, id: str) -> EntryView:
    """The entry by `id` or `id@version`. NotFound when there is none."""
    entries = runtime.knowledge.entries
    entry, table = entries.get(id), FactTable()
    words = render_entry(runtime.desk, table, entry, entry.as_of)
    return EntryView(
        **title_of(entry).model_dump(),
        answer=plain_text(table.fill(words)[0]),
        questions=list(entry.questions),
        sources=list(entry.sources),
        related=[title_of(entries.get(other)) for other in entry.related],
    )


@router.get("")
def list_entries(runtime: RuntimeDep, person: Asker, question: str = "") -> EntryList:
    """All entries by topic; with a question the three that fit it best, the best first."""
    if question.strip():
        found = [match.entry for match in runtime.knowledge.find(question.strip()).matches]
    else:
        found = list(runtime.knowledge.entries.all)
    return EntryList(entries=[title_of(entry) for entry in found])


@router.get("/{id}")
def read_entry(id: str, runtime: RuntimeDep, person: Asker) -> EntryView:
    """One entry, by `id` or `id@version`."""
    return entry_view(runtime, id)
