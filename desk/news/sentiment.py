"""How a headline, post or sentence sounds for what it is about, by rules and without a language model.

Three kinds of evidence are added up: a measure that moves (direction × polarity: "costs rose" is bad), a comparison
of two numbers ("EUR 5 m, compared with 3 m"), and events ("wins order", "profit warning"). Negators turn evidence
round, concessions and background weaken it. The words are our own (`desk/news/lexicon/`); no word list or labelled
text of others is used. `docs/sentiment.md` has the figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from desk.news.evidence import find_evidence
from desk.news.numbers import Evidence
from desk.news.words import Lexicon, lexicon

Label = Literal["positive", "neutral", "negative"]
POSITIVE_FROM, NEGATIVE_FROM = 0.72, 0.9
LONGEST = 4000
"""Characters that are read; what follows is not."""
LATER = 0.6
"""What a sentence after the first counts for."""
_SENTENCE = re.compile(r"(?<=[a-z0-9)\"”]{2}[.!?])\s+(?=[A-Z$\"“])|\n+")
_POST = re.compile(
    r"\$[A-Za-z]{2,6}\b|[\U0001F300-\U0001FAFF\u2705\u26A0]|!!|"
    r"\b(?:lol|lfg|btc|eth|sol|fud|imo|hodl|rekt|bulls|bears|i'm|im|gm|told you|wow)\b",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\([^()]*\)")
_SHORT = re.compile(
    r"(?:\b(?:inc|corp|ltd|plc|co|oyj|no|st|mr|ms|dr|vs|dec|jan|feb|aug|sept?|oct|nov)\.)$", re.IGNORECASE
)


@dataclass(frozen=True)
class Sentence:
    """One sentence of the text by itself."""

    start: int
    end: int
    score: float
    label: Label


@dataclass(frozen=True)
class Sentiment:
    """`score` in [-1, 1] and the label follow from the weight of the evidence.

    `confidence` in [0, 1] is how sure the rules are of the label, a neutral one included: the share of such texts
    that they label rightly. `evidence` is what counted, in reading order, quoted from the text.
    """

    score: float
    label: Label
    evidence: tuple[Evidence, ...]
    confidence: float = 0.5
    sentences: tuple[Sentence, ...] = ()


def score_text(text: str) -> Sentiment:
    """The sentiment of a headline, post or passage; neutral without evidence. Never raises."""
    text = text[:LONGEST]
    words, found, parts, total = lexicon(), list[Evidence](), [], 0.0
    informal = looks_like_post(text)
    for number, (start, end) in enumerate(_sentences(text)):
        evidence = _weighed(text[start:end], words, informal)
        weight = sum(e.weight for e in evidence)
        total += weight * (1.0 if number == 0 else LATER)
        found += [
            e._replace(text=text[e.start + start : e.end + start], start=e.start + start, end=e.end + start)
            for e in evidence
        ]
        parts.append(Sentence(start, end, squash(weight), label_of(weight)))
    shown = tuple(e._replace(weight=round(e.weight, 2)) for e in found)
    return Sentiment(squash(total), label_of(total), shown, confidence(total, found, text, words), tuple(parts))


def judge(text: str, evidence: list[Evidence]) -> Sentiment:
    """The sentiment that this evidence makes, whole."""
    total = sum(e.weight for e in evidence)
    sure = confidence(total, evidence, text, lexicon())
    return Sentiment(squash(total), label_of(total), tuple(evidence), sure)


def squash(total: float) -> float:
    """Weight of evidence as a score in [-1, 1]."""
    return round(total / (abs(total) + 1.5), 3)


def label_of(total: float) -> Label:
    """Positive, negative, or neutral between the thresholds."""
    if total >= POSITIVE_FROM:
        return "positive"
    return "negative" if total <= -NEGATIVE_FROM else "neutral"


def _sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences stand; an abbreviation ends none."""
    cuts, start = list[tuple[int, int]](), 0
    for match in _SENTENCE.finditer(text):
        if _SHORT.search(text, start, match.start()) is None and text[start : match.start()].strip():
            cuts.append((start, match.start()))
            start = match.end()
    return [*cuts, (start, len(text))] if text[start:].strip() else cuts


def looks_like_post(text: str) -> bool:
    """A cashtag, an emoji, a small first letter or the words of posts."""
    return text[:1].islower() or _POST.search(text) is not None


def _weighed(sentence: str, words: Lexicon, informal: bool) -> list[Evidence]:
    low = prepare(sentence, words)
    found = find_evidence(low, words, informal)
    return [turned(e, low, words) for e in found]


def prepare(sentence: str, words: Lexicon) -> str:
    """Lower case with brackets and masked phrases blanked; every offset stays."""
    low = sentence.lower().replace("’", "'")
    if len(low) != len(sentence):
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in sentence)
    low = _BRACKET.sub(lambda m: " " * len(m[0]), low)
    return words.mask.sub(lambda m: _blank(m[0]), low)


def _blank(phrase: str) -> str:
    """Keeps the measure of `profit before tax`; other masked phrases vanish."""
    first = phrase.split()[0]
    if first in {"profit", "earnings", "income", "result", "loss"}:
        return first + " " * (len(phrase) - len(first))
    return " " * len(phrase)


def turned(evidence: Evidence, low: str, words: Lexicon) -> Evidence:
    """Turned round after a negator; weaker in a concession, before a `but`, or as background of what came before."""
    factor, why = 1.0, evidence.why
    concession = words.concession.search(low)
    if concession and concession.start() <= evidence.start:
        comma = low.find(",", concession.end())
        if comma < 0 or evidence.start < comma:
            factor, why = 0.15, f"despite: {why}"
    but = re.search(r"(?:,| )but ", low)
    if but:
        factor *= 0.5 if evidence.end <= but.start() else 1.2
    if _negated(evidence, low, words):
        factor, why = factor * -0.8, f"not: {why}"
    return evidence._replace(weight=factor * evidence.weight, why=why)


def _negated(evidence: Evidence, low: str, words: Lexicon) -> bool:
    """A negator up to three words before the evidence, or inside a movement before its verb."""
    before = " ".join(low[max(0, evidence.start - 40) : evidence.start].split(" ")[-5:])
    if any(not re.search(r"[,;:]", before[m.end() :]) for m in words.negator.finditer(before)):
        return True
    return evidence.kind == "movement" and words.negator.search(low, evidence.start, evidence.end) is not None


def confidence(total: float, found: list[Evidence], text: str, words: Lexicon) -> float:
    """How sure the label is."""
    strength = abs(total)
    if label_of(total) == "neutral":
        return 0.86 if not found else 0.5
    return min(0.97, 0.55 + 0.2 * strength)
