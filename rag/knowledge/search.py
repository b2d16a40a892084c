"""Which entry answers a question: BM25 and MiniLM vectors of titles and phrasings, fused; or none.

A plain question for a term's meaning in another language is looked up first (`terms.py`).

Both scores are shares of what would be perfect. Words: BM25 (`rag/lexical.py`)
over the sum of the question's word weights, where a word that stands in no entry weighs `UNKNOWN`, so
that a question about something else cannot score well. Meaning: the cosine of the question with the
nearest phrasing and with the answer. `docs/knowledge.md` says how weights and thresholds were chosen. Some eight
milliseconds of CPU, nearly all of it the sentence model's.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Literal, NamedTuple

from desk.errors import DataError
from rag.knowledge.entries import Entries, Entry
from rag.knowledge.terms import find_term
from rag.lexical import LexicalIndex
from rag.words import small_words, stem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from desk.text.embedder import Embedder

VECTORS = Path(__file__).parent / "vectors.npz"
MEANING = 0.7
"""The weight of meaning; words have the rest."""

ASKED = 0.6
"""Within meaning: the weight of the nearest phrasing; the answer itself has the rest."""

SURE, LIKELY, NEAR = 0.6, 0.5, 0.3
"""From which certainty on an entry is given at once, and when the agent's own plan has no answer; from which
score on it is offered as a question to ask instead."""

MOST_LEAD = 0.1
"""Certainty is the score and the lead over the next entry, which counts up to here."""

UNKNOWN = 4.0
"""The weight of a word that stands in no entry: about that of one that stands in three."""

Fit = Literal["sure", "likely", ""]
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

    "sure": before anything else is tried; "likely": when nobody else has an answer; "": never.
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
        self._vectors = load_vectors(entries)
        texts = [_document(entry) for entry in self._entries]
        self._lexical = LexicalIndex(texts)
        held, count = Counter(word for text in texts for word in set(text)), len(texts)
        self._idf = {word: math.log(1 + (count - df + 0.5) / (df + 0.5)) for word, df in held.items()}

    def find(self, question: str, most: int) -> Found:
        import numpy as np

        words = set(content_words(question))
        if not words & self._lexical.vocabulary:
            return Found((), "")
        meaning = self._vectors.near(self._embedder.embed([question])[0])
        scores = MEANING * meaning + (1 - MEANING) * self._by_words(words)
        order = np.argsort(-scores, kind="stable")[: max(2, most)]
        matches = tuple(Match(self._entries[i], round(float(scores[i]), 4)) for i in order)
        lead = matches[0].score - matches[1].score
        strange = any(set(content_words(name)) - self._lexical.vocabulary for name in _NAME.findall(question))
        return Found(matches[:most], "" if strange else fit_of(matches[0].score + min(lead, MOST_LEAD)))

    def _by_words(self, words: set[str]) -> NDArray[np.float32]:
        import numpy as np

        ideal = sum(self._idf.get(word, UNKNOWN) for word in words)
        return self._lexical.scores(sorted(words)) / np.float32(ideal)


def fit_of(certainty: float) -> Fit:
    """What a certainty allows."""
    return "sure" if certainty >= SURE else "likely" if certainty >= LIKELY else ""


def content_words(text: str) -> list[str]:
    """The stems that say what a text is about."""
    stems = (stem(word) for word in _WORD.findall(text.replace("-", " ").replace("&", " ")))
    return [_SAME.get(word, word) for word in stems if word not in small_words()]


def _document(entry: Entry) -> list[str]:
    return [word for text in (*entry.phrasings, entry.answer) for word in content_words(text)]


class Vectors(NamedTuple):
    """Of all phrasings, shape (phrasings, 384), where each entry's begin, and of the answers, (entries, 384)."""

    phrasings: NDArray[np.float32]
    starts: NDArray[np.int64]
    answers: NDArray[np.float32]

    def near(self, question: NDArray[np.float32]) -> NDArray[np.float32]:
        """How near a question's vector is to each entry, shape (entries,)."""
        import numpy as np

        asked = np.maximum.reduceat(self.phrasings @ question, self.starts)
        found: NDArray[np.float32] = ASKED * asked + (1 - ASKED) * (self.answers @ question)
        return found


def load_vectors(entries: Entries, path: Path = VECTORS) -> Vectors:
    """The vectors. DataError when the file was made from other entries."""
    import numpy as np

    try:
        with np.load(path) as stored:
            if str(stored["hash"]) == entries.hash:
                return Vectors(
                    stored["vectors"].astype(np.float32),
                    stored["starts"].astype(np.int64),
                    stored["answers"].astype(np.float32),
                )
    except FileNotFoundError:
        pass
    raise DataError(f"{path.name} was not made from the present entries; run python -m rag.knowledge.build")
