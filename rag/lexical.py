"""BM25 over passages (Robertson & Zaragoza 2009), by bm25s: answers at once, needs no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.documents import Passage
from rag.words import search_tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class LexicalIndex:
    """Scores all passages for a list of words. Row order is the order of `passages`."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        import bm25s

        self._size = len(passages)
        self._vocabulary: set[str] = set()
        if not passages:
            return
        corpus = [_words(passage) for passage in passages]
        self._vocabulary = {word for words in corpus for word in words}
        self._bm25 = bm25s.BM25(k1=1.2, b=0.6)
        self._bm25.index(corpus, show_progress=False)

    def scores(self, words: Sequence[str]) -> NDArray[np.float32]:
        """BM25 score per passage, shape (passages,); zeros when no word is known."""
        import numpy as np

        known = [word for word in words if word in self._vocabulary]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        scores: NDArray[np.float32] = np.asarray(self._bm25.get_scores(known), dtype=np.float32)
        return scores


def _words(passage: Passage) -> list[str]:
    """The passage's own words, its section twice (headings are short and tell most)."""
    section = search_tokens(passage.section)
    return [*search_tokens(passage.text), *section, *section, *search_tokens(passage.document)]
