"""Whether a question is for the table or for the words around it."""

from __future__ import annotations

import re

from rag.tableqa.problem import Problem
from rag.tableqa.texts import amount_in_text
from rag.words import stem, tokens

PROSE = re.compile(
    r"^(?:why|how (?:is|are|was|were|does|do|did|has|have|often)\b(?! the \w+ (?:amount"
    r"|value))|when|where|who|did|was there|were there|does|do)\b"
    r"|\bincludes?d?(?: in)?\?|\bwhat (?:is|was|does|do|did|are|were|has|have) .* (?:include"
    r"|consist of|represent|relate to|comprise of|refer to|mean|based on|relates to"
    r"|engaged in)s?\b"
    r"|\bcaused?\b|\bdriven\b|\bdrove\b|\breasons?\b|\bled to\b|\b(?:ex|in)cluded?\b|\bimpacted\b"
    r"|\bdefin(?:e[sd]? as|ition|e)\b|\bexplain|\bdescribe|\battributed to\b|\bdue to\b|\bresult(?:ed|s)? (?:in"
    r"|from)\b|\bprimarily\b|\bclassified as\b"
    r"|^what (?:does|do|did) (?!the (?:total|amount))"
)
_NUMBER = re.compile(r"^how (?:many|much)\b")
_TOTALS = frozenset({stem("total")})
_AHEAD = 0.12


def asks_words(problem: Problem) -> bool:
    """Whether an answer in words is wanted: why, when, what something includes or means."""
    return problem.asks(PROSE) and not problem.asks(_NUMBER)


def prefers_text(problem: Problem, ahead: float = _AHEAD) -> bool:
    """Whether a sentence with an amount of the kind asked for holds more of the question than row and headers."""
    draft = amount_in_text(problem)
    if draft is None or problem.top is None:
        return False
    return text_cover(problem, draft.quote) > table_cover(problem) + ahead


def text_cover(problem: Problem, quote: str) -> float:
    """Share of the question's telling words, by weight, that a sentence holds."""
    return _cover(problem, frozenset(tokens(quote)))


def table_cover(problem: Problem) -> float:
    """Share of them that the best row, its heading and the table's headers hold."""
    row = problem.top.row if problem.top else None
    if row is None:
        return 0.0
    heads = frozenset(w for c in row.columns for w in c.words) | frozenset(
        tokens(" ".join(problem.context.table.heads))
    )
    return _cover(problem, row.words | row.section_words | heads)


def _cover(problem: Problem, words: frozenset[str]) -> float:
    prose = problem.context.prose
    told = [w for w in problem.question.content - _TOTALS if not w.isdigit()]
    whole = sum(prose.weight(w) for w in told)
    return sum(prose.weight(w) for w in told if w in words) / whole if whole else 0.0
