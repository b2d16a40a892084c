"""The words by which a follow-up is known, and how one period becomes another."""

from __future__ import annotations

import re
from typing import Literal

from agents.order_wish import NUMBER

Change = Literal["number", "double", "half", "limit", "market"]

YEAR = re.compile(r"\b(?:19|20)\d\d\b")
OPENER = re.compile(
    r"\s*(?:(?:and|also|then|ok(?:ay)?|now|so|but|well|hmm)\b[\s,]*)*"
    r"(?:(?:(?:what|how) about|what of|(?:and |do )?(?:the )?same(?: (?:question|thing))?(?: for| with| of)?"
    r"|for|with)\b\s*)?",
    re.IGNORECASE,
)
FILLERS = frozenset(
    {
        "for",
        "the",
        "of",
        "same",
        "s",
        "stock",
        "stocks",
        "share",
        "shares",
        "please",
        "too",
        "as",
        "well",
        "instead",
        "then",
        "and",
        "a",
        "in",
        "'s",
    }
)
GAP = frozenset(
    {
        "and",
        "what",
        "about",
        "how",
        "the",
        "a",
        "for",
        "in",
        "of",
        "was",
        "it",
        "that",
        "be",
        "were",
        "did",
        "they",
        "do",
        "is",
        "fiscal",
        "year",
        "years",
        "quarter",
        "fy",
        "same",
        "then",
        "also",
        "before",
        "after",
        "earlier",
        "later",
        "previous",
        "prior",
        "last",
        "next",
        "one",
        "two",
        "three",
        "ago",
        "preceding",
        "following",
        "ok",
        "so",
        "but",
        "now",
    }
)
"""What a question that only names another period consists of."""

