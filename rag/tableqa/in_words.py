"""Operations on amounts that a sentence lists for several years: sum, average, change and percentage change."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.tableqa.amounts import Amount, Scale, find_amounts
from rag.tableqa.cues import AVERAGE, CHANGE, PERCENT_CHANGE, SUM
from rag.tableqa.problem import Draft, Problem, number
from rag.tableqa.route import asks_words, prefers_text
from rag.tableqa.texts import amounts_in_text


def calculate_in_words(problem: Problem) -> Draft | None:
    """The operation over the amounts of the years named, when the paragraphs and not the table speak of them."""
    question = problem.question
    if len(question.years) < 2 or asks_words(problem) or not any(question.asks(p) for p in (AVERAGE, CHANGE, SUM)):
        return None
    if problem.top is not None and not prefers_text(problem):
        return None
    listed = amounts_in_text(problem)
    if listed is None or len(listed.values) < 2 or re.search(r"respective", question.low):
        return None
    amounts = [found[0] for text in listed.values if (found := find_amounts(text))]
    if len(amounts) < len(listed.values) or len({a.scale for a in amounts}) > 1:
        return None
    pairs = sorted(zip(question.order, amounts, strict=True), key=lambda pair: pair[0])
    draft = _result(problem, [amount for _, amount in pairs], listed.score)
    return Draft(draft.operation, draft.values, draft.scale, draft.formula, (), draft.score, listed.quote)


def _result(problem: Problem, amounts: list[Amount], score: float) -> Draft:
    question, scale = problem.question, amounts[0].scale
    values, texts = [a.value for a in amounts], [a.text for a in amounts]
    if question.asks(PERCENT_CHANGE) and values[0]:
        ratio = (values[-1] - values[0]) / values[0] * 100
        return _number("percentage change", ratio, "percent", f"({texts[-1]} - {texts[0]}) / {texts[0]}", score)
    if question.asks(AVERAGE):
        mean = sum(values, Decimal(0)) / len(values)
        return _number("average", mean, scale, f"({' + '.join(texts)}) / {len(values)}", score)
    if question.asks(SUM):
        return _number("sum", sum(values, Decimal(0)), scale, " + ".join(texts), score)
    return _number("change", values[-1] - values[0], scale, f"{texts[-1]} - {texts[0]}", score)


def _number(operation: str, value: Decimal, scale: Scale, formula: str, score: float) -> Draft:
    return number(f"{operation} in text", value, scale, formula, (), score)
