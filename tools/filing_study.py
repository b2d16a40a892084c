"""Whole sections of filings: what changed in one since the filing before, and what it says in short."""

from __future__ import annotations

from pydantic import Field

from rag.documents import Finding
from rag.study import answer_study, read_study, spoken_names
from tools.context import Arguments, Tool, ToolContext
from tools.filings import FilingAnswer


class StudySection(Arguments):
    """What to study."""

    question: str = Field(description="The whole question, with the company and the section as the person said them.")


def _study(context: ToolContext, arguments: StudySection) -> FilingAnswer:
    filings = context.filings.list()
    wanted = read_study(arguments.question, filings)
    reason = "the question names no section of one company's filings"
    finding = (
        answer_study(wanted, filings, context.filings.filing) if wanted else Finding("", abstained=True, reason=reason)
    )
    for fact in finding.facts:
        context.facts.add(fact)
    titles = ", ".join(dict.fromkeys(citation.document for citation in finding.citations))
    return FilingAnswer(
        text="not in the filings" if finding.abstained else f"read {titles}",
        answer=finding.answer,
        abstained=finding.abstained,
        reason=finding.reason,
        citations=finding.citations,
        names=spoken_names(finding),
    )


study_section = Tool(
    "study_section",
    "What changed in a section of a company's filing (risk factors, MD&A) since the one before, or its summary.",
    StudySection,
    _study,
)
