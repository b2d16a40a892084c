"""What is known of each passage before any question: its filing, its statement, the line items it holds, its figures.

All as arrays over the passages, so that a question about one company in 100,000 passages touches only its filings.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from rag.documents import Document, Passage
from rag.metrics import load_metrics
from rag.topics import count_segment_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WEIGHT = 1.5
"""How much a point of a filing's score is worth beside a passage's."""
_FAR = 2.0
"""Points behind the best filing beyond which no passage can come first: more than all bonuses together."""
_DENSE = 40
"""Figures of a page beyond which it counts as full of them."""


class Places:
    """Arrays over fixed passages of fixed documents. Row order is the order of the passages."""

    def __init__(self, documents: Sequence[Document], passages: Sequence[Passage]) -> None:
        self._documents, self._passages = documents, passages
        self._held: dict[str, NDArray[np.float32]] = {}
        self._kinds: dict[str, NDArray[np.float32]] = {}
        self.segments = self._read_segments()

    @cached_property
    def _by_filing(self) -> dict[str, NDArray[np.intp]]:
        import numpy as np

        rows: dict[str, list[int]] = {}
        for i, passage in enumerate(self._passages):
            rows.setdefault(passage.filing, []).append(i)
        return {id: np.array(found, dtype=np.intp) for id, found in rows.items()}

    def rows(self, value: Mapping[str, float], least: int) -> NDArray[np.intp]:
        """Rows of the filings that can come first by their score, in order; all when these are fewer than `least`."""
        import numpy as np

        best = max(value.values(), default=0.0)
        near = [rows for id, rows in self._by_filing.items() if value[id] > best - _FAR]
        if sum(map(len, near)) < least:
            near = list(self._by_filing.values())
        return np.sort(np.concatenate(near))

    def prior(self, value: Mapping[str, float], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """How far each row's filing stands behind the best."""
        import numpy as np

        best = max(value.values(), default=0.0)
        behind = np.zeros(len(self._passages), dtype=np.float32)
        for id, held in self._by_filing.items():
            behind[held] = _WEIGHT * (value[id] - best)
        return behind[rows]

    def stands(self, statement: str) -> NDArray[np.float32]:
        """1 where the passage is that statement."""
        import numpy as np

        if statement not in self._kinds:
            found = [float(passage.statement == statement) for passage in self._passages]
            self._kinds[statement] = np.array(found, dtype=np.float32)
        return self._kinds[statement]

    def holds(self, metric: str) -> NDArray[np.float32]:
        """1 where the passage holds a row of the metric."""
        import numpy as np

        if metric not in self._held:
            mask = np.zeros(len(self._passages), dtype=np.float32)
            mask[sorted(self._spans.get(metric, ()))] = 1.0
            self._held[metric] = mask
        return self._held[metric]

    def _read_segments(self) -> NDArray[np.float32]:
        """0 to 2: for words of segments, regions or products in the passage, and for how many figures it holds."""
        import numpy as np

        dense = np.zeros(len(self._passages), dtype=np.float32)
        for row, count in self._counts.items():
            dense[row] = min(count / _DENSE, 1.0)
        words = [count_segment_words(passage.text) for passage in self._passages]
        named = np.minimum(np.array(words, dtype=np.float32) / 3, 1.0)
        weight: NDArray[np.float32] = (dense * (0.5 + named) + named * 0.5).astype(np.float32)
        return weight

    @cached_property
    def _figures(self) -> tuple[dict[str, set[int]], dict[int, int]]:
        """Rows that hold a line item, by metric; figures of each row."""
        held: dict[str, set[int]] = {}
        counts: dict[int, int] = {}
        named: dict[tuple[str, str], list[str]] = {}
        for document in self._documents:
            rows = self._by_filing.get(document.filing.id)
            if rows is None:
                continue
            offsets = [self._passages[int(row)].start for row in rows]
            for figure in document.figures:
                key = (figure.label, figure.group)
                if key not in named:
                    named[key] = [entry.id for entry in load_metrics() if entry.rank(figure) is not None]
                row = int(rows[bisect_right(offsets, figure.start) - 1])
                counts[row] = counts.get(row, 0) + 1
                for id in named[key]:
                    held.setdefault(id, set()).add(row)
        return held, counts

    @property
    def _spans(self) -> dict[str, set[int]]:
        return self._figures[0]

    @property
    def _counts(self) -> dict[int, int]:
        return self._figures[1]
