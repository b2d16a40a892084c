"""Customer Query: what the filings say, with sentence and page, or that they do not say it."""

from __future__ import annotations

from agents.agent import Agent, Turn
from agents.answers import AgentAnswer, Citation
from rag.study import asks_for_section
from tools.filing_study import StudySection, study_section
from tools.filings import AskFilings, ask_filings, search_filings


class FilingsAnswer(AgentAnswer):
    """`documents` are the titles the answer rests on."""

    documents: tuple[str, ...] = ()


def plan(turn: Turn) -> AgentAnswer:
    """Asks the filings once with the person's own words: about a whole section, or for a figure or sentence."""
    question = turn.request.question
    if asks_for_section(question):
        found = turn.call(study_section, StudySection(question=question))
    else:
        found = turn.call(ask_filings, AskFilings(question=question))
    if found.abstained:
        reason = found.reason or "nothing in the filings here answers it"
        return FilingsAnswer(text=f"Not in the filing: {reason}", abstained=True, quoted=(reason,))
    citations = tuple(
        Citation(
            document=c.document,
            filing=c.filing,
            page=c.page,
            section=c.section,
            quote=c.quote,
            start=c.start,
            end=c.end,
        )
        for c in found.citations
    )
    places = tuple(f"{c.document}, page {c.page}" for c in citations)
    quotes = tuple(c.quote for c in citations) + places + tuple(c.document for c in citations) + found.names
    return FilingsAnswer(
        text=found.answer,
        citations=citations,
        quoted=quotes,
        documents=tuple(dict.fromkeys(c.document for c in citations)),
    )


def build() -> Agent:
    """The agent."""
    return Agent(
        name="customer_query",
        title="Filings",
        purpose="cited answers from filings, or “not in the filing”",
        tools=(ask_filings, search_filings, study_section),
        answer=FilingsAnswer,
        plan=plan,
    )
