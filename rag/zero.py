"""Zero where nothing is printed: when a question says so, and the statement is there without the line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from desk.facts import Fact
from rag.asked import Asked
from rag.documents import Block, Document
from rag.metrics import Metric
from rag.periods import as_of, matches

_AGREED = re.compile(
    r"\b(?:if|when|where|unless|in case)\b[^.?!]{0,120}\b(?:answer|say|state|give|put|write|report|enter|return|respond"
    r"|use|show|treat)\b[^.?!]{0,30}?(?:\$ ?)?\b(?:0|zero|nil)\b|\b(?:0|zero|nil) (?:if|when|where)\b",
    re.IGNORECASE,
)
_LEAST = 8
"""Lines of a statement below which it is too damaged for an absence to mean anything."""


class Absence(NamedTuple):
    """Zero as a fact, and the statement that has no such line."""

    fact: Fact
    document: Document
    block: Block


def agrees_on_zero(text: str) -> bool:
    """Whether the question says that a figure which is not reported counts as zero."""
    return _AGREED.search(text) is not None


def read_absence(documents: Sequence[Document], metric: Metric, asked: Asked) -> Absence | None:
    """Zero for a line that the company's own statement of the period lacks; None when any row may be it."""
    for document in sorted(documents, key=lambda d: str(d.filing.period_end)):
        filing = document.filing
        rows = [f for f in document.figures if matches(filing, f.period, asked)]
        core = [
            figure
            for figure in rows
            if document.blocks[figure.block].statement == metric.statement
            and document.blocks[figure.block].page in document.core_pages
        ]
        if len(core) < _LEAST:
            continue
        if any(metric.rank(figure) is not None for figure in rows):
            return None
        block, first = document.blocks[core[0].block], core[0]
        fact = Fact(
            id=f"{filing.id}.{metric.id}.{first.period.end or first.period.year}.absent",
            label=f"{filing.company} {metric.name}",
            value=Decimal(0),
            unit=metric.unit,
            currency="USD" if metric.unit == "USD" else None,
            as_of=as_of(filing, first.period),
            source=filing.title,
            locator=f"page {block.page}: none of the {len(core)} lines of the statement is {metric.name}",
            reads=(f"filing:{filing.id}:{block.id}",),
            about=(filing.company, metric.id),
        )
        return Absence(fact, document, block)
    return None
