"""What a question wants computed: the formula it defines or names, over which years, and in what unit.

Nothing is assumed: a definition that cannot be read, or a word that nothing explains, wants nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.asked import Asked, read_periods
from rag.formula.defined import read_definitions
from rag.formula.named import PLAIN, Base, read_base, read_named
from rag.formula.parse import Unreadable, read_formula
from rag.formula.said import PARTS, read_inline, straighten, trim
from rag.formula.tree import Both, Change, Formula, Item, Mean, dimension, items
from rag.instructions import strip_instructions
from rag.query import Companies
from rag.words import tokens

WHOLE = Asked()
"""The whole year."""
Operation = Literal["", "mean", "sum", "cagr"]

_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
_ASKS = re.compile(
    r"\b(?:what|how|has|have|did|does|is|are|was|were|calculate|compute|give|find|tell|work out|determine|show)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^.*?\b(?:what|which|how much|how)(?:['\u2019]s)?\s+(?:is|are|was|were|did|does|has|have)?\b"
    r"|^(?:please\s+)?(?:calculate|compute|give me|find|tell me|work out|determine|show(?: me)?)\b",
    re.IGNORECASE,
)
_MEAN = re.compile(r"\b(?:(?:\d+|two|three|four|five)[\s-]+years?[\s-]+)?(?:average|mean)(?:\s+of)?\b", re.IGNORECASE)
_CAGR = re.compile(
    r"\b(?:(?:\d+|two|three|four|five)[\s-]+years?\s+)?(?P<of>.*?)\b(?:cagr|compound(?:ed)? annual growth(?: rate)?)\b"
    r"(?:\s+(?:of|in)\s+(?P<after>[^,]*))?",
    re.IGNORECASE,
)
_SUM = re.compile(
    r"\b(?:(?:the\s+)?(?:sum|total) of|combined|cumulative|in aggregate|in total|altogether"
    r"|(?:taken |added )?together|added up)\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\bper\s?cents?\b|\bpercent|%", re.IGNORECASE)
_SPAN_WORDS = re.compile(r"\b(?:\d+|two|three|four|five)[\s-]+years?(?=[\s-])", re.IGNORECASE)
_LOOSE = re.compile(
    r"\b(?:over|across|during|between|from|for|in|of)\b(?:\s|,|-|–|\b(?:and|to|the|fiscal|years?|period|[2-5]|two|three|four|five)\b)*$",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\((?![^()]*[+*/×÷])[^()]*\)")
_BRACKETS = re.compile(r"\([^()]*\)?")
_POINTS = re.compile(r"\b(?:by\s+)?(?:how\s+)?(?:many\s+)?(?:percentage|basis)[\s-]points?\b", re.IGNORECASE)
_MOVE = re.compile(
    r"\b(?:increased?|decreased?|gr[eo]w|declined?|drop(?:ped)?|f[ae]ll|r[io]se|shr[aiu]nk|changed?|improved?|climb(?:ed)?"
    r"|in (?:absolute )?dollar terms|in (?:absolute )?dollars|in absolute terms)\b",
    re.IGNORECASE,
)
_MOVED = re.compile(rf"\bhow (?:much|many dollars)\b.{{1,120}}?{_MOVE.pattern}", re.IGNORECASE)
_OVER = re.compile(
    r"\bhow much\b.*\b(?:over|across|during)\s+(?:the\s+)?(?:(?:last|past|whole|full)\s+)?(?:\w+\s+)?(?:fiscal\s+)?"
    r"(?:years|period)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wanted:
    """A figure to compute for each of `years`, or over all of them by `over`."""

    name: str
    formula: Formula
    years: tuple[int, ...]
    over: Operation = ""
    percent: bool = False
    unit: str = ""
    within: Asked = WHOLE
    """The part of each year that is meant: a quarter, the first months; or the date that names the only one."""
    printed: bool = False
    """It may stand in the filing as it is: a plain line item over years, or a ratio that companies print."""


def read_wanted(text: str, companies: Companies) -> Wanted | None:
    """What is to be computed; None when the question asks for no computation that can be read."""
    sentences = _SENTENCE.split(text.strip())
    try:
        defined = read_definitions(sentences)
        asked = next((s for s in sentences if "?" in s), next((s for s in sentences if _ASKS.search(s)), ""))
        inline = read_inline(asked, text)
        given = read_formula(inline, defined, rows=True) if inline else None
        asked = straighten(companies.without_doers(strip_instructions(asked)))
        return _wanted(asked, text, defined, given, companies.find(text)[1])
    except Unreadable:
        return None


def _wanted(
    asked: str, text: str, defined: Mapping[str, Formula], given: Formula | None, company: frozenset[str]
) -> Wanted | None:
    periods, bare = read_periods(asked.rstrip("? ."))
    bare = _LEAD.sub(" ", bare)
    bare = " ".join(word for word in bare.split() if not set(tokens(word)) & company or not tokens(word))
    if PARTS.search(bare):
        bare = _BRACKETS.sub(" ", bare)
    named = read_named(bare, defined)
    bare = _LOOSE.sub(" ", _SPAN_WORDS.sub(" ", _ASIDE.sub(" ", bare)).strip())
    if named is None and given is not None:
        named = trim(_BRACKETS.sub(" ", bare).partition(",")[0]), given, PLAIN
    years = tuple(sorted({period.year for period in periods if period.year}))
    within = _within(periods)
    if within is None or not (years or within.date):
        return None
    years = years or (0,)
    percent = _PERCENT.search(text) is not None
    if len(years) > 1:
        over = _over_years(asked, bare, named, defined, years, within, percent)
        if over is not None:
            return over
    found = _called(named or read_base(bare, defined))
    if (within.quarter or within.months) and _spans(found[1]):
        return None
    if isinstance(found[1], Item):
        entry = found[1].target.metric
        if entry is None or not (entry.formula or entry.added):
            return None
        return Wanted(found[0], found[1], years, unit=entry.unit, within=within, printed=True)
    return Wanted(found[0], found[1], years, "", _in_percent(found, percent), found[2].unit, within)


def _called(found: Base) -> Base:
    """The same under a name without numerals, which would stand in the answer unexplained."""
    return " ".join(word for word in found[0].split() if not any(map(str.isdigit, word))) or "result", *found[1:]


def _over_years(
    asked: str,
    bare: str,
    named: Base | None,
    defined: Mapping[str, Formula],
    years: tuple[int, ...],
    within: Asked,
    percent: bool,
) -> Wanted | None:
    """One figure over several years: compound growth, a mean, a sum, or a ratio's change in points."""
    span = tuple(range(years[0], years[-1] + 1))
    cagr, mean = _CAGR.search(bare), _MEAN.search(bare)
    if cagr:
        name, formula, _ = _called(named or read_base(cagr["after"] or cagr["of"], defined))
        ends = (years[0], years[-1])
        return Wanted(f"{name}, compound annual growth", formula, ends, "cagr", percent=True, within=within)
    if mean:
        found = _called(named or read_base(_MEAN.sub(" ", bare), defined))
        plain = isinstance(found[1], Item)
        return Wanted(found[0], found[1], span, "mean", _in_percent(found, percent), found[2].unit, within, plain)
    if _POINTS.search(asked) and len(years) == 2 and not within.quarter:
        name, formula, _ = _called(named or read_base(_POINTS.sub(" ", bare), defined))
        change = Change(formula, years)
        return (
            Wanted(f"change in {name}", change, years[-1:], "", True, "percentage points", within)
            if dimension(formula) == 0
            else None
        )
    if _MOVED.search(asked) and len(years) == 2 and not (percent or within.quarter):
        name, formula, _ = _called(named or read_base(_MOVE.sub(" ", bare), defined))
        change = Change(formula, years)
        return Wanted(f"change in {name}", change, years[-1:], within=within) if dimension(formula) == 1 else None
    if _SUM.search(bare) or _OVER.search(asked):
        found = _called(read_base(_LOOSE.sub(" ", _SUM.sub(" ", bare).strip()), defined))
        return Wanted(found[0], found[1], span, "sum", within=within) if _flows(found[1]) else None
    return None


def _flows(formula: Formula) -> bool:
    """Whether it may be added up over years: nothing in it is an amount at a day."""
    return all(item.target.metric is None or item.target.metric.statement != "balance" for item in items(formula))


def _within(periods: Sequence[Asked]) -> Asked | None:
    """What part of the years is asked about; None when the periods are of different kinds."""
    kinds = {(period.quarter, period.date, period.months) for period in periods}
    if len(kinds) != 1 or (len(periods) > 1 and periods[0].date):
        return WHOLE if not kinds else None
    quarter, date, months = kinds.pop()
    return None if quarter and any(period.year is None for period in periods) else Asked(None, quarter, date, months)


def _spans(formula: Formula) -> bool:
    """Whether it runs over two ends of a year, which says nothing certain of a part of one."""
    match formula:
        case Mean() | Change():
            return True
        case Both():
            return _spans(formula.left) or _spans(formula.right)
        case _:
            return False


def _in_percent(found: Base, asked: bool) -> bool:
    return dimension(found[1]) == 0 and (asked or found[2].percent) and not found[2].unit
