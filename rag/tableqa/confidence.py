"""How sure an answer is: a logistic of the rule, the finding's score and the words left over, fitted on read cases.

Weights stand in `confidence.json` with the version of the rules they were fitted for; `python -m evals.numbers.fit`
makes the file. A cut turns a confidence into an abstention.
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from rag.tableqa.problem import Draft, Problem
from rag.tableqa.route import table_cover, text_cover

WEIGHTS = Path(__file__).parent / "confidence.json"
RULES = 1
"""Raised when rules change so that old weights no longer fit."""


class Weights(BaseModel):
    """The fitted logistic: a weight a feature, absent ones 0, and the cut below which nothing is said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: int
    cases: int
    cut: float
    bias: float
    weights: dict[str, float]


@cache
def load_weights() -> Weights:
    """The shipped weights, read once."""
    return Weights.model_validate(json.loads(WEIGHTS.read_text(encoding="utf-8")))


def features(problem: Problem, draft: Draft) -> dict[str, float]:
    """What the confidence rests on, each about -1 to 1; the operation is a feature of its own."""
    table = table_cover(problem)
    out = {f"op:{draft.operation}": 1.0, "score": draft.score, "covered": table}
    if draft.cells:
        question = problem.question
        out["margin"] = min(problem.margin, 0.6)
        out["unscaled"] = float(not draft.scale and not problem.context.scale)
        out["year missing"] = float(any(y not in {x for c in draft.cells for x in c.years} for y in question.years))
        out["no year"] = float(not question.years)
        out["nil"] = float(any(c.amount.nil for c in draft.cells))
        out["bare"] = float(any(c.row.bare for c in draft.cells))
        out["text ahead"] = _best_text(problem) - table
    else:
        told = text_cover(problem, draft.quote) if draft.quote else 0.0
        out["told"] = told
        out["ahead"] = told - table
        out["long"] = min(len(draft.values[0].split()) / 40, 1.5) if draft.quote else 0.0
        out["rivals"] = _rivals(problem)
    return out


def confidence(found: dict[str, float], weights: Weights) -> float:
    """The probability of being right, 0 to 1."""
    total = weights.bias + sum(weights.weights.get(name, 0.0) * value for name, value in found.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def _best_text(problem: Problem) -> float:
    sentences = problem.sentences
    return text_cover(problem, sentences[0].sentence.text) if sentences else 0.0


def _rivals(problem: Problem) -> float:
    shares = [found.share for found in problem.sentences[:2]]
    return shares[0] - shares[1] if len(shares) > 1 else 1.0
