"""Amounts that stand in sentences, read as a table's are: what they are of, when, and how much.

"The allowance for doubtful accounts was $348 million and $495 million as of December 31, 2017 and 2018" is two figures.
Only plain statements are read: a label before a verb and its amounts, with as many periods as amounts; not changes, not
what is expected, allowed or supposed. What the label says beyond the words asked for makes it another figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rag.asked import Asked, read_periods
from rag.documents import Document, Period
from rag.periods import matches, own_period
from rag.prose import Prose, Sentence
from rag.words import label_words, stem

_AMOUNT = r"(?:US)?\$\s?\d[\d,]*(?:\.\d+)?(?:\s?(?:thousand|million|billion|trillion))?(?![\d.,]*\d)(?!\s*per\b)"
_LIST = rf"(?P<amounts>{_AMOUNT}(?:(?:,\s+and|,|\s+and)\s+{_AMOUNT})*)"
_ABOUT = r"(?:approximately\s+|about\s+)?"
_LEAD = re.compile(
    r"^(?:as of|at|during|in|for)\b(?P<when>[^$;]{0,120}?\b(?:19|20)\d\d)\s*,\s+(?=[A-Za-z])", re.IGNORECASE
)
_HAD = r"(?:the company|we)\s+(?:had|has|have|held|recorded|recognized|reported|incurred|paid)\s+"
_MOVED = r"(?:increas|decreas|declin|gr[eo]w|r[io]se|f[ae]ll)\w*"
_FORMS = (
    re.compile(rf"^{_HAD}{_ABOUT}{_LIST}\s+(?:of|in)\s+(?P<label>[^$,;.]{{3,90}}?)(?P<tail>[,;.]|$)", re.IGNORECASE),
    re.compile(
        rf"^(?P<label>[^$;]{{3,200}}?)\s+{_MOVED}\s+(?:by\s+)?[\d.]+\s?(?:percent|%),?\s+to\s+{_ABOUT}{_LIST}(?P<tail>.*)$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^(?:{_HAD})?(?P<label>[^$;]{{3,200}}?)\s+(?:was|were|totall?ed|amounted to|of|is|are)\s+{_ABOUT}{_LIST}"
        r"(?P<tail>.*)$",
        re.IGNORECASE,
    ),
)
_SUPPOSED = re.compile(
    r"\b(?:expect|would|could|may|might|will|if|up to|estimat|anticipat|assum|authori[sz]|believe|exclud|alleg|forecast"
    rf"|partially offset|increase|decrease|change|{_MOVED})",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\s*\([^()]*\)|,\s+(?:which|including|net of)\b[^,$]*,(?=\s)"
    r"|,\s+as (?:defined|described|discussed|disclosed)\b[^$;]{0,200}?,(?=\s+(?:was|were|is|are|totall?ed)\b)",
    re.IGNORECASE,
)
_LOOSE = re.compile(r"\s+([,;.])(?=\s|$)")
_BOUNDARY = re.compile(r"\$|\b(?:compared|versus|of which|which|that|from|or|with)\b", re.IGNORECASE)
_AGAINST = re.compile(
    rf"^\W*(?:compared (?:to|with)|versus|from)\s+(?:[a-z ]{{0,40}}\s(?:of\s+)?)?(?P<amount>{_AMOUNT})(?P<tail>[^$;]*)",
    re.IGNORECASE,
)
_ONE = re.compile(
    r"\$\s?(?P<digits>\d[\d,]*(?:\.\d+)?)(?:\s?(?P<scale>thousand|million|billion|trillion))?", re.IGNORECASE
)
_POWER = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_LITTLE = """
    total net and of the in for from a an our its at as on was were we company had fiscal year approximately under to
    with outstanding end high
"""
_FREE = frozenset(map(stem, _LITTLE.split()))


@dataclass(frozen=True)
class Spoken:
    """An amount of a sentence in US dollars; `label` as written; `when` None for the filing's own period."""

    document: Document
    sentence: Sentence
    label: str
    value: Decimal
    when: Asked | None
    aside: str = ""
    """Words between commas or brackets that describe the label further: "net of refunds"."""