_AMOUNT = rf"(?:{NUMBER})(?:\s*(?:%|per ?cent))?|all|half|everything|(?:a |one )?(?:quarter|third|fifth|tenth)|the rest"
_THING = r"(?:stock|shares?|units?|coins?|position|holding|stake|rest|lot|name)"
_REFERENT = rf"(?:it|them|that|those|this|these|(?:the|my|our|that|this) (?:whole )?{_THING}|{_THING})"
LOOSE_TRADE = re.compile(
    rf"\s*(?:(?:and|ok(?:ay)?|then|now|so|please|let'?s|can you|could you|i (?:want|would like) to)\b[\s,]*)*"
    rf"(?P<side>buy|sell|close|trim)\s+(?P<amount>{_AMOUNT})?\s*(?:more\b|of\b|\s)*(?:{_REFERENT}\b)?"
    rf"(?:\s+(?:in|of) (?:it|them)\b)?\s*(?:more\b|(?P<whole>all)\b)?"
    rf"(?:\s*(?:at|@|limit)\s*\$?(?P<limit>{NUMBER}))?\s*(?:then|now|please|instead|too)?[\s.!?]*$",
    re.IGNORECASE,
)
_LEAD = r"\s*(?:(?:and|no|ok(?:ay)?|actually|wait|hmm|better|rather|please|or)\b[\s,]*)*"
_END = r"(?:\s*(?:shares?|units?|coins?))?(?:\s*(?:then|instead|please|rather|now|only))*[\s.!?]*$"
_CHANGES: tuple[tuple[str, Change], ...] = (
    (rf"{_LEAD}(?:double (?:it|that)|twice (?:that|as many))[\s.!?]*$", "double"),
    (rf"{_LEAD}(?:only )?(?:halve (?:it|that)|half (?:of )?(?:that|as many))[\s.!?]*$", "half"),
    (
        rf"{_LEAD}(?:with a |set (?:a |the )?|at a )?(?:limit (?:price )?(?:of |at |to )?|at |@ ?)"
        rf"\$?(?P<number>{NUMBER}){_END}",
        "limit",
    ),
    (rf"{_LEAD}(?:make it |as )?(?:a |at (?:the )?)?market(?: order| price)?{_END}", "market"),
    (
        rf"{_LEAD}(?:make (?:it|that)|change (?:it|that) to|only|just|say|take|do)\s+(?P<number>{NUMBER}){_END}",
        "number",
    ),
    (rf"{_LEAD}(?P<number>{NUMBER})(?:\s*(?:shares?|units?|coins?))?\s*(?:instead|rather|then){_END}", "number"),
)
CHANGES = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _CHANGES)
"""How an order is changed in a few words; the first pattern that fits counts."""
ANOTHER = re.compile(
    rf"{_LEAD}(?:(?P<same>also|(?:do )?(?:the )?same (?:for|with|in))|(?:also )?(?P<number>{NUMBER}))\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
"""The order before, of another instrument."""
DUMMY = re.compile(
    r"\b(?:does|did|would|will|could|might|can) (?:it|that|this) (?:mean|take|make|matter|cost to|work)\b"
    r"|\bis (?:it|that|this) (?:safe|possible|legal|true|allowed|right|correct|ok|okay|worth|a good)\b"
    r"|\bis (?:it|that|this) (?:better|too|time|wise)\b"
    r"|\bwhat(?:'s| is) (?:it|that|this)(?=\s*(?:[?.!,]|$|called|for\b|about\b))|\bit (?:is|was) (?:said|true)\b"
    r"|\b(?:make|try|do|leave|forget|cancel|explain) (?:it|that)\b"
    r"|\bmy\b|\bour\b|\bmine\b",
    re.IGNORECASE,
)
"""Where "it" stands for no instrument, or the person speaks of their own things."""
PRONOUN = re.compile(
    r"\b(?:(?:that|this|the) (?:stock|share|company|coin|firm|name|business|issuer|security|currency|pair)"
    r"(?! of| in|s\b)"
    r"|its|their|it|they|them)\b(?!')",
    re.IGNORECASE,
)
TOPIC = re.compile(
    r"\s*(?:(?:(?:and|also|ok(?:ay)?|then|now|so)\b[\s,]*)*(?:(?:what|how) about|what of|and|also)\s+"
    r"|(?=any (?:news|headlines)\b))"
    r"(?P<topic>[^?!]{3,60})[\s?!.]*$",
    re.IGNORECASE,
)
_NO_TOPIC = re.compile(
    r"\b(?:my|our|me|i|we|you|us|is|are|was|were|do|does|did|can|could|should|would|will|has|have|had|show|tell|give|buy|"
    r"sell|retire|transfers?|suspicious|fraud|alerts?|deadlines?|accounts?|portfolio|desk|market|everything|nothing|all)\b",
    re.IGNORECASE,
)
_STEP = re.compile(
    r"\b(?:(?P<count>two|three|one|a) )?(?P<unit>year|quarter)s? (?P<after>before|earlier|ago|prior|after|later)\b"
    r"|\b(?P<side>previous|prior|last|preceding|next|following) (?P<unit2>year|quarter)\b",
    re.IGNORECASE,
)
_COUNT = {"two": 2, "three": 3}
_QUARTERLY = re.compile(r"\bQ([1-4])(\s+(?:of\s+)?(?:fiscal\s+)?)((?:19|20)\d\d)\b", re.IGNORECASE)


def is_topic(words: str) -> bool:
    """Whether the words name something that can be asked of a company: no sentence, nothing of the person's own."""
    return len(words.split()) <= 6 and not _NO_TOPIC.search(words)


def other_period(question: str, before: str) -> str | None:
    """The question before, of the period that this one names; None when it names none or the step starts nowhere."""
    named, step = YEAR.findall(question), _STEP.search(question)
    if named:
        return _in_year(before, named[-1])
    if step is None:
        return None
    back = (step["after"] or step["side"]).casefold() not in {"after", "later", "next", "following"}
    by = _COUNT.get((step["count"] or "").casefold(), 1) * (-1 if back else 1)
    if (step["unit"] or step["unit2"]).casefold() == "quarter":
        return _by_quarters(before, by)
    years = [int(year) for year in YEAR.findall(before)]
    return _in_year(before, str((min(years) if back else max(years)) + by)) if years else None


def _in_year(before: str, year: str) -> str:
    """All years of a question become one; a question without a year gets it."""
    found = list(YEAR.finditer(before))
    if not found:
        return f"{before} in {year}?"
    return f"{before[: found[0].start()]}{year}{before[found[-1].end() :]}?"


def _by_quarters(before: str, by: int) -> str | None:
    match = _QUARTERLY.search(before)
    if match is None:
        return None
    count = int(match[3]) * 4 + int(match[1]) - 1 + by
    return f"{before[: match.start()]}Q{count % 4 + 1}{match[2]}{count // 4}{before[match.end() :]}?"
