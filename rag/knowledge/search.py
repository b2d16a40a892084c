"""Which entry answers a question: BM25 and MiniLM vectors of titles and phrasings, fused; or none.

A plain question for a term's meaning in another language is looked up first (`terms.py`).

Both scores are shares of what would be perfect. Words: BM25 (`rag/lexical.py`)
over the sum of the question's word weights, where a word that stands in no entry weighs `UNKNOWN`, so
that a question about something else cannot score well. Meaning: cosines of the question with the
phrasings and the answer (`vectors.py`). `docs/knowledge.md` says how weights and thresholds were chosen. Some eight
milliseconds of CPU, nearly all of it the sentence model's.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import TYPE_CHECKING, Literal, NamedTuple

from desk.errors import DataError
from rag.knowledge.entries import Entries, Entry
from rag.knowledge.terms import find_term
from rag.knowledge.vectors import load_general, load_vectors
from rag.lexical import LexicalIndex
from rag.words import small_words, stem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from desk.text.embedder import Embedder

MEANING = 0.75
"""The weight of meaning; words have the rest."""

CERTAIN, SURE, LIKELY, NEAR = 0.5, 0.45, 0.38, 0.25
"""From which certainty on an entry is given whatever else is in the question, at once, and when the agent's own plan
has no answer; from which score on it is offered as a question to ask instead."""

SAID = 0.7
"""From here on somebody asks nearly in the entry's own words: it is given however the question looks."""

SURELY_GENERAL, GENERAL = 0.6, 0.3
"""From which chance on, that a question is for explanations and not for an agent's work, the first two hold."""

MOST_LEAD = 0.1
"""Certainty is the score and the lead over the next entry, which counts up to here."""

UNKNOWN = 4.0
"""The weight of a word that stands in no entry: about that of one that stands in three."""

Fit = Literal["certain", "sure", "likely", ""]
LONGEST = 400
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+\b")
"""A name in the middle of a sentence; one that no entry holds is somebody's own case."""

_WORD = re.compile(r"[a-z0-9]+(?:[&'’.][a-z0-9]+)*", re.IGNORECASE)
_SAME = {"buy": "trade", "sell": "trade", "fee": "cost", "charg": "cost", "commission": "cost", "price": "cost"}


class Match(NamedTuple):
    """An entry and how well it fits, 0 to 1."""

    entry: Entry
    score: float


class Found(NamedTuple):
    """The best matches; `fit` says whether the first may be given as the answer.

    "certain" and "sure": before anything else is tried; "likely": when nobody else has an answer; "": never.
    """

    matches: tuple[Match, ...]
    fit: Fit


class KnowledgeBase:
    """Made at once; everything is read at the first question (or at `warm`). Safe from several threads."""

    def __init__(self, load: Callable[[], Entries], open_embedder: Callable[[], Embedder]) -> None:
        self._load, self._open_embedder, self._lock = load, open_embedder, Lock()
        self._index: _Index | None = None

    @property
    def entries(self) -> Entries:
        """All entries. DataError when a file is malformed."""
        return self._load()

    def warm(self) -> None:
        """Begins to read entries, vectors and model in the background; what fails is said at the first question."""
        Thread(target=self._try_open, name="tenor-knowledge", daemon=True).start()

    def find(self, question: str, most: int = 3) -> Found:
        """The best entries first; none for a question without a word that is known."""
        index = self._open()
        named = self.entries.by_id.get(find_term(question[:LONGEST]))
        if named is not None:
            return Found((Match(named, 1.0),), "sure")
        return index.find(question[:LONGEST], most)

    def _try_open(self) -> None:
        with suppress(DataError):
            self._open()

    def _open(self) -> _Index:
        with self._lock:
            if self._index is None:
                self._index = _Index(self._load(), self._open_embedder())
            return self._index


class _Index:
    """What is searched."""

    def __init__(self, entries: Entries, embedder: Embedder) -> None:
        self._entries, self._embedder = entries.all, embedder
        self._vectors = load_vectors(entries.hash)
        self._general = load_general()
        texts = [_document(entry) for entry in self._entries]
        self._lexical = LexicalIndex(texts)
        held, count = Counter(word for text in texts for word in set(text)), len(texts)
        self._idf = {word: math.log(1 + (count - df + 0.5) / (df + 0.5)) for word, df in held.items()}

    def find(self, question: str, most: int) -> Found:
        import numpy as np

        words = set(content_words(question))
        if not words & self._lexical.vocabulary:
            return Found((), "")
        vector = self._embedder.embed([question])[0]
        meaning = self._vectors.near(vector)
        scores = MEANING * meaning + (1 - MEANING) * self._by_words(words)
        order = np.argsort(-scores, kind="stable")[: max(2, most)]
        matches = tuple(Match(self._entries[i], round(float(scores[i]), 4)) for i in order)
        certainty = matches[0].score + min(matches[0].score - matches[1].score, MOST_LEAD)
        strange = any(set(content_words(name)) - self._lexical.vocabulary for name in _NAME.findall(question))
        return Found(matches[:most], "" if strange else fit_of(certainty, self._general(vector)))

    def _by_words(self, words: set[str]) -> NDArray[np.float32]:
        import numpy as np

        ideal = sum(self._idf.get(word, UNKNOWN) for word in words)
        return self._lexical.scores(sorted(words)) / np.float32(ideal)


def fit_of(certainty: float, general: float) -> Fit:
    """What a certainty allows, and the chance that the question is general."""
    levels: tuple[tuple[float, float, Fit], ...] = (
        (SAID, 0, "certain"),
        (CERTAIN, SURELY_GENERAL, "certain"),
        (SURE, GENERAL, "sure"),
        (LIKELY, 0, "likely"),
    )
    return next((fit for least, chance, fit in levels if certainty >= least and general >= chance), "")


def content_words(text: str) -> list[str]:
    """The stems that say what a text is about."""
    stems = (stem(word) for word in _WORD.findall(text.replace("-", " ").replace("&", " ")))
    return [_SAME.get(word, word) for word in stems if word not in small_words()]


def _document(entry: Entry) -> list[str]:
    return [word for text in (*entry.phrasings, entry.answer) for word in content_words(text)]
