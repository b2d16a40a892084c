"""Makes the vectors of titles, phrasings and answers: `python -m rag.knowledge.build`.

`--check` only says whether entries are sound and the vectors belong to them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from desk.errors import DataError
from desk.facts import SLOT
from desk.text.embedder import Embedder, MiniLmEmbedder
from rag.knowledge.entries import Entries, load_entries
from rag.knowledge.search import VECTORS, load_vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 32


def build_vectors(entries: Entries, embedder: Embedder, path: Path = VECTORS) -> int:
    """Writes the file; how many phrasings it holds. The same entries give the same vectors up to rounding."""
    import numpy as np

    texts = [text for entry in entries.all for text in entry.phrasings]
    starts = np.cumsum([0, *(len(entry.phrasings) for entry in entries.all)])[:-1]
    answers = np.stack([_mean(embedder.embed(sentences(entry.answer))) for entry in entries.all])
    rows = np.concatenate([embedder.embed(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)])
    stored = {"vectors": rows.astype(np.float16), "answers": answers.astype(np.float16), "starts": starts}
    np.savez(path, hash=entries.hash, allow_pickle=False, **stored)
    return len(texts)


def sentences(answer: str) -> list[str]:
    """The parts of an answer, slots in words."""
    return re.split(r"(?<=[.;:]) ", SLOT.sub("so much", answer))


def _mean(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    total = vectors.sum(axis=0)
    unit: NDArray[np.float32] = total / (total @ total) ** 0.5
    return unit


def main() -> int:
    """See the module."""
    entries = load_entries()
    if "--check" in sys.argv:
        load_vectors(entries)
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
