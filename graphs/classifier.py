"""Which agents a question is for, learned from utterances; numpy only.

Two stages with one label set, and *presence*: which agents are in the question at all. *Words*
(pieces, terms of art, word vectors) costs well under a millisecond. *Sentence* adds the vector of
MiniLM to pieces and terms, and is asked only when words leave a doubt; words keep a share of the say.
Both are multinomial logistic regressions (`graphs/training.py`); presence is one regression an agent
(`graphs/presence.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from desk.errors import DataError
from graphs.features import LONGEST, VERSION, Terms, count_pieces, plain, weigh_pieces
from graphs.utterances import load_utterances
from graphs.word_vectors import WordVectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS = Path(__file__).parent / "routing.npz"
SHORTEST_CLAUSE = 2
WORDS_SHARE = 0.25
"""What the words' scores count beside the sentence's once both are there."""

CLAUSE_CERTAIN = 0.9
"""Margin from which a clause counts without the whole question's word."""

_JOIN = re.compile(r"[?.;!]\s+|\s*[,;]\s*(?:and|then|also|plus|but)?\s+|\s+(?:and|then|also|plus|as well as)\s+")
_PAIR = re.compile(r"\b(between (?:\S+ ){1,6})and\b", re.IGNORECASE)
"""Two things that are told apart are one clause."""
_TAIL = re.compile(r",\s+(?=which (?:one |of \w+ )?(?:is|has|was|had)\b)|,?\s+and so on\b|,?\s+etc\b", re.IGNORECASE)
"""What is no clause of its own: a comparison's question, and words for more of the same."""
NEAREST = 3
_HANGS_ON = frozenset(
    ["at", "with", "without", "by", "under", "over", "in", "for", "to", "of", "on", "from", "per", "than", "except"]
)
"""A clause that begins so only narrows the one before."""


@dataclass(frozen=True)
class Guess:
    """Probabilities by agent, the likeliest first."""

    probabilities: tuple[tuple[str, float], ...]

    @property
    def best(self) -> str:
        """The likeliest agent."""
        return self.probabilities[0][0]

    @property
    def second(self) -> str:
        """The one after it."""
        return self.probabilities[1][0]

    @property
    def margin(self) -> float:
        """How far the likeliest is ahead of the next, 0 to 1."""
        return self.probabilities[0][1] - self.probabilities[1][1]


@dataclass(frozen=True)
class Read:
    """A question's cheap features, made once for both stages."""

    text: str
    tokens: int
    vector: NDArray[np.float32]
    places: NDArray[np.int64]
    weights: NDArray[np.float32]
    terms: NDArray[np.float32]


class Classifier:
    """Loaded weights. Safe to use from several threads."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        """DataError when the weights were made from another utterance file or other features."""
        import numpy as np

        self._said = load_utterances()
        with np.load(weights) as stored:
            if str(stored["hash"]) != self._said.hash or int(stored["features"]) != VERSION:
                raise DataError(
                    f"{weights.name} was not made from the present graphs/utterances.yaml and features; "
                    "run python -m graphs.training"
                )
            self.agents = tuple(str(name) for name in stored["agents"])
            self._words = {part: stored[f"words_{part}"].astype(np.float32) for part in _PARTS}
            self._sentence = {part: stored[f"sentence_{part}"].astype(np.float32) for part in _PARTS}
            self._presence = {part: stored[f"presence_{part}"].astype(np.float32) for part in _PARTS}
            self._centre, self._spread = stored["centre"], float(stored["spread"])
            self._idf = stored["idf"].astype(np.float32)
            self.sure, self.clause_sure, self.margin = (float(stored[n]) for n in ("sure", "clause_sure", "margin"))
            self.present = float(stored["present"])
        self._vectors, self._terms = WordVectors(), Terms(self._said.terms)
        self._known: tuple[list[tuple[str, str]], NDArray[np.float32]] | None = None

    def read(self, question: str) -> Read:
        """The cheap features of a question."""
        import numpy as np

        text = plain(question)
        vector, tokens = self._vectors.mean(text)
        places, weights = weigh_pieces(count_pieces(text), self._idf)
        return Read(text, tokens, vector, places, weights, np.array(self._terms.counts(text), dtype=np.float32))

    def by_words(self, read: Read) -> Guess:
        """The first stage."""
        return self._guess(self._score(self._words, read, read.vector))

    def by_sentence(self, read: Read, vector: NDArray[np.float32]) -> Guess:
        """Both stages weighed, with the sentence vector of shape (384,)."""
        sentence = self._score(self._sentence, read, (vector - self._centre) / self._spread)
        words = self._score(self._words, read, read.vector)
        return self._guess(WORDS_SHARE * words + (1 - WORDS_SHARE) * sentence)

    def by_clauses(self, read: Read, question: str, known: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The agents its clauses are for when they surely name at least two, else none.

        `known` are in it anyway. Another counts only when the whole question also seems to hold it, or a clause
        leaves no doubt.
        """
        clauses = [
            part
            for part in _JOIN.split(_PAIR.sub(r"\1or", _TAIL.sub(" ", question[: 2 * LONGEST])))
            if len(part.split()) >= SHORTEST_CLAUSE
        ]
        clauses = [part for part in clauses if part.split()[0].casefold() not in _HANGS_ON]
        if len(clauses) < 2:
            return ()
        guesses = [self.by_words(self.read(clause)) for clause in clauses]
        held = self.presence(read)
        named = [
            guess.best
            for guess in guesses
            if guess.margin >= (self.clause_sure if held[guess.best] >= self.present else CLAUSE_CERTAIN)
        ]
        found = dict.fromkeys((*known, *named))
        return tuple(found) if len(found) > 1 else ()

    def presence(self, read: Read) -> dict[str, float]:
        """For each agent, how likely it is that the question holds something for it."""
        import numpy as np

        shares = 1 / (1 + np.exp(-self._score(self._presence, read, read.vector)))
        return {agent: float(share) for agent, share in zip(self.agents, shares, strict=True)}

    def terms(self, question: str) -> dict[str, tuple[str, ...]]:
        """The terms of art in it, by agent."""
        return self._terms.found(plain(question))

    def nearest(self, read: Read) -> list[tuple[str, str, float]]:
        """The utterances nearest by word vectors: agent, utterance, cosine."""
        import numpy as np

        said, vectors = self._utterances()
        likeness = vectors @ read.vector
        order = np.argsort(-likeness)[:NEAREST]
        return [(*said[i], round(float(likeness[i]), 3)) for i in order]

    def _utterances(self) -> tuple[list[tuple[str, str]], NDArray[np.float32]]:
        import numpy as np

        if self._known is None:
            said = [(agent, text) for agent, texts in self._said.agents.items() for text in texts]
            rows = [self._vectors.mean(plain(self._said.fill(text, 0)))[0] for _, text in said]
            self._known = said, np.stack(rows)
        return self._known

    def _score(
        self, part: dict[str, NDArray[np.float32]], read: Read, vector: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        scores = read.weights @ part["pieces"][read.places] + vector @ part["vector"] + read.terms @ part["terms"]
        found: NDArray[np.float32] = scores + part["bias"]
        return found

    def _guess(self, scores: NDArray[np.float32]) -> Guess:
        import numpy as np

        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        order = np.argsort(-shares)
        return Guess(tuple((self.agents[i], round(float(shares[i]), 4)) for i in order))


_PARTS = ("pieces", "vector", "terms", "bias")
