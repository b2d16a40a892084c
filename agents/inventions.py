"""What a model's text may not bring along: number words, units, tickers, firms, quotes and dates of its own.

A model writes around facts. It may repeat the person, the plan, quoted words and what the facts say about
themselves; whatever else sounds like a figure or a source is taken for invented and the text is not used. Plain
functions over one text; nothing here can be talked out of its rule.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from desk.facts import SLOT, Fact
from desk.instruments import Instruments

_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SMALL = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    "nineteen|zero"
)
_NUMBER_WORDS = re.compile(
    rf"\b(?:(?:{_TENS})(?:[- ](?:one|{_SMALL}))?|{_SMALL}|hundreds?|thousands?|(?:m|b|tr|quadr)illions?|dozens?|"
    r"half|halve[ds]?|halving|twice|thrice|doubl(?:e|ed|es|ing)|tripl(?:e|ed|es|ing)|quadrupl(?:e|ed|es|ing)|"
    r"two-?fold|ten-?fold|one (?:third|quarter|fifth|tenth|in)|a (?:third|quarter|fifth|tenth) of|three quarters)\b",
    re.IGNORECASE,
)
_UNIT = (
    r"%|per ?cent|percentage points?|basis points?|bps|bp|pp|[kmb]n?\b|million|billion|trillion|thousand|hundred|"
    r"usd|eur|gbp|jpy|chf|cad|aud|dollars?|euros?|pounds?|yen|francs?|cents?|[$€£¥]|x\b|times|fold|shares?|units?|"
    r"contracts?|coins?|lots?|barrels?|ounces?|tonnes?|seconds?|minutes?|hours?|days?|weeks?|months?|quarters?|years?"
)
_UNIT_BEHIND = re.compile(rf"({SLOT.pattern})[\s\u00a0-]*({_UNIT})(?![a-z])", re.IGNORECASE)
_SIGN_BEFORE = re.compile(
    rf"((?:[$€£¥~<>≈≤≥±+\u2212-]|minus|plus|negative|usd|eur|gbp)\s*)({SLOT.pattern})", re.IGNORECASE
)
TICKER = re.compile(r"(?<![A-Za-z&.])[$#]?[A-Z][A-Z0-9.:/-]{1,11}(?![A-Za-z])")
_FIRM = re.compile(
    r"\b[A-Z][\w&.-]+(?: [A-Z][\w&.-]+){0,3},? (?:Inc|Corp|Corporation|Ltd|LLC|PLC|plc|AG|SA|NV|Co)\b\.?"
)
_NAME = re.compile(r"\b[A-Z][A-Za-z&'-]+(?: [A-Z][A-Za-z&'-]+){0,3}")
_INSIDE = re.compile(r"(?<=[a-z0-9,;)\u0000\u2019'] )(?!I\b|I')[A-Z][A-Za-z&'\u2019-]*[a-z]\b")
"""A capital inside a sentence: a name, in English."""
_QUOTED = re.compile(r"[\"\u201c\u201d\u201e\u00ab]([^\"\u201c\u201d\u201e\u00ab\u00bb]{3,}?)[\"\u201c\u201d\u00bb]")
_MARKS = re.compile('["\u201c\u201d\u201e\u00ab\u00bb]')
DATED = re.compile(
    r"\b(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?\b|\bQ[1-4]\b|\b(?:January|February|March|April|June|July|August|September|"
    r"October|November|December)\b"
)
COMMON = frozenset(
    [
        "AND",
        "OR",
        "NOT",
        "NO",
        "IF",
        "US",
        "USA",
        "UK",
        "EU",
        "UN",
        "VaR",
        "CVaR",
        "ETF",
        "ETFs",
        "SEC",
        "FX",
        "P&L",
        "CEO",
        "CFO",
        "GDP",
        "CPI",
        "AI",
        "API",
        "KYC",
        "AML",
        "GDPR",
        "MiFID",
        "IPO",
        "EPS",
        "OK",
        "FAQ",
        "UTC",
        "TWAP",
        "VWAP",
        "POV",
        "IOC",
        "FOK",
        "GTC",
        "ID",
        "IDs",
        "PDF",
        "USD",
        "EUR",
        "GBP",
        "N/A",
    ]
)
"""Abbreviations that name no instrument."""


@dataclass(frozen=True)
class Known:
    """What a model may repeat: words of the person, the plan, quotes and facts; and the desk's instruments.

    `verbatim` are texts of others that may stand whole, with whatever quotation marks are in them.
    """

    words: str
    instruments: Instruments
    verbatim: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, texts: Iterable[str], facts: Iterable[Fact], instruments: Instruments, verbatim: Iterable[str] = ()
    ) -> Known:
        """From texts that may be repeated and the facts of the run."""
        about = (
            f"{fact.label} {fact.as_of} {fact.source} {fact.locator} {fact.unit} {fact.currency}" for fact in facts
        )
        whole = tuple(sorted(verbatim, key=len, reverse=True))
        return cls(" ".join(" ".join((*texts, *about)).split()), instruments, whole)

    def has(self, words: str) -> bool:
        """Whether the words stand there, whatever their case."""
        return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", self.words, re.IGNORECASE) is not None

    def has_slot(self, words: str) -> bool:
        """Whether a slot stands there with just these words at it."""
        return " ".join(words.split()) in self.words


def find_inventions(text: str, known: Known) -> list[str]:
    """Every invention of an unfilled text, as sentences; empty means none was found."""
    bare = SLOT.sub(" \u0000 ", text)
    return [
        *_odd_digits(text),
        *(f"the words {n!r} are a number of its own" for n in _new(_NUMBER_WORDS, bare, known)),
        *_units(text, known),
        *(f"{quote!r} is quoted from nowhere" for quote in _quotes(bare, known)),
        *(f"the date {date!r} is nobody's" for date in _new(DATED, bare, known)),
        *(f"{name!r} was not spoken of" for name in _names(bare, known)),
    ]


def _new(pattern: re.Pattern[str], text: str, known: Known) -> list[str]:
    return [found for found in (match[0] for match in pattern.finditer(text)) if not known.has(found)]


def _odd_digits(text: str) -> list[str]:
    odd = [c for c in text if not c.isascii() and unicodedata.category(c) in ("Nd", "Nl", "No")]
    return [f"the sign {odd[0]!r} is a number of its own"] if odd else []


def _units(text: str, known: Known) -> list[str]:
    """Units and signs at a slot that the plan did not put there: a slot brings its own."""
    behind = [(m[0], m[3]) for m in _UNIT_BEHIND.finditer(text)]
    before = [(m[0], m[1].strip()) for m in _SIGN_BEFORE.finditer(text)]
    return [f"{unit!r} at a slot changes its number" for words, unit in (*behind, *before) if not known.has_slot(words)]


def _quotes(text: str, known: Known) -> list[str]:
    said = known.words.casefold()
    for words in known.verbatim:
        inner = _MARKS.sub("", words)
        if inner != words and words in text:
            text, said = text.replace(words, inner), f"{said} {' '.join(inner.split()).casefold()}"
    return [quote for quote in _QUOTED.findall(text) if " ".join(quote.split()).casefold() not in said]


def _names(text: str, known: Known) -> list[str]:
    """Tickers and firms that nobody named, and instruments of the desk that were not spoken of."""
    found = []
    for match in TICKER.finditer(text):
        word = match[0].strip("$#.:-/")
        if len(word) > 1 and word not in COMMON and not known.has(word):
            found.append(word)
    found += [*_new(_FIRM, text, known), *(word for word in _new(_INSIDE, text, known) if word not in COMMON)]
    for match in _NAME.finditer(text):
        words = match[0].removesuffix("'s").split()
        for size in range(len(words), 0, -1):
            for start in range(len(words) - size + 1):
                phrase = " ".join(words[start : start + size])
                if known.instruments.find(phrase) and not known.has(phrase) and not _is_spoken_of(phrase, known):
                    found.append(phrase)
    return list(dict.fromkeys(found))


def _is_spoken_of(phrase: str, known: Known) -> bool:
    """Whether the instrument of that name was named by any of its names."""
    instrument = known.instruments.find(phrase)
    names = () if instrument is None else (instrument.name, instrument.symbol, *instrument.aliases)
    return any(known.has(name) for name in names)
