"""The desk's own knowledge base: what a general question means, with no model, or that no entry covers it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from desk.factory import Desk
from desk.facts import SLOT, FactTable
from rag.knowledge.entries import Entry
from rag.knowledge.search import NEAR, Fit
from tools.context import Arguments, Result, Tool, ToolContext
from tools.knowledge_figures import read_figure

TITLE = "Tenor knowledge base"
PREFIX = "knowledge"
"""Of the ids of facts that entries bring, and of what is cited."""

SURELY = frozenset({"certain", "sure"})
"""Fits at which an entry is the answer without a question back."""


class AskGlossary(Arguments):
    """What to explain."""

    question: str = Field(description="The whole question, as the person said it.")


class Related(Result):
    """An entry to read on: the question that leads to it."""

    id: str
    question: str


class Explained(Result):
    """`answer` is text of slots; `fit` as in `rag.knowledge.search.Found`.

    `related` are the entry's own when sure, the next best matches when likely, the nearest ones without a fit.
    """

    fit: Fit = ""
    entry: str = ""
    title: str = ""
    topic: str = ""
    as_of: str = ""
    answer: str = ""
    names: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()


def render_entry(desk: Desk, facts: FactTable, entry: Entry, as_of: str) -> str:
    """The entry's answer with its figures registered as facts under the entry's id."""
    slots: Mapping[str, str] = {
        slot: facts.add(read_figure(desk, name, f"{PREFIX}.{entry.id}.{slot}", as_of))
        for slot, name in entry.figures.items()
    }
    return SLOT.sub(lambda match: slots[match[1]], entry.answer)


def _glossary(context: ToolContext, arguments: AskGlossary) -> Explained:
    found = context.knowledge.find(arguments.question)
    if not found.fit:
        near = tuple(_ask(match.entry) for match in found.matches if match.score >= NEAR)
        return Explained(text="no entry of the knowledge base covers it", related=near)
    entry = found.matches[0].entry
    entries = context.knowledge.entries
    if found.fit in SURELY:
        further = tuple(_ask(entries.get(id)) for id in entry.related)
    else:
        further = tuple(_ask(match.entry) for match in found.matches[1:])
    return Explained(
        text=f"explained by the entry “{entry.title}”",
        fit=found.fit,
        entry=entry.label,
        title=entry.title,
        topic=entry.topic,
        as_of=entry.as_of,
        answer=render_entry(context.desk, context.facts, entry, context.market_time()),
        names=entry.names,
        sources=entry.sources,
        related=further,
    )


def _ask(entry: Entry) -> Related:
    return Related(id=entry.id, question=entry.questions[0])


glossary = Tool(
    "glossary",
    "What a term, product, order type, fee or policy means in general, from the desk's own knowledge base.",
    AskGlossary,
    _glossary,
)
