"""Fits the confidence of table answers on the read half of a file: `python -m evals.numbers.fit FILE`.

Writes `rag/tableqa/confidence.json`. A logistic with an L2 penalty, by Newton's method (iteratively reweighted least
squares, Hastie, Tibshirani & Friedman 2009, 4.4.1). Contexts of the unread half take no part. The cut is the lowest
at which, in ten-fold cross-validation by context, at most MOST_WRONG of all read questions are answered wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evals.numbers.dataset import TableCase, load_tables
from evals.numbers.score import score
from rag.tableqa.answer import find_draft
from rag.tableqa.confidence import RULES, WEIGHTS, Weights, confidence, features
from rag.tableqa.problem import Context, Problem
from rag.tableqa.question import read_question

if TYPE_CHECKING:
    from numpy.typing import NDArray

PENALTY = 1.5
FOLDS = 10
MOST_WRONG = 0.15
RAREST = 4
"""An operation seen less often shares the weight of all rare ones, which is none."""


class Sample(NamedTuple):
    """One answered question: its features, whether it is right, and which context it is of."""

    found: dict[str, float]
    right: bool
    context: int


def collect(cases: Sequence[TableCase]) -> tuple[list[Sample], int]:
    """Samples of all questions that some rule answers, and how many questions there are."""
    samples, asked = [], 0
    for number, case in enumerate(cases):
        context = Context(case.table.table, case.texts)
        for question in case.questions:
            asked += 1
            problem = Problem(context, read_question(question.question))
            draft = find_draft(problem)
            if draft is not None:
                said = score(question.gold, question.scale, question.answer_type, draft.values, draft.scale)
                samples.append(Sample(features(problem, draft), said.exact == 1.0, number))
    return samples, asked


def fit(samples: Sequence[Sample], cut: float) -> Weights:
    """The logistic of these samples."""
    counts: dict[str, int] = {}
    for sample in samples:
        for name in sample.found:
            counts[name] = counts.get(name, 0) + 1
    names = sorted(name for name, count in counts.items() if count >= RAREST)
    x = np.array([[1.0, *(sample.found.get(name, 0.0) for name in names)] for sample in samples])
    y = np.array([float(sample.right) for sample in samples])
    beta = _newton(x, y)
    weights = {name: round(float(value), 4) for name, value in zip(names, beta[1:], strict=True)}
    return Weights(rules=RULES, cases=len(samples), cut=cut, bias=round(float(beta[0]), 4), weights=weights)


def _newton(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    penalty = np.eye(x.shape[1]) * PENALTY
    penalty[0, 0] = 0.0
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ beta))
        gradient = x.T @ (y - p) - penalty @ beta
        step = np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]) + penalty, gradient)
        beta += step
        if np.abs(step).max() < 1e-9:
            break
    return beta


def choose_cut(samples: Sequence[Sample], asked: int) -> float:
    """The lowest cut, in hundredths, that keeps wrong answers at or below MOST_WRONG of all, out of fold."""
    held = []
    for fold in range(FOLDS):
        weights = fit([s for s in samples if s.context % FOLDS != fold], 0.0)
        held += [(confidence(s.found, weights), s.right) for s in samples if s.context % FOLDS == fold]
    for hundredth in range(100):
        wrong = sum(not right for sure, right in held if sure >= hundredth / 100)
        if wrong <= MOST_WRONG * asked:
            return hundredth / 100
    return 0.99


def main(path: str) -> None:
    """Fits and writes."""
    samples, asked = collect([case for case in load_tables(Path(path)) if not case.unread])
    weights = fit(samples, choose_cut(samples, asked))
    WEIGHTS.write_text(json.dumps(weights.model_dump(), indent=1) + "\n", encoding="utf-8")
    print(f"{len(samples)} answers to {asked} questions; cut {weights.cut}")  # noqa: T201 - a command


if __name__ == "__main__":
    main(sys.argv[1])
