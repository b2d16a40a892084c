"""What is scanned, and what a check finds in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from pydantic import BaseModel, ConfigDict

LINK = re.compile(r"\[([^\]\n]*)\]\(#fact-([^)\s]*)\)")


class Finding(BaseModel):
    """One fault: where it stands (characters `[start, end)`, line from 1), its words, why, and what to put there.

    `fix` is None where only a person can say what belongs there.
    """

    model_config = ConfigDict(frozen=True)

    validator: str
    start: int
    end: int
    line: int
    text: str
    why: str
    fix: str | None = None


class Cited(BaseModel):
    """A citation as the text has it, and what really stands there; `found` None: there is no such place."""

    model_config = ConfigDict(frozen=True)

    document: str
    quote: str
    found: str | None


class Material(BaseModel):
    """What is known around a text; all empty for a text that comes alone.

    `facts`: shown value by id. `known` are words that may be repeated (question, labels, sources, names). `checked`:
    whether facts and citations are all there, as those of an answer; `suitable`: a suitability verdict allows advice.
    """

    model_config = ConfigDict(frozen=True)

    facts: dict[str, tuple[str, ...]] = {}
    known: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    citations: tuple[Cited, ...] = ()
    checked: bool = False
    suitable: bool = False


Check = Callable[[str, Material], Iterator[Finding]]


def found(validator: str, text: str, span: tuple[int, int], why: str, fix: str | None = None) -> Finding:
    """A finding at a place of the text."""
    start, end = span
    line = text.count("\n", 0, start) + 1
    return Finding(validator=validator, start=start, end=end, line=line, text=text[start:end][:200], why=why, fix=fix)


def blanked(text: str, patterns: Sequence[re.Pattern[str]] = (), words: Sequence[str] = ()) -> str:
    """The text with what the patterns match and what stands among `words` as spaces: places stay where they are."""
    for pattern in patterns:
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    for known in sorted(words, key=len, reverse=True):
        if len(known) > 2:
            text = text.replace(known, " " * len(known))
    return text
