"""Learns what asks for an explanation and what for an agent's work: `python -m graphs.general`.

Phrasings of the knowledge base against the utterances of the agents, on sentence vectors; those of the agent that
reads documents are neither. A knowledge base or utterances that changed a little do not ask for new weights.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from agents.general import READER
from desk.text.embedder import MiniLmEmbedder
from graphs.utterances import load_utterances
from rag.knowledge.build import BATCH
from rag.knowledge.entries import load_entries
from rag.knowledge.vectors import GENERAL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

INVERSE_REGULARISATION = 10.0


def main() -> int:
    """See the module."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    said = load_utterances()
    general = [text for entry in load_entries().all for text in (*entry.questions, *entry.asked)]
    work = [
        said.fill(text, at * 7)
        for agent, texts in said.agents.items()
        if agent != READER
        for at, text in enumerate(texts)
    ]
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=2000, class_weight="balanced")
    model.fit(_embed([*general, *work]), np.array([1] * len(general) + [0] * len(work)))
    np.savez(GENERAL, allow_pickle=False, weights=model.coef_[0].astype(np.float32), bias=model.intercept_[0])
    sys.stdout.write(f"{GENERAL.name}: {len(general)} general questions, {len(work)} for agents\n")
    return 0


def _embed(texts: list[str]) -> NDArray[np.float32]:
    import numpy as np

    embedder = MiniLmEmbedder()
    return np.concatenate([embedder.embed(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)])


if __name__ == "__main__":
    sys.exit(main())
