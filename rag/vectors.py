"""Vectors computed in the background: search works without them and gains them when ready."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from desk.errors import TenorError
from desk.text.embedder import Embedder
from rag.documents import Passage
from rag.index import FilingIndex, Near
from rag.ingest import index_passages

_BATCH = 8
_PAUSE = 0.05
log = logging.getLogger(__name__)


class BackgroundVectors:
    """Fills a FilingIndex on one daemon thread, a few passages at a time.

    `open_index` and `open_embedder` are called on that thread at the first `start`. A failure
    is logged once, kept in `failure`, and leaves search on BM25.
    """

    def __init__(self, open_index: Callable[[], FilingIndex], open_embedder: Callable[[], Embedder]) -> None:
        self._open_index, self._open_embedder = open_index, open_embedder
        self._index: FilingIndex | None = None
        self._embedder: Embedder | None = None
        self._stop = threading.Event()
        self._lock, self._opening = threading.Lock(), threading.Lock()
        self._thread: threading.Thread | None = None
        self._done = 0
        self._total = 0
        self.failure = ""

    @property
    def progress(self) -> tuple[int, int]:
        """Passages with a vector, and all passages."""
        return self._done, self._total

    @property
    def ready(self) -> bool:
        """Whether every passage has its vector."""
        return self._index is not None and self._total > 0 and self._done >= self._total

    def start(self, passages: Sequence[Passage]) -> None:
        """Begins (or begins again after new filings); returns at once."""
        with self._lock:
            if self._stop.is_set() or (self._thread and self._thread.is_alive()):
                return
            self._thread = threading.Thread(
                target=self._run, args=(list(passages),), name="filing-vectors", daemon=True
            )
            self._thread.start()

    def index(self) -> FilingIndex:
        """The index itself, opened now when the thread has not done so. Raises what opening raises."""
        with self._opening:
            self._index = self._index or self._open_index()
            return self._index

    def embedder(self) -> Embedder:
        """The model, loaded now when the thread has not done so."""
        with self._opening:
            self._embedder = self._embedder or self._open_embedder()
            return self._embedder

    def near(self, text: str, k: int) -> list[Near]:
        """The nearest passages; empty until vectors are ready."""
        if not self.ready or self._index is None or self._embedder is None:
            return []
        return self._index.near(self._embedder.embed([text])[0], k)

    def wait(self, seconds: float) -> bool:
        """Waits for the thread to finish; returns whether vectors are ready."""
        if self._thread:
            self._thread.join(seconds)
        return self.ready

    def close(self) -> None:
        """Stops after the present batch."""
        self._stop.set()
        if self._thread:
            self._thread.join(10)
        if self._index:
            self._index.close()

    def _run(self, passages: list[Passage]) -> None:
        try:
            index = self.index()
            missing = set(index.missing([passage.id for passage in passages]))
            embedder = self.embedder()
            self._total, self._done = len(passages), len(passages) - len(missing)
            wanted = [passage for passage in passages if passage.id in missing]
            for start in range(0, len(wanted), _BATCH):
                if self._stop.is_set():
                    return
                self._done += index_passages(wanted[start : start + _BATCH], embedder, index)
                self._stop.wait(_PAUSE)
        except (TenorError, RuntimeError, ValueError, OSError) as error:
            self.failure = str(error)
            log.warning("vectors of filings are not available: %s", error)
