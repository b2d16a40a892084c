"""How a sentence about a company or price sounds, by rules and without a language model.

Three kinds of evidence are added up: a measure that moves (direction × polarity: "costs rose" is
bad), a comparison of two numbers ("EUR 5 m, compared with 3 m"), and events ("wins order",
"profit warning"). A negator before a piece of evidence turns it round. The words are our own and
stand in `sentiment.yaml`; no word list or labelled text of others is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

Label = Literal["positive", "neutral", "negative"]
POSITIVE_FROM, NEGATIVE_FROM = 0.72, 0.9
_LEFT, _RIGHT = 75, 45
_NUMBER = r"(?:EUR|USD|GBP|SEK|NOK|DKK|\$|€|£)?\s?(?:negative\s(?:EUR|USD)?\s?)?-?\d[\d,]*(?:\s?\.\d+)?(?:\s?(?:mln|mn|m|bn|million|billion|thousand|k|%|percent|pct))?(?:\s?(?:euros?|dollars?|EUR|USD))?"  # noqa: E501
_COMPARED = re.compile(
    rf"({_NUMBER})[^.;]{{0,60}}?\b(?:compared (?:with|to)|versus|vs\.?|against|from|as against|up from|down from)\s+"
    rf"(?:(?:a|an|the|about|some|around)\s+)?((?:(?:net|operating)\s+)?(?:profit|loss)\s+of\s+)?({_NUMBER})",
    re.IGNORECASE,
)
_CONCESSION = re.compile(r"\b(?:despite|although|even though|in spite of)\b[^,;]*", re.IGNORECASE)
_BACKGROUND = re.compile(r"(?<=\w) (?:as|amid|while) (?=[a-z]+ \w)")
_VALUE = re.compile(r"-?\d[\d,]*(?:\s?\.\d+)?")
_SCALE = (
    ("billion", 1e9),
    ("bn", 1e9),
    ("million", 1e6),
    ("mln", 1e6),
    ("mn", 1e6),
    (" m", 1e6),
    ("thousand", 1e3),
    ("%", 1.0),
)
_BRACKET = re.compile(r"\([^()]*\)")
_LIST_NUMBER = re.compile(r"^(?:19|20)\d\d$")


class Evidence(NamedTuple):
    """A piece of the text that counted, where it stands, and by how much."""

    text: str
    start: int
    end: int
    weight: float
    why: str


@dataclass(frozen=True)
class Sentiment:
    """`score` in [-1, 1]; the label follows from the weight of the evidence, not from the score alone."""

    score: float
    label: Label
    evidence: tuple[Evidence, ...]


class _Lexicon(BaseModel):
    model_config = ConfigDict(extra="forbid")

    measures: dict[Literal["good", "bad"], dict[float, list[str]]]
    up: list[str]
    down: list[str]
    events: dict[Literal["positive", "negative"], dict[float, list[str]]]
    masks: list[str]
    negators: list[str]


class _Rules(NamedTuple):
    measure: re.Pattern[str]
    weights: dict[str, float]
    direction: re.Pattern[str]
    events: tuple[tuple[float, re.Pattern[str]], ...]
    masks: re.Pattern[str]
    negator: re.Pattern[str]


def score_text(text: str) -> Sentiment:
    """The sentiment of a headline, post or sentence; neutral without evidence."""
    rules = _rules()
    clean = _prepare(text, rules)
    compared = _comparisons(clean, rules)
    moved = [e for e in _movements(clean, rules) if not any(_touch(e, c) for c in compared)]
    events = [e for e in _events(clean, rules) if not any(_touch(e, m) for m in moved)]
    evidence = sorted(_signed(e, clean, rules) for e in [*_strongest(moved), *compared, *events])
    shown = tuple(
        Evidence(text[e.start : e.end], e.start, e.end, round(e.weight, 2), e.why)
        for e in sorted(evidence, key=lambda e: e.start)
    )
    total = sum(e.weight for e in evidence)
    return Sentiment(round(total / (abs(total) + 1.5), 3), _label(total), shown)


def _label(total: float) -> Label:
    if total >= POSITIVE_FROM:
        return "positive"
    return "negative" if total <= -NEGATIVE_FROM else "neutral"


@cache
def _rules() -> _Rules:
    import yaml

    words = _Lexicon.model_validate(yaml.safe_load((Path(__file__).parent / "sentiment.yaml").read_text()))
    weights: dict[str, float] = {}
    for polarity, groups in words.measures.items():
        for weight, names in groups.items():
            weights.update({name: weight if polarity == "good" else -weight for name in names})
    names = sorted(weights, key=len, reverse=True)
    events = [
        (weight if sign == "positive" else -weight, _any(patterns, whole=False))
        for sign, groups in words.events.items()
        for weight, patterns in groups.items()
    ]
    return _Rules(
        measure=re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE),
        weights=weights,
        direction=_directions(words),
        events=tuple(sorted(events, key=lambda pair: -abs(pair[0]))),
        masks=_any(words.masks, whole=True),
        negator=re.compile(rf"\b(?:{'|'.join(words.negators)})\s+(?:\w+\s+){{0,2}}$", re.IGNORECASE),
    )


def _directions(words: _Lexicon) -> re.Pattern[str]:
    up, down = ("|".join(map(_stem, stems)) for stems in (words.up, words.down))
    return re.compile(rf"(?<![\w-])(?P<up>{up})(?!\w)|(?<![\w-])(?P<down>{down})(?!\w)", re.IGNORECASE)


def _any(patterns: list[str], whole: bool) -> re.Pattern[str]:
    end = r"(?!\w)" if whole else ""
    body = "|".join(rf"(?:(?<!\w){p}{end})" for p in patterns)
    return re.compile(body, re.IGNORECASE)


def _stem(word: str) -> str:
    """Phrases stand alone, short words take an inflection, longer stems any ending."""
    if " " in word:
        return re.escape(word)
    return re.escape(word) + (r"(?:s|es|ed|d|e|ing|ped|ping|ies|y)?" if len(word) <= 4 else r"\w*")


def _prepare(text: str, rules: _Rules) -> str:
    """The text with masked phrases and brackets blanked; every offset stays."""
    blank = rules.masks.sub(lambda m: _blank_but_first(m[0]), text)
    return _BRACKET.sub(lambda m: " " * len(m[0]), blank)


def _blank_but_first(phrase: str) -> str:
    """Keeps the measure of `profit before tax`; other masked phrases vanish."""
    if phrase.lower().startswith(("profit ", "earnings ")):
        first = phrase.split()[0]
        return first + " " * (len(phrase) - len(first))
    return " " * len(phrase)


def _movements(text: str, rules: _Rules) -> list[Evidence]:
    measures = list(rules.measure.finditer(text))
    out: list[Evidence] = []
    for match in rules.direction.finditer(text):
        sign = 1.0 if match["up"] else -1.0
        near = _nearest(match, measures, text)
        if near is not None:
            weight = rules.weights[near[0].lower()] * sign
            start, end = min(match.start(), near.start()), max(match.end(), near.end())
            out.append(Evidence(text[start:end], start, end, weight, f"{near[0]} {'up' if sign > 0 else 'down'}"))
    return out


def _nearest(direction: re.Match[str], measures: list[re.Match[str]], text: str) -> re.Match[str] | None:
    """The measure to the left within reach, else to the right; never across a semicolon."""
    left = [m for m in measures if m.end() <= direction.start() and direction.start() - m.end() <= _LEFT]
    right = [m for m in measures if m.start() >= direction.end() and m.start() - direction.end() <= _RIGHT]
    right = [m for m in right if "," not in text[direction.end() : m.start()]]
    left = [m for m in left if ";" not in text[m.end() : direction.start()]]
    if right and right[0].start() - direction.end() <= 12 and (not left or direction.start() - left[-1].end() > 25):
        return right[0]
    return left[-1] if left else right[0] if right else None


def _strongest(moved: list[Evidence]) -> list[Evidence]:
    """Profit outranks sales: of movements that disagree, only the heaviest measures speak."""
    if not moved or len({e.weight > 0 for e in moved}) == 1:
        return moved[:2]
    heaviest = max(abs(e.weight) for e in moved)
    return [e for e in moved if abs(e.weight) >= heaviest - 0.05][:2]


def _comparisons(text: str, rules: _Rules) -> list[Evidence]:
    out: list[Evidence] = []
    for match in _COMPARED.finditer(text):
        now, then = _amount(match[1]), _amount(match[3])
        if now is None or then is None:
            continue
        before = [m for m in rules.measure.finditer(text, 0, match.start()) if match.start() - m.end() <= 110]
        measure = before[-1][0].lower() if before else ""
        weight = _compare(measure, rules.weights.get(measure, 0.0), now, then, (match[2] or "").lower())
        if weight:
            start = before[-1].start() if before else match.start()
            out.append(Evidence(text[start : match.end()], start, match.end(), weight, f"{measure} compared"))
    return out[:2]


def _compare(measure: str, weight: float, now: float, then: float, then_kind: str) -> float:
    was_loss, is_loss = "loss" in then_kind, "loss" in measure
    if then_kind and was_loss != is_loss:
        return 2.2 if was_loss else -2.2
    return weight if now > then else -weight if now < then else 0.0


def _amount(text: str) -> float | None:
    found = _VALUE.search(text)
    if not found or _LIST_NUMBER.match(found[0]):
        return None
    value = float(found[0].replace(",", "").replace(" ", "")) * (-1 if "negative" in text.lower() else 1)
    return next((value * factor for word, factor in _SCALE if word in text.lower()), value)


def _events(text: str, rules: _Rules) -> list[Evidence]:
    out: list[Evidence] = []
    for weight, pattern in rules.events:
        for match in pattern.finditer(text):
            found = Evidence(match[0], match.start(), match.end(), weight, "event")
            if match[0].strip() and not any(_touch(found, other) for other in out):
                out.append(found)
    weak = [e for e in out if abs(e.weight) < 1]
    return [e for e in out if abs(e.weight) >= 1] + weak[:2]


def _signed(evidence: Evidence, text: str, rules: _Rules) -> Evidence:
    """Turned round after a negator; weaker in a concession or where a headline gives the background."""
    if any(m.start() <= evidence.start < m.end() for m in _CONCESSION.finditer(text)):
        evidence = evidence._replace(weight=0.25 * evidence.weight, why=f"despite: {evidence.why}")
    elif any(m.start() <= evidence.start for m in _BACKGROUND.finditer(text)):
        evidence = evidence._replace(weight=0.25 * evidence.weight)
    if rules.negator.search(text[max(0, evidence.start - 30) : evidence.start]):
        return evidence._replace(weight=-0.6 * evidence.weight, why=f"not: {evidence.why}")
    return evidence


def _touch(one: Evidence, other: Evidence) -> bool:
    return one.start < other.end and other.start < one.end
