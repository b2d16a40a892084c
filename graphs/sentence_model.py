"""The sentence model of the route decision: loaded once in the background, asked from a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from graphs.classifier import Read

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from desk.text.embedder import Embedder

FIXED_TOKENS = 7
"""A sentence costs as its tokens and this many more."""

PROBE = "how much did the shares move and why"


class SentenceModel:
    """MiniLM on a thread of its own, loaded at `warm`, with an estimate of what a token costs now."""

    def __init__(self, load: Callable[[], Embedder], clock: Callable[[], float]) -> None:
        self._clock = clock
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="tenor-route")
        self._load, self._loading = load, Future[None]()
        self._begun = False
        self._embedder: Embedder | None = None
        self.ms_per_token = 0.0

    def warm(self) -> Future[None]:
        """Begins to load, once; the future ends when sentences can be asked, or with what failed."""
        if not self._begun:
            self._begun = True
            self._loading = self._pool.submit(self._open)
        return self._loading

    def expected_ms(self, tokens: int) -> float:
        """What a sentence of so many tokens would take; each question asked here lowers the estimate a little."""
        expected = self.ms_per_token * (tokens + FIXED_TOKENS)
        self.ms_per_token *= 0.98
        return expected

    def embed(self, read: Read) -> Future[NDArray[np.float32]]:
        """The sentence vector, from the thread."""
        return self._pool.submit(self._embed, read.text, read.tokens)

    def close(self) -> None:
        """Ends the thread when it is done."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _open(self) -> None:
        self._embedder = self._load()
        self._embed(PROBE, FIXED_TOKENS)
        self.ms_per_token = 0.0
        self._embed(PROBE, FIXED_TOKENS)

    def _embed(self, text: str, tokens: int) -> NDArray[np.float32]:
        assert self._embedder is not None, "embed before the model is loaded"
        began = self._clock()
        vector: NDArray[np.float32] = self._embedder.embed([text])[0]
        seen = (self._clock() - began) * 1000 / (tokens + FIXED_TOKENS)
        self.ms_per_token = seen if self.ms_per_token == 0 else 0.8 * self.ms_per_token + 0.2 * seen
        return vector
