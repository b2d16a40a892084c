"""A question as numbers: pieces of its words, terms of art, and a mean of word vectors. No model runs here.

VERSION changes whenever the same words would give other numbers; weights made by another version
are refused.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = 4
LONGEST = 400
"""Characters of a question that are read: what it wants stands in its first sentences."""

PIECES = 8192
PIECE_SIZES = (3, 4, 5)
MOST_TERMS = 2
TERM_SCALE = 0.3
LAYERS = 3
"""Of MiniLM, in integers, for sentence vectors: as accurate as six at two fifths of their cost (docs/routing.md)."""

TOKENS = 40
_WORD = re.compile(r"[a-z0-9&'/]+")
_DIGIT = re.compile(r"\d")


def plain(question: str) -> str:
    """Lower case, single spaces, straight apostrophes, every digit a 0, at most LONGEST characters."""
    words = " ".join(question[: 2 * LONGEST].casefold().replace("\u2019", "'").split())
    return _DIGIT.sub("0", words)[:LONGEST]


def count_pieces(text: str) -> dict[int, int]:
    """How often each hashed piece stands in `plain` text: 3 to 5 letters inside words, and pairs of words."""
    words = _WORD.findall(text)
    found: dict[int, int] = {}
    for piece in (*_letters(words), *(f"{a} {b}" for a, b in pairwise(words))):
        place = zlib.crc32(piece.encode()) % PIECES
        found[place] = found.get(place, 0) + 1
    return found


def _letters(words: list[str]) -> Iterable[str]:
    for word in words:
        padded = f" {word} "
        for size in PIECE_SIZES:
            yield from (padded[i : i + size] for i in range(len(padded) - size + 1))


def weigh_pieces(counts: dict[int, int], idf: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Places and weights, scaled to length one: (1 + ln count) x inverse document frequency."""
    import numpy as np

    places = np.fromiter(counts, dtype=np.int64, count=len(counts))
    weights = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * idf[places]
    return places, (weights / max(float(np.linalg.norm(weights)), 1e-9)).astype(np.float32)


class Terms:
    """The terms of art of each agent, in the order of `agents`."""

    def __init__(self, terms: dict[str, tuple[str, ...]]) -> None:
        self._patterns = [_find_any(said) for said in terms.values()]
        self._agents = tuple(terms)

    def found(self, text: str) -> dict[str, tuple[str, ...]]:
        """The terms in `plain` text, by agent; agents without any are left out."""
        hits = {a: tuple(dict.fromkeys(p.findall(text))) for a, p in zip(self._agents, self._patterns, strict=True)}
        return {agent: terms for agent, terms in hits.items() if terms}

    def counts(self, text: str) -> list[float]:
        """Scaled number of terms of each agent, at most MOST_TERMS counted."""
        found = self.found(text)
        return [TERM_SCALE * min(MOST_TERMS, len(found.get(agent, ()))) for agent in self._agents]


def _find_any(terms: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted((_DIGIT.sub("0", term) for term in terms), key=len, reverse=True)
    return re.compile("(?<![a-z0-9])(?:" + "|".join(map(re.escape, longest_first)) + ")")
