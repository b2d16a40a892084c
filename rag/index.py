"""The filing index protocol: vectors of passages, found by nearness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rag.documents import Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Near(NamedTuple):
    """A passage id and its cosine similarity to the query, 1 is the same direction."""

    id: str
    similarity: float


class FilingIndex(Protocol):
    """Keeps one unit vector per passage. Adding an id again replaces it."""

    def missing(self, ids: Sequence[str]) -> list[str]:
        """Those of the ids that have no vector yet, in order."""
        ...

    def add(self, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
        """Stores vectors of shape (passages, dimensions)."""
        ...

    def near(self, vector: NDArray[np.float32], k: int, filings: Sequence[str] = ()) -> list[Near]:
        """The `k` nearest passages, nearest first, of the given filings (all when empty)."""
        ...

    def remove(self, filing: str) -> None:
        """Forgets all passages of a filing; nothing happens when there are none."""
        ...

    def ids(self) -> list[str]:
        """Every passage that has a vector, sorted."""
        ...

    def vectors(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of these passages, of shape (ids, dimensions); DataError when one has none."""
        ...

    def drop(self, ids: Sequence[str]) -> None:
        """Forgets these passages; nothing happens for those without a vector."""
        ...

    def close(self) -> None:
        """Lets go of files and connections."""
        ...
