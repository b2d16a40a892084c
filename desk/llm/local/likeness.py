"""How like a question is to the examples of each tool: cosines of sentence embeddings (MiniLM, a few milliseconds)."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from desk.text.embedder import Embedder, MiniLmEmbedder

MOST_KNOWN = 64
"""Sets of examples that are kept; there are as many as tools."""


class Likeness:
    """Keeps the examples' embeddings. Thread-safe; the embedder is loaded by `warm` or the first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._embedder: Embedder | None = None
        self._known: dict[tuple[str, ...], NDArray[np.float32]] = {}

    def warm(self) -> None:
        """Loads the embedder; safe to repeat."""
        with self._lock:
            self._embedder = self._embedder or MiniLmEmbedder()

    def measure(self, asked: str, shown: Mapping[str, Sequence[str]]) -> dict[str, float]:
        """The greatest cosine between the question and each word's examples, -1 to 1."""
        self.warm()
        with self._lock:
            (question,) = self._embed([asked])
            return {word: float(np.max(self._kept(tuple(texts)) @ question)) for word, texts in shown.items()}

    def _kept(self, texts: tuple[str, ...]) -> NDArray[np.float32]:
        if texts not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[texts] = self._embed(texts)
        return self._known[texts]

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self._embedder is None:
            raise RuntimeError("warm() comes first")
        rows = self._embedder.embed(texts)
        lengths: NDArray[np.float32] = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return np.divide(rows, lengths, dtype=np.float32)
