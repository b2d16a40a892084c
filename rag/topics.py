"""What a question is about, in the words that filings use for it: the section or note such things stand in.

General language of annual and quarterly reports (Regulation S-K items, names of notes); each entry adds words to a
search, none decides anything alone.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from desk.yaml_text import read_yaml
from rag.words import search_tokens

_SEGMENTED = re.compile(
    r"\b(?:which|what|whose)\b[^?]{0,50}?\b(?:segments?|regions?|geograph\w+|countr\w+|categor\w+|product\s?lines?|products?"
    r"|business(?:es)?(?:\s+(?:units?|lines?))?|divisions?|brands?|markets?|resorts?|states?)\b"
    r"|\b(?:by|per|each|across)\s+(?:reportable\s+)?(?:segment|region|geograph\w+|product|category|country)\b",
    re.IGNORECASE,
)
_SEGMENT_WORDS = (
    "segment", "geograph", "region", "categor", "disaggregat", "domestic", "international", "comparable sales",
    "by product", "by business", "by country",
)  # fmt: skip


class Topic(BaseModel):
    """One subject: a pattern over questions, and the words its pages use."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ask: str
    words: str


@cache
def _topics() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    text = (Path(__file__).parent / "topics.yaml").read_text(encoding="utf-8")
    read = TypeAdapter(tuple[Topic, ...]).validate_python(read_yaml(text))
    return tuple((re.compile(topic.ask, re.IGNORECASE), tuple(search_tokens(topic.words))) for topic in read)


def topic_words(question: str) -> list[str]:
    """Words of every topic the question touches, in the order of the table."""
    return [word for pattern, words in _topics() if pattern.search(question) for word in words]


def is_segmented(question: str) -> bool:
    """Whether parts of the company are asked to be told apart: segments, regions, products."""
    return _SEGMENTED.search(question) is not None


def count_segment_words(text: str) -> int:
    """How often a text speaks of segments, regions or products."""
    lower = text.casefold()
    return sum(lower.count(word) for word in _SEGMENT_WORDS)
