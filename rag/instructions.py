"""Takes apart what a question says about its answer (form, basis, role) from what it asks.

"Basing your judgment off of the balance sheet, … Answer in USD millions." asks for nothing by
itself, but names the statement to look in.
"""

from __future__ import annotations

import re

from rag.documents import StatementKind

_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
_INSTRUCTION = re.compile(
    r"^(?:please\b|answer\b|round\b|give\b|provide\b|respond\b|base\b|basing\b|use\b|calculate what was asked|"
    r"assume\b|state\b|if\b|we (?:need|want) to calculate|approach\b|address\b|report your\b)",
    re.IGNORECASE,
)
_BASIS = r"(?:statements?|sheets?|p&l|filings?|reports?|10-?[kq]|line items?|information|details?|data|figures|numbers)"
_LEADING = re.compile(
    r"^(?:(?:basing|by (?:drawing|relying|using|utiliz\w+)|using|in agreement with|based on|from the|according to|"
    r"answer the following|drawing|considering|relying|taking into account|assuming|when|with)\b[^?:]{0,260}?"
    rf"|(?=[^?]{{0,240}}?\b{_BASIS}\b)[^?:]{{0,260}}?|here[’']?s the question)[,:]\s+"
    r"(?=(?:what|how|which|was|is|are|does|did|has|who|where|by how|tell me|give me)\b)",
    re.IGNORECASE,
)
_LATER = re.compile(
    rf"\b(?:{_BASIS}|answers?|responses?|respond|round(?:ed)?|decimals?|units?|usd|per\s?cents?|millions?|billions?|thousands?"
    r"|perspective)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\s*\((?:in|as|using|from|based on|per|on|round(?:ed)?|answer|expressed|see|including|i\.?e)\b[^()?]*\)",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r",?\s*\(?\b(?:in|using|as) (?:units of |usd |us dollar |u\.s\. dollar )*(?:percents?|%|"
    r"millions?|billions?|thousands?|usd|dollars?)(?: (?:usd|dollars|and round[^)?]{0,60}))*\)?(?=[\s?,.)]|$)"
    r"(?!\s+(?:of|to)\b)",
    re.IGNORECASE,
)
_DEFINITION = re.compile(r"^[^?]{0,80}\b(?:is|are) defined as\b|^(?:define|calculate|compute)\b", re.IGNORECASE)
_HINTS: tuple[tuple[StatementKind, re.Pattern[str]], ...] = (
    ("cash", re.compile(r"\bcash\s+flows?\s+statement|statements?\s+of\s+cash\s+flow", re.IGNORECASE)),
    ("balance", re.compile(r"\bbalance\s+sheet|statements?\s+of\s+financial\s+position", re.IGNORECASE)),
    ("income", re.compile(r"\bincome\s+statement|statements?\s+of\s+(?:income|operations)|p&l", re.IGNORECASE)),
)


def strip_instructions(text: str) -> str:
    """The question without instructions on form and basis; the text itself when nothing else is left."""
    kept: list[str] = []
    for sentence in _SENTENCE.split(text.strip()):
        said = _INSTRUCTION.search(sentence) or _DEFINITION.search(sentence) or _LATER.search(sentence)
        if kept and said and "?" not in sentence:
            continue
        kept.append(_TRAILING.sub("", _ASIDE.sub("", _LEADING.sub("", sentence))))
    asked = next((i for i, sentence in enumerate(kept) if "?" in sentence), 0)
    kept = [
        sentence
        for i, sentence in enumerate(kept)
        if i >= asked or not (_INSTRUCTION.search(sentence) or _LATER.search(sentence))
    ]
    return " ".join(kept).strip() or text


def hinted_statements(text: str) -> tuple[StatementKind, ...]:
    """Statements that the question names as its basis."""
    return tuple(kind for kind, pattern in _HINTS if pattern.search(text))
