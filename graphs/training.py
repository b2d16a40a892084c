"""Makes the weights of the question classifier from the utterance file, and says how good they are.

`python -m graphs.training` trains and writes `routing.npz` with a report on standard output
(cross-validated accuracy, per agent, confusions); `--check` only says whether the weights belong
to the present file; `--vectors` distils the word vectors again first. Deterministic: the same file
gives the same weights up to rounding.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from desk.errors import DataError
from graphs import features, word_vectors
from graphs.classifier import WEIGHTS, Classifier
from graphs.features import LAYERS, PIECES, TOKENS, Terms, count_pieces, plain, weigh_pieces
from graphs.presence import Question, build_questions, fit_presence
from graphs.utterances import Utterances, load_utterances

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDS = 5
INVERSE_REGULARISATION = 10.0
SURE = 0.75
"""Margin of the words stage from which the sentence is not asked."""

CLAUSE_SURE = 0.35
PRESENT = 0.3
"""How present an agent must be in the whole question for its clause to count."""
ABSTAINED = 0.28
"""Share of the cross-validated utterances whose margin is too small; the margin found is stored."""


@dataclass(frozen=True)
class Table:
    """The training rows. `group` is the utterance a row is a copy of; copies share one weight of 1.

    Sentence vectors are taken from their `centre` and divided by their mean `spread` around it.
    """

    texts: list[str]
    label: NDArray[np.int64]
    group: NDArray[np.int64]
    weight: NDArray[np.float64]
    idf: NDArray[np.float32]
    centre: NDArray[np.float32]
    spread: float
    words: NDArray[np.float32]
    sentences: NDArray[np.float32]
    rest: NDArray[np.float32]


def build_table(said: Utterances) -> Table:
    """Every utterance with names put in, as features."""
    import numpy as np

    from desk.text.embedder import MiniLmEmbedder

    texts, label, group, weight = [], [], [], []
    number = 0
    for place, utterances in enumerate(said.agents.values()):
        for utterance in utterances:
            copies = said.copies(utterance, number)
            texts += [plain(copy) for copy in copies]
            label += [place] * len(copies)
            group += [number] * len(copies)
            weight += [1 / len(copies)] * len(copies)
            number += 1
    counts = [count_pieces(text) for text in texts]
    seen = np.bincount(np.concatenate([list(c) for c in counts if c]), minlength=PIECES)
    idf = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
    terms, vectors, embedder = Terms(said.terms), word_vectors.WordVectors(), MiniLmEmbedder(TOKENS, LAYERS)
    rest = np.zeros((len(texts), PIECES + len(said.agents)), dtype=np.float32)
    for row, (text, found) in enumerate(zip(texts, counts, strict=True)):
        places, weights = weigh_pieces(found, idf)
        rest[row, places] = weights
        rest[row, PIECES:] = terms.counts(text)
    words = np.stack([vectors.mean(text)[0] for text in texts])
    sentences = np.concatenate([embedder.embed([text]) for text in texts])
    centre = sentences.mean(axis=0)
    spread = float(np.linalg.norm(sentences - centre, axis=1).mean())
    sentences = (sentences - centre) / spread
    return Table(texts, np.array(label), np.array(group), np.array(weight), idf, centre, spread, words, sentences, rest)


class Fitted(NamedTuple):
    """Coefficients of shape (features, agents) and the bias of shape (agents,)."""

    coefficients: NDArray[np.float64]
    bias: NDArray[np.float64]

    def probabilities(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Of shape (rows, agents)."""
        import numpy as np

        scores = rows @ self.coefficients + self.bias
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        normal: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
        return normal


def fit(rows: NDArray[np.float32], label: NDArray[np.int64], weight: NDArray[np.float64]) -> Fitted:
    """Multinomial logistic regression with an L2 penalty."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=400)
    model.fit(csr_matrix(rows), label, sample_weight=weight)
    return Fitted(model.coef_.T, model.intercept_)


def cross_validate(rows: NDArray[np.float32], table: Table) -> NDArray[np.float64]:
    """Probabilities of every row by a model that saw no copy of its utterance."""
    import numpy as np

    fold = np.random.default_rng(0).permutation(int(table.group.max()) + 1) % FOLDS
    found = np.zeros((len(rows), int(table.label.max()) + 1))
    for number in range(FOLDS):
        held = fold[table.group] == number
        fitted = fit(rows[~held], table.label[~held], table.weight[~held])
        found[held] = fitted.probabilities(rows[held])
    return found


def train() -> list[str]:
    """Writes the weights; returns the report's lines."""
    import numpy as np

    said = load_utterances()
    table = build_table(said)
    agents = list(said.agents)
    stages = {"words": np.hstack([table.rest, table.words]), "sentence": np.hstack([table.rest, table.sentences])}
    found = {name: cross_validate(rows, table) for name, rows in stages.items()}
    both = np.where((_ahead(found["words"]) >= SURE)[:, None], found["words"], found["sentence"])
    stored: dict[str, object] = {}
    for name, rows in stages.items():
        fitted = fit(rows, table.label, table.weight)
        stored |= _parts(name, fitted.coefficients, fitted.bias, len(agents))
    stored["centre"], stored["spread"] = table.centre, np.float32(table.spread)
    about = {"hash": said.hash, "features": features.VERSION, "agents": agents, "idf": table.idf.astype(np.float16)}
    present = fit_presence(_rows_of(questions := build_questions(said), said, table), questions, agents)
    stored |= _parts("presence", present.coefficients, present.bias, len(agents))
    limits = {
        "present": PRESENT,
        "sure": SURE,
        "clause_sure": CLAUSE_SURE,
        "margin": np.quantile(_ahead(both), ABSTAINED),
    }
    np.savez_compressed(
        WEIGHTS, allow_pickle=False, **{k: np.asarray(v) for k, v in {**stored, **about, **limits}.items()}
    )
    return _report(said, table, {**found, "both": both}, float(limits["margin"]))


