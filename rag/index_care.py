"""Care of the vector index, the same for every back end: a check, mending, a snapshot and its way back."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from desk.errors import DataError, DataFolderError
from desk.store.whole import write_whole
from rag.documents import Passage
from rag.index import FilingIndex

_TOLERANCE = 0.02
"""How far a unit vector's length may be from one."""


class Health(NamedTuple):
    """Passages with a good vector and without one; vectors of passages that are no more, and of no unit length."""

    good: int
    missing: int
    stale: int
    damaged: int

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong; missing ones are made in the background."""
        return not (self.missing or self.stale or self.damaged)


def check_index(index: FilingIndex, passages: Sequence[Passage]) -> Health:
    """Reads every vector once."""
    wanted, kept = {passage.id for passage in passages}, index.ids()
    damaged = _damaged(index, kept)
    good = wanted.intersection(kept).difference(damaged)
    stale = [id for id in kept if id not in wanted]
    return Health(len(good), len(wanted.difference(kept)), len(stale), len(set(damaged) & wanted))


def mend_index(index: FilingIndex, passages: Sequence[Passage], *, whole: bool = False) -> int:
    """Drops what is stale or damaged (all of it, with `whole`); what is missing is then made anew. Returns how many."""
    wanted, kept = {passage.id for passage in passages}, index.ids()
    damaged = set(_damaged(index, kept))
    gone = kept if whole else [id for id in kept if id not in wanted or id in damaged]
    index.drop(gone)
    return len(gone)


def write_snapshot(index: FilingIndex, path: Path) -> int:
    """All vectors in one compressed file, whole or not there. Returns how many."""
    import numpy as np

    ids, out = index.ids(), io.BytesIO()
    np.savez_compressed(out, ids=np.array(ids, dtype=np.str_), vectors=index.vectors(ids) if ids else np.zeros((0, 0)))
    try:
        write_whole(path, out.getvalue())
    except OSError as error:
        raise DataFolderError(f"the snapshot {path} cannot be written ({error.strerror or error}); make room") from None
    return len(ids)


def read_snapshot(index: FilingIndex, passages: Sequence[Passage], path: Path) -> int:
    """Brings back vectors of present passages that have none. DataError for a damaged file. Returns how many."""
    import zipfile

    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as kept:
            rows = {str(id): row for row, id in enumerate(kept["ids"])}
            vectors = np.asarray(kept["vectors"], dtype=np.float32)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"the snapshot {path} cannot be read ({error}); give one that `snapshot` wrote") from None
    missing = set(index.missing([passage.id for passage in passages]))
    back = [passage for passage in passages if passage.id in missing and passage.id in rows]
    if back:
        index.add(back, vectors[[rows[passage.id] for passage in back]])
    return len(back)


def _damaged(index: FilingIndex, ids: Sequence[str]) -> list[str]:
    import numpy as np

    if not ids:
        return []
    lengths = np.linalg.norm(index.vectors(ids), axis=1)
    return [id for id, length in zip(ids, lengths, strict=True) if not abs(length - 1) <= _TOLERANCE]
