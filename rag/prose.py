"""The best sentences of a filing for a question, verbatim; nothing when the words are not there."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from rag.documents import Document
from rag.words import label_words, tokens

_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z“\"(•])")
_ABBREVIATION = re.compile(r"\b(?:Inc|Corp|Co|Ltd|No|Mr|Ms|Dr|U\.S|vs|Jr|St)\.$")
_LONGEST = 6
"""Characters that an abbreviation can take, with the one before it."""
_DIGIT = re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|no)\b", re.IGNORECASE)
_MARKS = re.compile(r"['’]|(?<=\d),(?=\d)")
ENOUGH = 0.72
"""Share of the question's word weight a sentence must hold."""


class Sentence(NamedTuple):
    """A sentence and its place in the document."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Prose:
    """The sentences of one document, with how rare each word is. Only what a question touches is read for words."""

    document: Document
    _words: dict[int, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)
    _holders: dict[str, list[int]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def sentences(self) -> list[Sentence]:
        """Sentences of all paragraphs, in order."""
        return [
            s for block in self.document.blocks if block.kind == "paragraph" for s in split(block.text, block.start)
        ]

    @cached_property
    def _lower(self) -> list[str]:
        whole = "\n\0".join(sentence.text for sentence in self.sentences)
        return _MARKS.sub("", whole).lower().split("\n\0")

    def words(self, index: int) -> frozenset[str]:
        """The stemmed words of a sentence."""
        if index not in self._words:
            self._words[index] = frozenset(tokens(self.sentences[index].text))
        return self._words[index]

    def holders(self, word: str) -> list[int]:
        """The sentences that a stemmed word stands in, in order."""
        if word not in self._holders:
            begins = word[: max(3, len(word) - 1)]
            near = (i for i, lower in enumerate(self._lower) if begins in lower)
            self._holders[word] = [i for i in near if word in self.words(i)]
        return self._holders[word]

    def rarity(self, word: str) -> float:
        """Inverse sentence frequency, as in BM25."""
        n = len(self.holders(word))
        return math.log(1 + (len(self.sentences) - n + 0.5) / (n + 0.5))

    def _titles(self, offset: int) -> frozenset[str]:
        return label_words(self.document.section_path(offset))

    def best(
        self, words: Sequence[str], years: Sequence[int], counted: bool, strict: bool = False
    ) -> list[tuple[float, Sentence]]:
        """Sentences that hold nearly all of the words, best first, at most two.

        A word the document never uses, or its rarest word missing, means no sentence. `counted`
        asks for a sentence with a number in it; `strict` for every word in one shorter sentence.
        """
        wanted = dict.fromkeys(words)
        if not wanted or not self.sentences or not all(self.holders(word) for word in wanted):
            return []
        weight = {word: self.rarity(word) for word in wanted}
        total, rarest = sum(weight.values()), max(weight, key=lambda word: weight[word])
        scored: list[tuple[float, Sentence]] = []
        for index in self.holders(rarest):
            sentence, held = self.sentences[index], self.words(index)
            if counted and not _DIGIT.search(sentence.text):
                continue
            around = held | self._titles(sentence.start)
            share = sum(w for word, w in weight.items() if word in around) / total
            if share >= (0.999 if strict else ENOUGH) and not (strict and len(held) > 60):
                dated = 0.05 if any(str(year) in sentence.text for year in years) else 0.0
                scored.append((share + dated - len(held) / 2000, sentence))
        scored.sort(key=lambda pair: -pair[0])
        return [pair for pair in scored[:2] if pair[0] >= scored[0][0] - 0.05]


def split(text: str, offset: int) -> Iterator[Sentence]:
    """The sentences of a paragraph that stands at `offset`; short fragments are left out."""
    start = 0
    for match in [*_SENTENCE.finditer(text), None]:
        end = match.start() if match else len(text)
        piece = text[start:end]
        if match and _ABBREVIATION.search(piece[-_LONGEST:]):
            continue
        if len(piece) >= 25:
            yield Sentence(piece, offset + start, offset + end)
        start = match.end() if match else end
