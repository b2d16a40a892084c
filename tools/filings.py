"""Filings: a cited answer or an abstention; passages for a closer look."""

from __future__ import annotations

from pydantic import Field

from rag.documents import Citation
from tools.context import Arguments, Result, Tool, ToolContext

MOST_PASSAGES = 10


class AskFilings(Arguments):
    """What to look up."""

    question: str = Field(description="The whole question, with company and period as the person said them.")


class FilingAnswer(Result):
    """`answer` is Markdown of slots and verbatim sentences; `reason` says why it abstained.

    `names` are titles and words that stand in the answer verbatim beside the quotes of `citations`.
    """

    answer: str
    abstained: bool
    reason: str
    citations: tuple[Citation, ...]
    names: tuple[str, ...] = ()


class SearchFilings(Arguments):
    """What to search for."""

    query: str
    most: int = Field(default=5, ge=1, le=MOST_PASSAGES)


class FoundPassage(Result):
    """One passage; `words` is text from outside."""

    document: str
    section: str
    page: int
    words: str


class FoundPassages(Result):
    """Best first; empty when nothing fits."""

    passages: tuple[FoundPassage, ...]


def _ask(context: ToolContext, arguments: AskFilings) -> FilingAnswer:
    finding = context.filings.answer(arguments.question)
    if not finding.abstained:
        for fact in finding.facts:
            context.facts.add(fact)
    return FilingAnswer(
        text="not in the filings" if finding.abstained else "answered from " + _titles(finding.citations),
        answer=finding.answer,
        abstained=finding.abstained,
        reason=finding.reason,
        citations=finding.citations,
    )


def _titles(citations: tuple[Citation, ...]) -> str:
    return ", ".join(dict.fromkeys(citation.document for citation in citations)) or "the filings"


def _search(context: ToolContext, arguments: SearchFilings) -> FoundPassages:
    found = context.filings.search(arguments.query, arguments.most)
    passages = tuple(
        FoundPassage(document=p.document, section=p.section, page=p.page, words=f"<untrusted>{p.text}</untrusted>")
        for p in found
    )
    return FoundPassages(text="passages found" if passages else "nothing found", passages=passages)


ask_filings = Tool(
    "ask_filings",
    "What a company's filings (10-K, 10-Q, 8-K) say, a figure such as revenue, income, cash or margin or a sentence.",
    AskFilings,
    _ask,
)
search_filings = Tool("search_filings", "Passages of the filings that fit a query, best first.", SearchFilings, _search)