def _parts(
    name: str, coefficients: NDArray[np.float64], bias: NDArray[np.float64], agents: int
) -> dict[str, NDArray[np.floating]]:
    """Coefficients as they are stored, by kind of feature."""
    import numpy as np

    small, first = coefficients.astype(np.float16), PIECES + agents
    return {
        f"{name}_pieces": small[:PIECES],
        f"{name}_terms": small[PIECES:first],
        f"{name}_vector": small[first:],
        f"{name}_bias": bias.astype(np.float32),
    }


def _rows_of(questions: list[Question], said: Utterances, table: Table) -> NDArray[np.float32]:
    """The features of the words stage, of shape (questions, features)."""
    import numpy as np

    terms, vectors = Terms(said.terms), word_vectors.WordVectors()
    rows = np.zeros((len(questions), PIECES + len(said.agents)), dtype=np.float32)
    texts = [plain(question.say) for question in questions]
    for row, text in enumerate(texts):
        places, weights = weigh_pieces(count_pieces(text), table.idf)
        rows[row, places] = weights
        rows[row, PIECES:] = terms.counts(text)
    return np.hstack([rows, np.stack([vectors.mean(text)[0] for text in texts])])


def _ahead(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the likeliest agent of each row is ahead of the next."""
    import numpy as np

    best: NDArray[np.float64] = np.sort(shares, axis=1)[:, -2:]
    return best[:, 1] - best[:, 0]


def _report(said: Utterances, table: Table, found: dict[str, NDArray[np.float64]], margin: float) -> list[str]:
    import numpy as np

    agents, label = list(said.agents), table.label
    lines = [f"{int(table.group.max()) + 1} utterances, version {said.version}, {FOLDS} folds, hash {said.hash[:12]}"]
    alone = np.average(_ahead(found["words"]) >= SURE, weights=table.weight)
    lines.append(f"decided by words alone: {alone:.3f}; margin for an answer: {margin:.3f}")
    for name, shares in found.items():
        order = np.argsort(-shares, axis=1)
        right, top2 = order[:, 0] == label, (order[:, :2] == label[:, None]).any(axis=1)
        ahead = _ahead(shares) >= margin
        kept = np.average(ahead, weights=table.weight)
        lines.append(
            f"{name:9} accuracy {np.average(right, weights=table.weight):.3f}"
            f"  top two {np.average(top2, weights=table.weight):.3f}"
            f"  answered {kept:.3f} of them right {np.average(right[ahead], weights=table.weight[ahead]):.3f}"
        )
    chosen = found["both"].argmax(axis=1)
    for place, agent in enumerate(agents):
        own = label == place
        wrong = [agents[i] for i in chosen[own] if i != place]
        worst = max(set(wrong), key=wrong.count) if wrong else "nothing"
        share = np.average(chosen[own] == place, weights=table.weight[own])
        lines.append(f"  {agent:15} {share:.3f}  most often taken for {worst}")
    return [*lines, *_report_clauses(said)]


def _report_clauses(said: Utterances) -> list[str]:
    classifier = Classifier()
    asked = [(said.fill(row.say, 3), set(row.agents)) for row in said.several]

    def clauses(question: str) -> set[str]:
        return set(classifier.by_clauses(classifier.read(question), question))

    chosen = [(clauses(question), agents) for question, agents in asked]
    named, right = sum(len(got) for got, _ in chosen), sum(len(got & want) for got, want in chosen)
    wanted, exact = sum(len(want) for _, want in chosen), sum(got == want for got, want in chosen)
    singles = [said.fill(row.say, 3) for row in said.one_thing]
    singles += [said.fill(text, 3) for texts in said.agents.values() for text in texts]
    split = sum(bool(clauses(question)) for question in singles)
    return [
        f"several at once (fitted here): precision {right / max(1, named):.3f}  recall {right / wanted:.3f}"
        f"  exact {exact} of {len(chosen)}; single questions split: {split} of {len(singles)}"
    ]


def main() -> int:
    """See the module."""
    if "--check" in sys.argv:
        Classifier()
        sys.stdout.write(f"{WEIGHTS.name} belongs to the present utterances\n")
        return 0
    if "--vectors" in sys.argv:
        from desk.text.embedder import MiniLmEmbedder

        word_vectors.distil(MiniLmEmbedder(16))
    sys.stdout.write("\n".join(train()) + "\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DataError as error:
        sys.exit(error.message)
