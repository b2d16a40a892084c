"""Exact match and F1 of an answer with a scale, as TAT-QA counts them (Zhu et al. 2021, after DROP, Dua et al. 2019).

Spans are sorted and joined. A number is compared after its scale, at four decimals, of which the number itself has two;
a number without a scale also counts unrounded, so that 0.2342 is 23.42 per cent. Words are compared in lower case
without articles and punctuation. F1 is that of the two sets of words; a computed or counted answer has F1 = exact.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from typing import NamedTuple

_POWERS = {"": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "percent": 0.01}
_BARE = str.maketrans("", "", "$,%()£€¥")
_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_NEGATIVE = re.compile(r"\(\d+[\d.,]*\s*\)")
_COMPUTED = frozenset({"arithmetic", "count"})


class Score(NamedTuple):
    """Exact match (0 or 1) and F1 (0 to 1, two decimals)."""

    exact: float
    f1: float


def score(gold: Sequence[str], gold_scale: str, kind: str, said: Sequence[str], said_scale: str) -> Score:
    """The score of an answer; nothing said scores 0."""
    if not said or not gold:
        return Score(0.0, 0.0)
    wanted = _normal(_joined(gold, gold_scale))
    forms = [_joined(said, said_scale)]
    if len(said) == 1 and not said_scale and "%" not in said[0]:
        value = read_value(said[0])
        forms += [] if value is None else [f"{value:.4f}"]
    best = max(_compare(_normal(form), wanted) for form in forms)
    return Score(best.exact, best.exact) if kind in _COMPUTED else best


def read_value(text: str) -> float | None:
    """The number that a span is, with a scale word, % sign or brackets of a negative; None for other text."""
    words = [word.translate(_BARE) for word in text.split()]
    words = [word for word in words if word]
    try:
        value = float(words[0])
    except (IndexError, ValueError):
        return None
    if value != value or (len(words) >= 2 and words[1].lower() not in _WORD_POWERS):
        return None
    power = _WORD_POWERS[words[1].lower()] if len(words) >= 2 else 1.0
    sign = -1.0 if _NEGATIVE.search(text.replace("$", "").replace("£", "")) else 1.0
    return round(value * power * sign * (0.01 if "%" in text and power != _POWERS["percent"] else 1.0), 4)


_WORD_POWERS = {
    **{word: _POWERS[word] for word in ("thousand", "million", "billion", "percent")},
    **{f"{word}s": _POWERS[word] for word in ("thousand", "million", "billion")},
}


def _joined(spans: Sequence[str], scale: str) -> str:
    out = []
    for span in sorted(spans):
        value = read_value(span)
        if value is None:
            out.append(f"{span} {scale}" if scale else span)
        elif "%" in span:
            out.append(f"{value:.4f}")
        else:
            out.append(f"{round(value, 2) * _POWERS[scale]:.4f}")
    return " ".join(out)


def _normal(text: str) -> tuple[str, ...]:
    tokens = []
    for token in re.split(r"[ -]", text.lower()) if read_value(text) is None else [text]:
        if read_value(token) is None:
            bare = "".join(c for c in token if c not in string.punctuation)
            tokens += _ARTICLE.sub(" ", bare).split()
        else:
            tokens.append(str(read_value(token)))
    return tuple(tokens)


def _compare(said: tuple[str, ...], wanted: tuple[str, ...]) -> Score:
    common = len(set(said) & set(wanted))
    precision = common / len(set(said)) if said else 1.0
    recall = common / len(set(wanted)) if wanted else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Score(float(said == wanted), round(f1, 2))
