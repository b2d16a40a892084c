"""Word vectors distilled from MiniLM: a sentence becomes the weighted mean of its pieces' vectors.

Each WordPiece was sent through the model alone, the result reduced by principal components and
weighted by rarity (log of its rank, Zipf). The mean costs microseconds, where the model costs
milliseconds. `python -m graphs.training --vectors` makes the file again.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from desk.text.tokenizer import Tokenizer
from graphs.features import TOKENS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from desk.text.embedder import Embedder

FILE = Path(__file__).parent / "word_vectors.npz"
WIDTH = 96
KEPT = 16_000
"""The most frequent pieces; WordPiece ids are ordered by frequency."""

_PLAIN = re.compile(r"(##)?[a-z0-9&$%]+")


class WordVectors:
    """The table, in memory. Safe to use from several threads."""

    def __init__(self, file: Path = FILE) -> None:
        import numpy as np

        with np.load(file) as stored:
            self._table = stored["table"].astype(np.float32) * stored["scale"]
            self._row = stored["row"]
        self._tokenizer = Tokenizer(TOKENS)

    def mean(self, text: str) -> tuple[NDArray[np.float32], int]:
        """The unit vector of shape (WIDTH,) and the number of tokens; zeros for a text without known pieces."""
        import numpy as np

        ids = self._tokenizer.encode([text]).ids[0]
        rows = self._row[ids]
        total = self._table[rows[rows >= 0]].sum(axis=0)
        length = float(np.linalg.norm(total))
        unit: NDArray[np.float32] = (total / length if length else total).astype(np.float32)
        return unit, len(ids)


def distil(embedder: Embedder, file: Path = FILE) -> None:
    """Writes the table: int8 of shape (pieces, WIDTH), one scale, and the row of each token id (-1: none)."""
    import json

    import numpy as np

    from desk.text.tokenizer import FILE as TOKENIZER

    vocabulary: dict[str, int] = json.loads(TOKENIZER.read_text(encoding="utf-8"))["model"]["vocab"]
    pieces = [p for p in sorted(vocabulary, key=lambda p: vocabulary[p]) if _PLAIN.fullmatch(p)][:KEPT]
    words = [piece.removeprefix("##") for piece in pieces]
    alone = np.concatenate([embedder.embed(words[i : i + 128]) for i in range(0, len(words), 128)])
    centred = alone - alone.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    weighted = (centred @ axes[:WIDTH].T) * np.log1p(np.arange(len(pieces)))[:, None]
    scale = float(np.abs(weighted).max()) / 127
    row = np.full(max(vocabulary.values()) + 1, -1, dtype=np.int16)
    row[[vocabulary[piece] for piece in pieces]] = np.arange(len(pieces))
    np.savez_compressed(file, table=np.round(weighted / scale).astype(np.int8), scale=np.float32(scale), row=row)
