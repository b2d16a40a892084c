"""Training of what a question holds: which agents are in it at all, several of them or one.

The rows are the utterances, questions made of two of them by a join, and the file's own questions
about several things and about one thing in several clauses. One logistic regression an agent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphs.utterances import Utterances

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

JOINED = 4000
JOINS = (" and ", " then ", "? ", ", and ", "; also ", ". ", " plus ", ", then ", "? and ")
OWN_WEIGHT = 5.0
"""What a question of the file weighs against one made of two utterances."""
INVERSE_REGULARISATION = 10.0


class Question(NamedTuple):
    """One training row: the agents that it holds."""

    say: str
    agents: tuple[str, ...]
    weight: float = 1.0


class Present(NamedTuple):
    """Coefficients of shape (features, agents) and the bias of shape (agents,)."""

    coefficients: NDArray[np.float64]
    bias: NDArray[np.float64]


def build_questions(said: Utterances) -> list[Question]:
    """The training rows; the same file gives the same rows."""
    import numpy as np

    single = [
        Question(said.fill(text, number), (agent,))
        for agent, texts in said.agents.items()
        for number, text in enumerate(texts)
    ]
    dice = np.random.default_rng(0)
    joined = []
    for first, second, join in dice.integers((len(single), len(single), len(JOINS)), size=(JOINED, 3)):
        (one, agents, _), (two, more, _) = single[first], single[second]
        joined.append(Question(f"{one}{JOINS[join]}{two}", tuple(dict.fromkeys((*agents, *more)))))
    own = [
        Question(said.fill(row.say, number), row.agents, OWN_WEIGHT)
        for number, row in enumerate((*said.several, *said.one_thing))
    ]
    return [*single, *joined, *own]


def fit_presence(rows: NDArray[np.float32], questions: list[Question], agents: list[str]) -> Present:
    """One regression an agent over rows of shape (questions, features)."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    sparse, weight = csr_matrix(rows), [question.weight for question in questions]
    coefficients, bias = [], []
    for agent in agents:
        held = [agent in question.agents for question in questions]
        model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=400)
        model.fit(sparse, held, sample_weight=weight)
        coefficients.append(model.coef_[0])
        bias.append(model.intercept_[0])
    return Present(np.stack(coefficients, axis=1), np.array(bias))
