"""The ways in which a computation is said: shares, ratios, sums, and definitions within the question itself.

"What percentage of net sales went to fulfillment", "debt-to-equity", "dividends and buybacks combined", "(receivables
over revenue)": each is two or more items and how they are joined. Which items those are is read elsewhere. Gaps are
bounded, as no computation is said in more words.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rag.formula.tree import Operator

_SHARE_WORD = r"(?:%|per\s?cents?|percentages?|shares?|portions?|proportions?|fractions?)"
_VERB = (
    r"(?:spen[dt]s?|ke(?:ep|pt)|earn(?:ed)?|ma[dk]e(?: up)?|retain(?:ed)?|turn(?:ed)?|convert(?:ed)?|invest(?:ed)?"
    r"|put|devoted?|go(?:es)?|went|c[oa]mes?|account(?:ed)?(?= for)|represent(?:ed|s)?|consist(?:ed|s)?|pay|paid"
    r"|absorb(?:ed)?|end(?:ed)? up|hold|held|carr(?:y|ied)|tied up|attributable)"
)
_LINK = r"(?:on|as|into|in|to|towards?|from|for|by|of|with)"
_NOISE = re.compile(
    rf"^(?:\W|(?:many|much|did|does|do|was|were|is|are|has|have|had|it|its|their|they|the|company"
    rf"|dollars? of|{_VERB}|{_LINK})\b){{1,40}}",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"(?:\W|\b(?:did|does|do|was|were|is|are|has|have|had|it|report(?:ed)?|post(?:ed)?|show(?:ed)?|record(?:ed)?|hold|held"
    r"|add(?:ed)? up to|c[oa]me to|amount(?:ed)? to|stand(?: at)?|stood(?: at)?|for|of|at|by|in|to|spend|spent|pay|paid"
    r"|own|owned|carry|carried|(?:ate|eat|took|make|made) up|consumed?|represent(?:ed)?|account(?:ed)? for"
    r"|equal(?:led)?|(?:the )?end)\b){1,40}$",
    re.IGNORECASE,
)


LONGEST = 240
"""Characters of the words in which a computation is said."""


class Shape(NamedTuple):
    """Two items and how they are joined. `percent`: a share, whose part may be named by its row alone."""

    part: str
    sign: Operator
    whole: str
    percent: bool = False
    unit: str = ""


class _Way(NamedTuple):
    pattern: re.Pattern[str]
    sign: Operator
    percent: bool = False
    unit: str = ""


def _way(pattern: str, sign: Operator, percent: bool = False, unit: str = "") -> _Way:
    return _Way(re.compile(pattern, re.IGNORECASE), sign, percent, unit)


_WAYS = (
    _way(
        rf"^(?:many\s+|the\s+)?{_SHARE_WORD}\s+of\s+(?P<whole>.+?)\s+"
        rf"(?P<part>(?:did|does|do|was|were|is|are|has|have|{_VERB})\b.+)$",
        "/",
        percent=True,
    ),
    _way(
        rf"^(?P<part>.+?),?\s+(?:as|in)\s+(?:an?\s+|the\s+)?{_SHARE_WORD}\s+(?:of|to)\s+(?P<whole>.+)$",
        "/",
        percent=True,
    ),
    _way(r"^(?P<part>.+?),?\s+(?:expressed\s+)?as\s+a\s+multiple\s+of\s+(?P<whole>.+)$", "/"),
    _way(rf"^of\s+(?P<whole>.+?)\s+(?P<part>(?:{_VERB}|was|were|is|are)\b.+)$", "/", percent=True),
    _way(r"^(?:the\s+)?ratio\s+of\s+(?P<part>.+?)\s+to\s+(?P<whole>.+)$", "/"),
    _way(r"^(?P<part>.+?)[\s-]to[\s-](?P<whole>.+?)[\s-](?:ratio|multiple)$", "/"),
    _way(r"^.*\bdividing\s+(?P<part>.+?)\s+by\s+(?P<whole>.+)$", "/"),
    _way(r"^(?P<part>.+?)\s+(?:for|per)\s+(?:every|each|one|a)?\s*dollar\s+(?:of|in)\s+(?P<whole>.+)$", "/"),
    _way(r"^(?P<part>.+?)\s+per\s+(?P<whole>(?:diluted|basic)\s+share)$", "/", unit="USD/share"),
    _way(r"^(?:the\s+)?multiple\s+of\s+(?P<whole>.+?)\s+(?P<part>(?:was|were|is|are|did|does)\b.+)$", "/"),
    _way(
        r"^(?:many\s+)?times\s+(?:(?:larger|bigger|greater|higher)\s+than|as (?:large|big|high) as)?\s*(?P<whole>.+?)"
        r"\s+(?P<part>(?:was|were|is|are)\b.+)$",
        "/",
    ),
    _way(r"^(?:many\s+)?times\s+(?:did|does|do|could|can)?\s*(?P<part>.+?)\s+cover(?:ed|s)?\s+(?P<whole>.+)$", "/"),
    _way(r"^(?:the\s+)?(?:difference|gap) between\s+(?P<part>.+?)\s+and\s+(?P<whole>.+)$", "-"),
    _way(
        r"^(?:.*\b(?:through|via|by|from|on|of|in)\s+)?(?P<part>.+?)\s+(?:and|plus)\s+(?P<whole>.+?),?\s+"
        r"(?:together|combined|taken together|in total|in aggregate|added together)\b.*$",
        "+",
    ),
    _way(r"^(?:the\s+)?(?:sum|total) of\s+(?P<part>.+?)\s+and\s+(?P<whole>.+)$", "+"),
)


def read_shape(words: str) -> Shape | None:
    """The two items of a share, ratio, difference or sum; None when the words say none."""
    for way in _WAYS if len(words) <= LONGEST else ():
        match = way.pattern.match(words)
        if match:
            part, whole = trim(match["part"]), trim(match["whole"])
            return Shape(part, way.sign, whole, way.percent, way.unit) if part and whole else None
    return None


def trim(words: str) -> str:
    """An item without the verbs and small words around it."""
    return _TRAILING.sub("", _NOISE.sub("", words))


_JOINED = r"(?:\s[+*/×÷x]\s|\b(?:plus|minus|less|divided by|times|multiplied by|over)\b|\s[-–−]\s)"
_BRACKET = re.compile(rf"\(([^()]{{1,200}}{_JOINED}[^()]{{1,200}})\)", re.IGNORECASE)
_AFTER = re.compile(
    r",?\s*\b(?:i\.e\.|that is|taken (?:here )?as|(?:computed|calculated|measured|defined|expressed) as|meaning"
    rf"|counting)[,:]?\s+(?P<body>[^?;]{{1,200}}{_JOINED}[^?;]{{1,200}})",
    re.IGNORECASE,
)
_USE = re.compile(
    rf"(?:^|[.?!]\s+)(?:please\s+)?(?:use|calculate(?: it| this)? as)\s+(?:the formula\s+)?"
    rf"(?P<body>[^?]{{1,200}}{_JOINED}[^?]{{1,200}}?)"
    r"\s*(?:\.(?=\s|$)|$)",
    re.IGNORECASE,
)
_TURNED = re.compile(rf"^(?P<part>.{{2,120}}?)\s+what\s+(?P<share>{_SHARE_WORD})\s+of\s+", re.IGNORECASE)
_BY_STATEMENT = re.compile(
    r",?\s*\b(?:going by|going off|according to|as per|per|taken from|judging by)\s+the\s+[^,?]{0,60}?"
    r"\b(?:statements?|sheet|10-?[kq]|report)\b",
    re.IGNORECASE,
)
PARTS = re.compile(r"\b(?:segments?|divisions?|regions?|business units?)\b", re.IGNORECASE)
_BASIS_TAIL = re.compile(r",\s*(?:in|as|rounded|to)\b[^,]*$", re.IGNORECASE)


_AVERAGE = re.compile(
    r"\bthe (?:average|mean) of (?:the )?(?:opening|beginning) and (?:closing|ending|year[- ]end) (?:balances? of )?"
    r"([^,()]+)",
    re.IGNORECASE,
)


def straighten(asked: str) -> str:
    """The question with its question first ("rent was what share of sales"), and without the statement it names."""
    asked = _BY_STATEMENT.sub("", asked)
    match = _TURNED.match(asked)
    return (
        f"what {match['share']} of {asked[match.end() :].rstrip('?. ')} was {trim(match['part'])}?" if match else asked
    )


def read_inline(asked: str, text: str) -> str:
    """The formula that the question gives for what it asks: in a bracket, after "i.e.", in a sentence. "" without one.

    A question about a part of the company has none: the formula's items would be read of the whole.
    """
    if PARTS.search(asked):
        return ""
    found = _BRACKET.search(asked) or _AFTER.search(asked)
    if found:
        body = found[found.lastindex or 1]
    else:
        found = _USE.search(text)
        body = found["body"] if found else ""
    return _AVERAGE.sub(r"average \1", _BASIS_TAIL.sub("", body.strip(" ,.")))
