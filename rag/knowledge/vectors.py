"""The vectors by which a question is compared with entries, in a space where entries lie apart.

MiniLM's own space spreads what all questions have in common as widely as what tells them apart. It is stretched
(`whitening`): the spread within entries, of phrasings around their entry's mean, is made even in all directions, so
that what differs between entries counts more. Within-class covariance normalisation as speaker recognition uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from desk.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VECTORS = Path(__file__).parent / "vectors.npz"
GENERAL = Path(__file__).parent / "general.npz"
"""A logistic regression made by `python -m graphs.general`: weights of shape (384,) and a bias."""

NEAREST, CENTRE, SENTENCE, ANSWER = 0.4, 0.2, 0.2, 0.2
"""Weights: the nearest phrasing, all phrasings on average, the nearest sentence of the answer, the answer whole."""

EVEN = 0.003
"""Added to each direction's variance: those along which entries hardly spread are not blown up."""


class Vectors(NamedTuple):
    """Unit vectors in the stretched space, shape (rows, 384) each; `*_starts` says where each entry's rows begin."""

    stretch: NDArray[np.float32]
    phrasings: NDArray[np.float32]
    starts: NDArray[np.int64]
    sentences: NDArray[np.float32]
    sentence_starts: NDArray[np.int64]
    answers: NDArray[np.float32]

    def near(self, question: NDArray[np.float32]) -> NDArray[np.float32]:
        """How near a question's vector is to each entry, shape (entries,)."""
        import numpy as np

        asked = unit(question @ self.stretch)
        likes = self.phrasings @ asked
        counts = np.diff(np.append(self.starts, len(likes)))
        found: NDArray[np.float32] = (
            NEAREST * np.maximum.reduceat(likes, self.starts)
            + CENTRE * np.add.reduceat(likes, self.starts) / counts
            + SENTENCE * np.maximum.reduceat(self.sentences @ asked, self.sentence_starts)
            + ANSWER * (self.answers @ asked)
        )
        return found.astype(np.float32)


def whitening(rows: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """The matrix, shape (384, 384), that evens out how rows spread around the mean of their group."""
    import numpy as np

    counts = np.diff(np.append(starts, len(rows)))
    means = np.add.reduceat(rows, starts) / counts[:, None]
    spread = rows - np.repeat(means, counts, axis=0)
    axes, sizes, _ = np.linalg.svd(spread.T @ spread / len(spread))
    stretch: NDArray[np.float32] = (axes / np.sqrt(sizes + EVEN)) @ axes.T
    return stretch


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row of length one."""
    import numpy as np

    scaled: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled


def save_vectors(vectors: Vectors, hash: str, path: Path = VECTORS) -> None:
    """Writes the file: rows as steps of 1/127, the stretch in half precision."""
    import numpy as np

    rows = (np.round(rows * 127).astype(np.int8) for rows in (vectors.phrasings, vectors.sentences, vectors.answers))
    phrasings, sentences, answers = rows
    np.savez_compressed(
        path,
        hash=np.array(hash),
        stretch=vectors.stretch.astype(np.float16),
        phrasings=phrasings,
        starts=vectors.starts,
        sentences=sentences,
        sentence_starts=vectors.sentence_starts,
        answers=answers,
    )


def load_vectors(hash: str, path: Path = VECTORS) -> Vectors:
    """The vectors of the entries of this hash. DataError when the file was made from other entries."""
    import numpy as np

    try:
        with np.load(path) as stored:
            if str(stored["hash"]) == hash:
                return Vectors(
                    stretch=stored["stretch"].astype(np.float32),
                    phrasings=unit(stored["phrasings"].astype(np.float32)),
                    starts=stored["starts"].astype(np.int64),
                    sentences=unit(stored["sentences"].astype(np.float32)),
                    sentence_starts=stored["sentence_starts"].astype(np.int64),
                    answers=unit(stored["answers"].astype(np.float32)),
                )
    except FileNotFoundError:
        pass
    raise DataError(f"{path.name} was not made from the present entries; run python -m rag.knowledge.build")


def load_general(path: Path = GENERAL) -> Callable[[NDArray[np.float32]], float]:
    """How likely a question's vector is one for explanations, in [0, 1]. DataError without the file."""
    import numpy as np

    try:
        with np.load(path) as stored:
            weights, bias = stored["weights"].astype(np.float32), float(stored["bias"])
    except FileNotFoundError:
        raise DataError(f"{path.name} is missing; run python -m graphs.general") from None
    return lambda vector: float(1 / (1 + np.exp(-(vector @ weights + bias))))
