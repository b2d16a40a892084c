"""The paragraphs around a table as sentences, ranked for a question."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rag.tableqa.amounts import plain
from rag.tableqa.question import IDLE, Question
from rag.tableqa.years import find_years
from rag.words import tokens

_END = re.compile(r"(?<=[.!?;:])\s+(?=[A-Z“\"(•])|(?<=[.!?])(?=[A-Z][a-z])|\n(?=[A-Z(•])")
_GOES_ON = re.compile(
    r"(?:The|This|These|Such) (?:increase|decrease|decline|change|improvement|reduction|growth)", re.IGNORECASE
)
_ABBREVIATION = re.compile(r"\b(?:Inc|Corp|Co|Ltd|No|Mr|Ms|Dr|U\.S|vs|Jr|St|approx|i\.e|e\.g)\.$")


@dataclass(frozen=True)
class Sentence:
    """One sentence of one paragraph."""

    text: str
    paragraph: int

    @cached_property
    def words(self) -> frozenset[str]:
        """Its stems."""
        return frozenset(tokens(self.text))

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years it names."""
        return find_years(self.text)


class Found(NamedTuple):
    """A sentence and the share of the question's word weight it holds, 0 to 1 and a little above."""

    sentence: Sentence
    share: float


class Prose:
    """Sentences of the paragraphs in order."""

    def __init__(self, paragraphs: Sequence[str]) -> None:
        self._paragraphs = paragraphs

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences with at least three words."""
        found = [Sentence(s, i) for i, text in enumerate(self._paragraphs) for s in split(text)]
        return tuple(s for s in found if len(s.words) >= 3)

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(word for sentence in self.sentences for word in sentence.words)

    def weight(self, word: str) -> float:
        """How rare a word is among the sentences; idle words weigh little."""
        n = self._counts[word]
        rarity = math.log(1 + (len(self.sentences) - n + 0.5) / (n + 0.5)) + 0.3
        return rarity * (0.15 if word in IDLE else 1.0)

    def after(self, sentence: Sentence) -> Sentence | None:
        """The next sentence of the same paragraph when it goes on about the same change."""
        at = self.sentences.index(sentence) + 1
        then = self.sentences[at] if at < len(self.sentences) else None
        return then if then and then.paragraph == sentence.paragraph and _GOES_ON.match(then.text) else None

    def rank(self, question: Question) -> list[Found]:
        """Sentences, best first: word weight held, a little for years named, a little off for length."""
        wanted = question.words
        weights = {word: self.weight(word) for word in wanted}
        total = sum(weights.values()) or 1.0
        out = []
        for sentence in self.sentences:
            share = sum(weights[word] for word in wanted & sentence.words) / total
            if question.years:
                share += 0.15 * len(set(question.years) & set(sentence.years)) / len(question.years)
            if sentence.text.endswith(":"):
                share -= 0.25
            out.append(Found(sentence, share - len(sentence.words) / 2500))
        return sorted(out, key=lambda found: -found.share)


def split(text: str) -> list[str]:
    """The sentences of a paragraph, verbatim but for plain dashes and single spaces."""
    text = plain(text)
    pieces: list[str] = []
    start = 0
    for match in [*_END.finditer(text), None]:
        end = match.start() if match else len(text)
        if match and _ABBREVIATION.search(text[start:end]):
            continue
        piece = " ".join(text[start:end].split())
        if piece:
            pieces.append(piece)
        start = match.end() if match else end
    return pieces
