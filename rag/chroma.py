"""FilingIndex on Chroma, in process or a server, always with our own vectors.

Chroma's default embedding function would download a model, so none is ever set. Its errors
become DataError (embedded) or BackEndUnreachable (server).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from desk.errors import BackEndUnreachable, DataError
from rag.documents import Passage
from rag.index import Near

if TYPE_CHECKING:
    import numpy as np
    from chromadb.api import ClientAPI
    from numpy.typing import NDArray

COLLECTION = "tenor-filings"
_BATCH = 500
_PAGE = 5_000


class ChromaIndex:
    """Passages' vectors in one Chroma collection, cosine space."""

    def __init__(self, client: ClientAPI, collection: str = COLLECTION) -> None:
        self._client = client
        self._collection = client.get_or_create_collection(
            collection, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    def missing(self, ids: Sequence[str]) -> list[str]:
        """Those of the ids that have no vector yet."""
        known: set[str] = set()
        for start in range(0, len(ids), _BATCH):
            known.update(self._collection.get(ids=list(ids[start : start + _BATCH]), include=[])["ids"])
        return [id for id in ids if id not in known]

    def add(self, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
        """Stores or replaces the passages' vectors."""
        if passages:
            self._collection.upsert(
                ids=[passage.id for passage in passages],
                embeddings=vectors,
                metadatas=[{"filing": passage.filing, "page": passage.page} for passage in passages],
            )

    def near(self, vector: NDArray[np.float32], k: int, filings: Sequence[str] = ()) -> list[Near]:
        """The nearest passages; fewer than `k` when the collection is small."""
        count = self._collection.count()
        if not count:
            return []
        only = set(filings)
        found = self._collection.query(
            query_embeddings=[vector.tolist()],
            n_results=min(count, k * (4 if only else 1)),
            include=["distances", "metadatas"],
        )
        ids, distances, metadatas = found["ids"][0], (found["distances"] or [[]])[0], (found["metadatas"] or [[]])[0]
        rows = zip(ids, distances, metadatas, strict=True)
        return [Near(id, 1.0 - distance) for id, distance, data in rows if not only or data.get("filing") in only][:k]

    def remove(self, filing: str) -> None:
        """Forgets a filing's passages."""
        self._collection.delete(where={"filing": filing})

    def ids(self) -> list[str]:
        """Every passage that has a vector, sorted."""
        found: list[str] = []
        while page := self._collection.get(limit=_PAGE, offset=len(found), include=[])["ids"]:
            found += page
        return sorted(found)

    def vectors(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """The passages' vectors, in the order of the ids."""
        import numpy as np

        known: dict[str, object] = {}
        for start in range(0, len(ids), _BATCH):
            got = self._collection.get(ids=list(ids[start : start + _BATCH]), include=["embeddings"])
            known.update(zip(got["ids"], got["embeddings"] if got["embeddings"] is not None else [], strict=True))
        lost = [id for id in ids if id not in known]
        if lost:
            raise DataError(f"the vector index has no vector of {lost[0]!r} ({len(lost)} in all); rebuild the index")
        return np.array([known[id] for id in ids], dtype=np.float32)

    def drop(self, ids: Sequence[str]) -> None:
        """Forgets passages."""
        for start in range(0, len(ids), _BATCH):
            self._collection.delete(ids=list(ids[start : start + _BATCH]))

    def close(self) -> None:
        """Nothing to let go of: the client is shared within the process."""


def open_embedded(folder: Path) -> ChromaIndex:
    """Chroma in this process, kept in `folder`. DataError when the folder cannot be used."""
    import chromadb
    from chromadb.config import Settings

    folder.mkdir(parents=True, exist_ok=True)
    try:
        client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        return ChromaIndex(client)
    except (ValueError, RuntimeError, OSError, chromadb.errors.ChromaError) as error:
        raise DataError(f"the vector index in {folder} cannot be opened ({error}); delete that folder") from None


def open_server(url: str) -> ChromaIndex:
    """A Chroma server. BackEndUnreachable, naming the setting, when it does not answer."""
    import chromadb
    from chromadb.config import Settings

    parts = urlsplit(url)
    secure = parts.scheme == "https"
    try:
        client = chromadb.HttpClient(
            host=parts.hostname or "localhost",
            port=parts.port or (443 if secure else 8000),
            ssl=secure,
            settings=Settings(anonymized_telemetry=False),
        )
        return ChromaIndex(client)
    except Exception as error:  # noqa: BLE001 - chromadb raises bare ValueError, httpx errors and its own
        raise BackEndUnreachable(
            f"TENOR_CHROMA_URL={url} does not answer ({type(error).__name__}); start it or unset"
        ) from None
