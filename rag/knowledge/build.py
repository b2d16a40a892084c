"""Makes the vectors of titles and phrasings: `python -m rag.knowledge.build`.

`--check` only says whether entries are sound and the vectors belong to them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from desk.errors import DataError
from desk.text.embedder import Embedder, MiniLmEmbedder
from rag.knowledge.entries import Entries, load_entries
from rag.knowledge.search import VECTORS, load_vectors

BATCH = 32


def build_vectors(entries: Entries, embedder: Embedder, path: Path = VECTORS) -> int:
    """Writes the file; how many phrasings it holds. The same entries give the same vectors up to rounding."""
    import numpy as np

    texts = [text for entry in entries.all for text in entry.phrasings]
    rows = [embedder.embed(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
    starts = np.cumsum([0, *(len(entry.phrasings) for entry in entries.all)])[:-1]
    np.savez(path, hash=entries.hash, vectors=np.concatenate(rows).astype(np.float16), starts=starts)
    return len(texts)


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
