"""BM25 over texts (Robertson & Zaragoza 2009), by bm25s: answers at once, needs no model."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.documents import Passage
from rag.words import search_tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class LexicalIndex:
    """Scores all texts, each a list of words, for the words of a question. Row order is the order of the texts."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        import bm25s

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # importing it sets DEBUG, whatever the program wants
        self._size = len(texts)
        self.vocabulary = {word for words in texts for word in words}
        if not self.vocabulary:
            return
        self._bm25 = bm25s.BM25(k1=1.2, b=0.6)
        self._bm25.index([list(words) for words in texts], show_progress=False)

    def scores(self, words: Sequence[str]) -> NDArray[np.float32]:
        """BM25 score per text, shape (texts,); zeros when no word is known."""
        import numpy as np

        known = [word for word in words if word in self.vocabulary]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        scores: NDArray[np.float32] = np.asarray(self._bm25.get_scores(known), dtype=np.float32)
        return scores


def passage_words(passage: Passage) -> list[str]:
    """The passage's own words, its section twice (headings are short and tell most)."""
    section = search_tokens(passage.section)
    return [*search_tokens(passage.text), *section, *section, *search_tokens(passage.document)]
