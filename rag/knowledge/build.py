"""Makes the vectors of titles, phrasings and answers: `python -m rag.knowledge.build`.

`--check` only says whether entries are sound and the vectors belong to them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from desk.errors import DataError
from desk.facts import SLOT
from desk.text.embedder import Embedder, MiniLmEmbedder
from rag.knowledge.entries import Entries, load_entries
from rag.knowledge.vectors import VECTORS, Vectors, load_vectors, save_vectors, unit, whitening

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 32


def build_vectors(entries: Entries, embedder: Embedder, path: Path = VECTORS) -> int:
    """Writes the file; how many phrasings it holds. The same entries give the same vectors up to rounding."""
    import numpy as np

    phrasings, starts = _embed(embedder, [entry.phrasings for entry in entries.all])
    said, said_starts = _embed(embedder, [sentences(entry.answer) for entry in entries.all])
    answers = unit(np.add.reduceat(said, said_starts))
    grouped = [*np.split(phrasings, starts[1:]), *answers[:, None]]
    order = [rows for pair in zip(grouped[: len(starts)], grouped[len(starts) :], strict=True) for rows in pair]
    stretch = whitening(np.concatenate(order), starts + np.arange(len(starts)))
    stretched = (unit(rows @ stretch) for rows in (phrasings, said, answers))
    asked, told, whole = stretched
    save_vectors(Vectors(stretch, asked, starts, told, said_starts, whole), entries.hash, path)
    return len(phrasings)


def _embed(embedder: Embedder, texts: Sequence[Sequence[str]]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The vectors of all texts one after the other, and where each group begins."""
    import numpy as np

    flat = [text for group in texts for text in group]
    rows = np.concatenate([embedder.embed(flat[at : at + BATCH]) for at in range(0, len(flat), BATCH)])
    return rows, np.cumsum([0, *(len(group) for group in texts)])[:-1]


def sentences(answer: str) -> list[str]:
    """The parts of an answer, slots in words."""
    return re.split(r"(?<=[.;:]) ", SLOT.sub("so much", answer))


def main() -> int:
    """See the module."""
    entries = load_entries()
    if "--check" in sys.argv:
        load_vectors(entries.hash)
        sys.stdout.write(f"{len(entries.all)} entries, and their vectors belong to them\n")
        return 0
    count = build_vectors(entries, MiniLmEmbedder())
    sys.stdout.write(f"{VECTORS.name}: {count} phrasings of {len(entries.all)} entries\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DataError as error:
        sys.exit(error.message)
