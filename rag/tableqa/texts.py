"""Amounts in the paragraphs: the sentence that speaks of it, then the amount that its words, year and unit point to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.tableqa.amounts import Amount, find_amounts
from rag.tableqa.problem import Draft, Problem
from rag.tableqa.prose import Found, Sentence
from rag.tableqa.question import IDLE, Question
from rag.tableqa.years import find_years
from rag.words import stem

_TIME = re.compile(r"\s?(?:years?|months?|days|weeks)\b", re.IGNORECASE)
_ASKS_TIME = re.compile(
    r"\bhow (?:many (?:more )?(?:years|months|days)|long)\b|\bduration\b|\b(?:remaining"
    r"|amortization|expected|vesting) (?:\w+ )?(?:period|term|life)\b|\bover what period\b"
    r"|\bin how many years\b"
)
_ASKS_SHARE = re.compile(r"\bpercent(?:age)?\b|%|\brates?\b|\bproportion\b|\bmargin\b|\bownership\b|\byield\b")
_ASKS_COUNT = re.compile(r"\bhow many\b|\bnumber of\b")
_WORD = re.compile(r"[A-Za-z0-9][\w&'-]*")
_MOVE = re.compile(r"\b(?:increase[ds]?|decrease[ds]?|decline[ds]?|grew|growth|reduction|change)\b")


@dataclass(frozen=True)
class Spotted:
    """An amount of a sentence with the unit behind it, as an answer prints it."""

    amount: Amount
    text: str
    timed: bool


def spot(sentence: Sentence) -> list[Spotted]:
    """The amounts of a sentence that are no years, days of a month or note numbers."""
    out = []
    for amount in find_amounts(sentence.text):
        before, after = sentence.text[: amount.start], sentence.text[amount.end :]
        bare = not (amount.currency or amount.scale)
        timed = _TIME.match(after) if bare else None
        if bare and not timed and _is_label(amount.text, before, after):
            continue
        out.append(Spotted(amount, amount.text + (timed[0] if timed else ""), timed is not None))
    return out


_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*\.?"
_BEFORE_LABEL = re.compile(
    rf"(?:{_MONTH}|notes?|topic|asc|asu|no\.|item|level|section|part|tranche|act|q|ifrs|ias"
    rf"|page|stage|tier|phase|table)\s*[(]?$",
    re.IGNORECASE,
)
_AFTER_LABEL = re.compile(rf"^\s*(?:{_MONTH}\b|-k\b|-q\b|\))", re.IGNORECASE)


def _is_label(text: str, before: str, after: str) -> bool:
    if re.fullmatch(r"(?:19|20)\d\d", text) or _BEFORE_LABEL.search(before) or _AFTER_LABEL.match(after):
        return True
    return bool(re.match(r"^\W*$", before)) and len(text) <= 3


def amount_in_text(problem: Problem) -> Draft | None:
    """The amount of the best sentence with one of the kind asked for: time, share, count or money."""
    best = _best(problem)
    if best is None:
        return None
    found, fits = best
    chosen = _choose(problem, found.sentence, fits)
    return Draft("amount in text", (chosen.text,), "", "", (), found.share, found.sentence.text)


def _best(problem: Problem) -> tuple[Found, list[Spotted]] | None:
    for found in problem.sentences[:4]:
        fits = [s for s in spot(found.sentence) if _fits(problem.question, s)]
        if fits:
            return found, fits
    return None


def _fits(question: Question, spotted: Spotted) -> bool:
    if question.asks(_ASKS_TIME):
        return spotted.timed
    if question.asks(_ASKS_SHARE):
        return spotted.amount.percent
    if question.asks(_ASKS_COUNT):
        return not spotted.timed and not spotted.amount.percent
    return not spotted.timed


def _choose(problem: Problem, sentence: Sentence, fits: Sequence[Spotted]) -> Spotted:
    question, prose = problem.question, problem.context.prose
    if len(fits) == 1:
        return fits[0]
    years = [y for y in sentence.years if y in question.years]
    bracketed = [s for s in fits for y in question.years if _comparative(sentence.text[: s.amount.start], y)]
    if len(question.years) == 1 and bracketed:
        return bracketed[0]
    if "respectively" in sentence.text and question.years:
        aligned = _respectively(question, sentence, fits)
        if aligned is not None:
            return aligned
    told = question.words - IDLE
    places = [(stem(m[0]), m.start()) for m in _WORD.finditer(sentence.text) if stem(m[0]) in told]
    mark = [m.start() for y in years for m in re.finditer(str(y), sentence.text)]
    money = any(s.amount.currency or s.amount.scale for s in fits) and not question.asks(_ASKS_COUNT)

    def far(s: Spotted) -> float:
        near: dict[str, float] = {}
        for word, p in places:
            gap = min(abs(p - s.amount.start) + (12 if p > s.amount.end else 0), 160)
            near[word] = min(near.get(word, 160.0), gap)
        weights = {word: prose.weight(word) for word in near}
        off = sum(weights[w] * gap for w, gap in near.items()) / sum(weights.values()) if near else 160.0
        off += min((m - s.amount.end if m > s.amount.end else 60 + s.amount.start - m for m in mark), default=0) * 0.7
        return off + (400 if money and not (s.amount.currency or s.amount.scale) else 0)

    return min(fits, key=far)


def _comparative(before: str, year: int) -> bool:
    """Whether the text ends as British reports give the year before: `(31 December 2018: `."""
    return re.search(rf"\([^()]*{year}(?:/\d\d)?:\s*$", before) is not None


def _respectively(question: Question, sentence: Sentence, fits: Sequence[Spotted]) -> Spotted | None:
    """The amount whose place in its list is that of the year in the list of years."""
    years = find_years(sentence.text)
    if question.years[0] not in years or len(fits) % len(years):
        return None
    place = years.index(question.years[0])
    groups = [fits[i : i + len(years)] for i in range(0, len(fits), len(years))]
    told = question.words - IDLE
    places = [m.start() for m in _WORD.finditer(sentence.text) if stem(m[0]) in told]
    near = min(groups, key=lambda g: min((abs(p - g[0].amount.start) for p in places), default=0))
    return near[place]


def amounts_in_text(problem: Problem) -> Draft | None:
    """The amounts for two or more years of a sentence that lists them with "respectively", in the order asked."""
    question = problem.question
    for found in problem.sentences[:3]:
        years = find_years(found.sentence.text)
        fits = [s for s in spot(found.sentence) if _fits(question, s)]
        if "respectively" not in found.sentence.text or not years or len(fits) % len(years) or not fits:
            continue
        if any(year not in years for year in question.order):
            continue
        groups = [fits[i : i + len(years)] for i in range(0, len(fits), len(years))]
        told = question.words - IDLE
        places = [m.start() for m in _WORD.finditer(found.sentence.text) if stem(m[0]) in told]
        near = min(groups, key=lambda g: min((abs(p - g[0].amount.start) for p in places), default=0))
        said = tuple(near[years.index(year)].text for year in question.order)
        return Draft("amounts in text", said, "", "", (), found.share, found.sentence.text)
    return amount_in_text(problem)
