"""Fits the confidence of table answers on the read half of a file: `python -m evals.numbers.fit FILE`.

Writes `rag/tableqa/confidence.json`. A logistic with an L2 penalty, by Newton's method (iteratively reweighted least
squares, Hastie, Tibshirani & Friedman 2009, 4.4.1). Contexts of the unread half take no part, in the cut neither: it is
set and not fitted.
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
from rag.tableqa.confidence import RULES, WEIGHTS, Weights, features
from rag.tableqa.problem import Context, Problem
from rag.tableqa.question import read_question

if TYPE_CHECKING:
    from numpy.typing import NDArray

PENALTY = 1.5
CUT = 0.5
"""What is said is more likely right than wrong."""
RAREST = 4
"""An operation seen less often shares the weight of all rare ones, which is none."""


class Sample(NamedTuple):
    """One answered question: its features, and whether it is right."""

    found: dict[str, float]
    right: bool


def collect(cases: Sequence[TableCase]) -> tuple[list[Sample], int]:
    """Samples of all questions that some rule answers, and how many questions there are."""
    samples, asked = [], 0
    for case in cases:
        context = Context(case.table.table, case.texts)
        for question in case.questions:
            asked += 1
            problem = Problem(context, read_question(question.question))
            draft = find_draft(problem)
            if draft is not None:
                said = score(question.gold, question.scale, question.answer_type, draft.values, draft.scale)
                samples.append(Sample(features(problem, draft), said.exact == 1.0))
    return samples, asked


def fit(samples: Sequence[Sample]) -> Weights:
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
    return Weights(rules=RULES, cases=len(samples), cut=CUT, bias=round(float(beta[0]), 4), weights=weights)


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


def main(path: str) -> None:
    """Fits and writes."""
    samples, asked = collect([case for case in load_tables(Path(path)) if not case.unread])
    weights = fit(samples)
    WEIGHTS.write_text(json.dumps(weights.model_dump(), indent=1) + "\n", encoding="utf-8")
    print(f"{len(samples)} answers to {asked} questions")  # noqa: T201 - a command


if __name__ == "__main__":
    main(sys.argv[1])
