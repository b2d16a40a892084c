"""Follow-ups on a part of a company: a product line of the report that was spoken of."""

from __future__ import annotations

import re

from graphs.following.figures import FILLERS, when
from graphs.following.talk import Talk, only
from graphs.following.words import FIGURE, words_of
from rag.query import plain_name

MOST_BACK = 4
"""Questions before, in which the company is looked for."""
_BESIDE = FILLERS | words_of("it bring brings brought in revenue revenues sales net business line segment unit from by")

_SOLD = re.compile(r"\b(?:sell|sold|earn(?:ed)?|take in|took in|make|made)\b", re.IGNORECASE)


def part(talk: Talk) -> str | None:
    """As in "services?", "and iPad in 2022?" after a figure of Apple's report: that line's net sales."""
    if talk.lines is None or talk.mentions_known(talk.question):
        return None
    for said in reversed(talk.history[-MOST_BACK:]):
        named = talk.companies.find(said)[0]
        before = talk.lines.find(said)
        company = named[0] if len(named) == 1 else before[0].company if before is not None else ""
        if not company:
            continue
        found = talk.lines.find(talk.question, company)
        if found is None or not (FIGURE.search(said) or _SOLD.search(said) or talk.lines.find(said, company)):
            return None
        line, start, end = found
        years = when(talk.question) or when(said)
        rest = re.sub(r"\W+", " ", f"{talk.question[:start]} {talk.question[end:]}")
        return f"{plain_name(company)}'s {line.label} net sales {years}".rstrip() + "?" if only(rest, _BESIDE) else None
    return None
