"""How a headline, post or sentence sounds for what it is about, by rules and without a language model.

Three kinds of evidence are added up: a measure that moves (direction × polarity: "costs rose" is bad), a comparison
of two numbers ("EUR 5 m, compared with 3 m"), and events ("wins order", "profit warning"). Negators turn evidence
round, concessions and background weaken it. The words are our own (`desk/news/lexicon/`); no word list or labelled
text of others is used. `docs/sentiment.md` has the figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from desk.news.evidence import HEADLINE_WORDS, find_evidence
from desk.news.numbers import Evidence
from desk.news.words import Lexicon, lexicon

Label = Literal["positive", "neutral", "negative"]
POSITIVE_FROM, NEGATIVE_FROM, LEAN = 0.72, 0.9, 0.3
LONGEST = 4000
"""Characters that are read; what follows is not."""
LATER = 0.6
"""What a sentence after the first counts for."""
_SENTENCE = re.compile(r"(?<=[a-z0-9)\"”]{2}[.!?])\s+(?=[A-Z$\"“])|\n+")
_POST = re.compile(
    r"\$[A-Za-z]{2,6}\b|[\U0001F300-\U0001FAFF\u2705\u26A0]|!!|"
    r"\b(?:lol|lfg|btc|eth|sol|fud|imo|hodl|rekt|bulls|bears|bullish|bearish|i'm|im|gm|told you|wow)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d\s?(?:%|pct|per|m|bn|k|eur|usd|\.)|[$€£]\s?\d|(?:eur|usd)\s?\d")
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
        parts.append(Sentence(start, end, squash(weight), label_of(weight, evidence)))
    shown = tuple(e._replace(weight=round(e.weight, 2)) for e in found)
    return Sentiment(squash(total), label_of(total, found), shown, confidence(total, found, text, words), tuple(parts))


def judge(text: str, evidence: list[Evidence]) -> Sentiment:
    """The sentiment that this evidence makes, whole."""
    total = sum(e.weight for e in evidence)
    sure = confidence(total, evidence, text, lexicon())
    return Sentiment(squash(total), label_of(total, evidence), tuple(evidence), sure)


def squash(total: float) -> float:
    """Weight of evidence as a score in [-1, 1]."""
    return round(total / (abs(total) + 1.5), 3)


def label_of(total: float, evidence: Sequence[Evidence] = ()) -> Label:
    """Positive, negative, or neutral between the thresholds; where heavy pieces disagree the text leans."""
    heavy = any(abs(e.weight) >= 1 for e in evidence)
    if total >= (LEAN if heavy else POSITIVE_FROM):
        return "positive"
    return "negative" if total <= -(LEAN if heavy else NEGATIVE_FROM) else "neutral"


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
    """How sure the label is, by strengths set by hand (see docs/sentiment.md), in [0, 1]."""
    if label_of(total, found) == "neutral":
        return _neutral_confidence(found, text.lower(), words)
    wrong, opposed, low = 1.0, False, text.lower()
    for each, piece in sorted(((strength(e, low), e) for e in found), key=lambda pair: -pair[0]):
        if (piece.weight > 0) is (total > 0):
            wrong *= 1 - (each if wrong == 1.0 else 0.4 * each)
        else:
            opposed = opposed or abs(piece.weight) >= 1
    sure = min(0.98, 1 - wrong) - (0.22 if opposed else 0.0)
    return round(sure - (0.05 if words.hedge.search(low) else 0.0), 3)


def _neutral_confidence(found: list[Evidence], low: str, words: Lexicon) -> float:
    """Plain facts in plain words are surely neutral; growth and deals that weighed too little less so."""
    if found:
        return 0.5 if any(abs(e.weight) >= 1 for e in found) else 0.62
    lively = len({m[0] for m in words.lively.finditer(low)})
    plain = min(2, len({m[0] for m in words.neutral.finditer(low)}))
    if lively == 0:
        return 0.96 if plain else 0.93
    return round((0.9 if plain else 0.85) - 0.01 * min(4, lively), 3)


def strength(piece: Evidence, low: str) -> float:
    """How often a label by this piece alone is right: measures with figures most, soft words least."""
    if piece.why.startswith(("not", "despite")):
        return 0.62
    heavy, headline = abs(piece.weight) >= 1.5, low.count(" ") < HEADLINE_WORDS and not low.endswith(" .")
    if piece.kind in {"movement", "comparison"}:
        figures = headline or _FIGURE.search(low, piece.start, piece.end + 40) is not None
        return (0.94 if figures else 0.78) if heavy else (0.8 if figures else 0.68)
    if piece.kind == "event":
        return (0.85 if heavy else 0.78) if headline else (0.72 if heavy else 0.7)
    return 0.62
