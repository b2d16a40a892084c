"""A section in its own sentences: those that hold most of what it speaks of, verbatim, without a model.

Centroid summary (Radev et al. 2004) with maximal marginal relevance (Carbonell & Goldstein 1998): a sentence counts by
the weight of the section's frequent words in it and loses by what it shares with those already taken.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rag.documents import Citation, Document, Section
from rag.draft import cite
from rag.prose import Sentence, split
from rag.words import glue_words, question_words, tokens

LEAST_WORDS, MOST_WORDS = 8, 60
_ALIKE = 0.7
"""How much of its worth a sentence loses that says what was said."""
_LEANS = re.compile(
    r"(?:in addition|however|these|those|this|such|it|they|as a result|also|further|moreover|accordingly|therefore"
    r"|for example|discussions? of)\b",
    re.IGNORECASE,
)
"""How a sentence begins that needs the one before it: worth half."""
_CUT = re.compile(r":$|\b[A-Z]\.$")


@dataclass(frozen=True)
class SectionSummary:
    """Sentences in the order of the text, each its own citation. `of` counts those that could be taken."""

    section: Section
    sentences: tuple[Citation, ...]
    of: int


def summarise(document: Document, section: Section, most: int = 3) -> SectionSummary:
    """At most `most` sentences of the section; none when it holds no prose."""
    pool = _sentences(document, section)
    ignored = glue_words() | question_words()
    bags = [frozenset(tokens(sentence.text)) - ignored for sentence in pool]
    weight = _weights(bags)
    leans = [0.5 if _LEANS.match(sentence.text) else 1.0 for sentence in pool]
    chosen: list[int] = []
    while len(chosen) < min(most, len(pool)):
        left = (at for at in range(len(pool)) if at not in chosen)
        chosen.append(max(left, key=lambda at: leans[at] * _worth(at, bags, weight, chosen)))
    places = tuple(cite(document, pool[at].start, pool[at].end) for at in sorted(chosen))
    return SectionSummary(section, places, len(pool))


def _sentences(document: Document, section: Section) -> list[Sentence]:
    blocks = [b for b in document.blocks if b.kind == "paragraph" and section.start <= b.start < section.end]
    found = [sentence for block in blocks for sentence in split(block.text, block.start)]
    whole = [s for s in found if s.text[:1].isupper() and not _CUT.search(s.text)]
    return [s for s in whole if LEAST_WORDS <= len(s.text.split()) <= MOST_WORDS]


def _weights(bags: Sequence[frozenset[str]]) -> dict[str, float]:
    """A word counts by how many sentences use it, damped; a word of one sentence says nothing of the section."""
    counts = Counter(word for bag in bags for word in bag)
    return {word: math.log(n) for word, n in counts.items() if n > 1}


def _worth(at: int, bags: Sequence[frozenset[str]], weight: dict[str, float], chosen: Sequence[int]) -> float:
    bag = bags[at]
    if not bag:
        return 0.0
    centre = sum(weight.get(word, 0.0) for word in bag) / math.sqrt(len(bag))
    alike = max((len(bag & bags[other]) / len(bag | bags[other] or {""}) for other in chosen), default=0.0)
    return centre * (1 - _ALIKE * alike) / (1 + at / (4 * len(bags)))