def read_spoken(prose: Sequence[Prose], words: Sequence[str], told: Sequence[str], asked: Asked) -> Spoken | None:
    """The one amount that sentences give for what the words name; None without one, or with two that differ.

    The label holds all of `words` and nothing that is not among `told`, the words of the whole question.
    """
    wanted, known = frozenset(words) - _FREE, _FREE.union(told)
    found = [
        spoken
        for each in prose
        for spoken in _holding(each, wanted)
        if wanted <= label_words(f"{spoken.label} {spoken.aside}")
        and label_words(spoken.label) <= known
        and _is_of(spoken, asked)
    ]
    return found[0] if len({spoken.value for spoken in found}) == 1 else None


def _holding(prose: Prose, wanted: frozenset[str]) -> Iterator[Spoken]:
    """The amounts of the sentences that hold all the words."""
    if not wanted:
        return
    rarest = min(wanted, key=lambda word: len(prose.holders(word)))
    for index in prose.holders(rarest):
        if wanted <= prose.words(index):
            yield from read_sentence(prose.document, prose.sentences[index])


def read_sentence(document: Document, sentence: Sentence) -> list[Spoken]:
    """The figures that a sentence states plainly; empty for any other sentence."""
    whole = _LOOSE.sub(r"\1", " ".join(sentence.text.split()))
    text, aside = _ASIDE.sub("", whole), " ".join(_ASIDE.findall(whole))
    lead = _LEAD.match(text)
    body = text[lead.end() :] if lead else text
    found = next((match for form in _FORMS if (match := form.match(body))), None)
    if found is None or _SUPPOSED.search(f"{found['label']} "):
        return []
    tail = found["tail"]
    cut = _BOUNDARY.search(tail)
    in_label, label = read_periods(found["label"])
    before = tail[: cut.start()] if cut else tail
    whens = _dated([*(_periods(lead["when"]) if lead else ()), *in_label, *_periods(before)])
    amounts = [_value(match) for match in _ONE.finditer(found["amounts"])]
    pairs: list[tuple[Decimal, Asked | None]] = []
    if len(amounts) == len(whens):
        pairs += zip(amounts, whens, strict=True)
    elif len(amounts) == 1 and not whens:
        pairs.append((amounts[0], None))
    against = _AGAINST.match(tail[cut.start() :]) if cut else None
    if against and len(pairs) == 1 and len(then := _periods(against["tail"])) == 1:
        pairs += [(_value(match), then[0]) for match in _ONE.finditer(against["amount"])]
    label = " ".join(label.split())
    return [Spoken(document, sentence, label, value, when, aside) for value, when in pairs]


def _periods(text: str) -> tuple[Asked, ...]:
    return read_periods(text)[0]


def _dated(whens: Sequence[Asked]) -> list[Asked]:
    """Periods in which a bare year behind a day is that day of the year: "June 30, 2023 and 2022"."""
    out: list[Asked] = []
    for when in whens:
        day = next((one.date for one in reversed(out) if one.date), "")
        bare = when.year and not when.quarter and not when.date
        out.append(Asked(date=f"{when.year}{day[4:]}", months=when.months) if day and bare else when)
    return out


def _value(match: re.Match[str]) -> Decimal:
    power = _POWER.get((match["scale"] or "").lower(), 0)
    return Decimal(match["digits"].replace(",", "")).scaleb(power)


def _is_of(spoken: Spoken, asked: Asked) -> bool:
    """Whether the amount is of the period asked for."""
    filing, when = spoken.document.filing, spoken.when
    if when is None:
        own = own_period(filing)
        return (own.year, own.quarter, own.date) == (asked.year, asked.quarter, asked.date)
    if when.quarter or (asked.date and not when.date):
        return (when.year, when.quarter) == (asked.year, asked.quarter)
    if not when.date:
        return when.year == asked.year and not asked.quarter and when.months == asked.months
    try:
        day = date.fromisoformat(when.date)
    except ValueError:  # a month without a day
        return when.date == asked.date
    return matches(filing, Period(when.date, day.year, when.months), asked)
