"""What a question wants computed: the formula it defines or names, over which years, and in what unit.

Nothing is assumed: a definition that cannot be read, or a word that nothing explains, wants nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from desk.yaml_text import read_yaml
from rag.asked import Asked, read_periods
from rag.formula.parse import Unreadable, read_formula
from rag.formula.tree import Both, Change, Formula, Item, Mean, Operator, dimension, items
from rag.instructions import strip_instructions
from rag.metrics import find_mentions
from rag.query import Companies
from rag.words import question_words, stem, tokens

WHOLE = Asked()
"""The whole year."""
Operation = Literal["", "mean", "sum", "cagr"]

_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
_DEFINED = re.compile(
    r"(?P<name>[^.?()]{2,80}?)(?:\s*\((?P<short>[A-Za-z&]{2,12})\))?\s+(?:is|are|was|were)\s+(?:defined|calculated|computed|measured)\s+"
    r"as:?\s*(?P<body>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_DEFINE = re.compile(
    r"^(?:define|calculate|compute|assume)\s+(?P<name>[^.?]{2,60}?)\s+(?:as|using|to be|by)\s+(?P<body>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_ASKS = re.compile(
    r"\b(?:what|how|has|have|did|does|is|are|was|were|calculate|compute|give|find|tell)\b", re.IGNORECASE
)
_LEAD = re.compile(
    r"^.*?\b(?:what|how much|how)\s+(?:is|are|was|were|did|does|has|have)?\b"
    r"|^(?:please\s+)?(?:calculate|compute|give me|find|tell me)\b",
    re.IGNORECASE,
)
_MEAN = re.compile(r"\b(?:(?:\d+|two|three|four|five)[\s-]+years?[\s-]+)?(?:average|mean)(?:\s+of)?\b", re.IGNORECASE)
_CAGR = re.compile(
    r"\b(?:(?:\d+|two|three|four|five)[\s-]+years?\s+)?(?P<of>.*?)\b(?:cagr|compound(?:ed)? annual growth(?: rate)?)\b"
    r"(?:\s+(?:of|in)\s+(?P<after>[^,]*))?",
    re.IGNORECASE,
)
_SUM = re.compile(
    r"\b(?:(?:the\s+)?(?:sum|total) of|combined|cumulative|in aggregate|in total|altogether|added up)\b", re.IGNORECASE
)
_SHARE = re.compile(
    r"^(?P<part>.+?)\s+as\s+an?\s+(?:%|percent(?:age)?|share|proportion)\s+of\s+(?P<whole>.+)$", re.IGNORECASE
)
_RATIO = re.compile(r"^(?:the\s+)?ratio\s+of\s+(?P<part>.+?)\s+to\s+(?P<whole>.+)$", re.IGNORECASE)
_DIVIDED = re.compile(r"^.*\bdividing\s+(?P<part>.+?)\s+by\s+(?P<whole>.+)$", re.IGNORECASE)
_BY_DIVIDING = re.compile(r"^dividing\s+(.+?)\s+by\s+(.+)$", re.IGNORECASE)
_APART = re.compile(r"^(?:the\s+)?difference between\s+(?P<part>.+?)\s+and\s+(?P<whole>.+)$", re.IGNORECASE)
_PERCENT = re.compile(r"\bper\s?cents?\b|\bpercent|%", re.IGNORECASE)
_OPERATOR = re.compile(r"\s[+*/×÷]\s|\b(?:plus|minus|less|divided by)\b|\)\s*[-–−]|\s[-–−]\s*\(?[a-z]", re.IGNORECASE)
_SPAN_WORDS = re.compile(r"\b(?:\d+|two|three|four|five)[\s-]+years?(?=[\s-])", re.IGNORECASE)
_LOOSE = re.compile(
    r"\b(?:over|across|during|between|from|for|in|of)\b(?:\s|,|-|–|\band\b|\bto\b|\bthe\b)*$", re.IGNORECASE
)
_ASIDE = re.compile(r"\((?![^()]*[+*/×÷])[^()]*\)")


class Ratio(BaseModel):
    """A ratio that analysts ask for by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    ask: tuple[str, ...]
    formula: str
    percent: bool = False
    unit: str = ""


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


@cache
def load_ratios() -> tuple[Ratio, ...]:
    """The table of named ratios, read once."""
    text = (Path(__file__).parent / "ratios.yaml").read_text(encoding="utf-8")
    return TypeAdapter(tuple[Ratio, ...]).validate_python(read_yaml(text))


@cache
def _by_phrase() -> dict[tuple[str, ...], Ratio]:
    return {tuple(tokens(phrase)): ratio for ratio in load_ratios() for phrase in (ratio.name, *ratio.ask)}


def read_wanted(text: str, companies: Companies) -> Wanted | None:
    """What is to be computed; None when the question asks for no computation that can be read."""
    sentences = _SENTENCE.split(text.strip())
    try:
        defined = _definitions(sentences)
        asked = next((s for s in sentences if "?" in s), next((s for s in sentences if _ASKS.search(s)), ""))
        return _wanted(strip_instructions(asked), text, defined, companies.find(text)[1])
    except Unreadable:
        return None


def _definitions(sentences: list[str]) -> dict[str, Formula]:
    """Formulas that the question itself defines, by name and by short name; later ones may use earlier names."""
    bodies: list[tuple[tuple[str, ...], str]] = []
    for sentence in sentences:
        match = _DEFINED.search(sentence) or _DEFINE.match(sentence)
        if match is None or sentence.rstrip().endswith("?"):
            continue
        named: list[str] = [match["name"], match.groupdict().get("short") or ""]
        body = re.sub(r"\((?:from|in|on|see)\b[^()]*\)", " ", match["body"], flags=re.IGNORECASE).rstrip(" .")
        if match.re is _DEFINE and not _OPERATOR.search(f" {body} "):
            body = re.sub(r"\band\b", " + ", body)
        body = _BY_DIVIDING.sub(r"(\1) / (\2)", body)
        bodies.append((tuple(_key(name) for name in named if name), body))
    known: dict[str, Formula] = {}
    for _ in bodies:  # a definition may come before the one it uses
        for names, body in bodies:
            if names[0] not in known:
                try:
                    formula = read_formula(body, known)
                except Unreadable:
                    continue
                known.update(dict.fromkeys(names, formula))
    if any(names[0] not in known for names, _ in bodies):
        raise Unreadable("a definition cannot be read")
    return known


def _key(name: str) -> str:
    name = re.sub(r"^.*\b(?:the|an?)\s+", "", name.strip(), flags=re.IGNORECASE)
    return " ".join(name.casefold().split())


def _wanted(asked: str, text: str, defined: Mapping[str, Formula], company: frozenset[str]) -> Wanted | None:
    periods, bare = read_periods(asked.rstrip("? ."))
    bare = _LEAD.sub(" ", bare)
    named, bare = _named(bare, defined, company), _LOOSE.sub(" ", _SPAN_WORDS.sub(" ", _ASIDE.sub(" ", bare)).strip())
    years = tuple(sorted({period.year for period in periods if period.year}))
    within = _within(periods)
    if within is None or not (years or within.date):
        return None
    years = years or (0,)
    percent = _PERCENT.search(text) is not None
    cagr = _CAGR.search(bare)
    if cagr and len(years) > 1:
        found = named or _base(cagr["after"] or cagr["of"], company)
        return found and Wanted(
            f"{found[0]}, compound annual growth", found[1], (years[0], years[-1]), "cagr", percent=True, within=within
        )
    mean = _MEAN.search(bare)
    if mean and len(years) > 1:
        found = named or _base(_MEAN.sub(" ", bare), company)
        span = tuple(range(years[0], years[-1] + 1))
        plain = found is not None and isinstance(found[1], Item)
        unit = _in_percent(found, percent) if found else False
        return found and Wanted(found[0], found[1], span, "mean", unit, found[2].unit, within, plain)
    if _SUM.search(bare) and len(years) > 1:
        found = _base(_LOOSE.sub(" ", _SUM.sub(" ", bare).strip()), company)
        return found and Wanted(found[0], found[1], tuple(range(years[0], years[-1] + 1)), "sum", within=within)
    found = named or _base(bare, company)
    if found is not None and isinstance(found[1], Item) and (found[1].metric.formula or found[1].metric.added):
        return Wanted(found[0], found[1], years, unit=found[1].metric.unit, within=within, printed=True)
    if found is None or isinstance(found[1], Item) or ((within.quarter or within.months) and _spans(found[1])):
        return None
    return Wanted(found[0], found[1], years, "", _in_percent(found, percent), found[2].unit, within)


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


_Base = tuple[str, Formula, Ratio]
PLAIN = Ratio(name="", ask=(), formula="")


def _in_percent(found: _Base, asked: bool) -> bool:
    return dimension(found[1]) == 0 and (asked or found[2].percent) and not found[2].unit


def _named(words: str, defined: Mapping[str, Formula], company: frozenset[str]) -> _Base | None:
    """A formula that the question defines and asks for, or its margin: its share of revenue."""
    stems = [word for word in tokens(words) if word not in company]
    for name in sorted(defined, key=len, reverse=True):
        rest = _inside(tokens(name), stems)
        if rest is not None and "margin" in rest and dimension(defined[name]) == 1:
            whole = Both("/", defined[name], read_formula("revenue"))
            return f"{name} margin", whole, PLAIN.model_copy(update={"percent": True})
        if rest is not None:
            return name, defined[name], PLAIN
    return None


def _base(words: str, company: frozenset[str]) -> _Base | None:
    """Name, formula and how it is shown: a named ratio, a share, or operators written out."""
    head, _, basis = words.partition(" using ")
    stems = [word for word in tokens(head) if word not in company]
    phrases = sorted(_by_phrase(), key=len, reverse=True)
    hit = next(
        (phrase for phrase in phrases if (rest := _inside(phrase, stems)) is not None and not _unknown(rest)), None
    )
    if hit is not None:
        ratio = _by_phrase()[hit]
        formula = read_formula(ratio.formula)
        if {mention.metric.id for mention in find_mentions(tokens(basis))} <= {i.metric.id for i in items(formula)}:
            return ratio.name, formula, ratio
    kept = " ".join(word for word in words.split() if not set(tokens(word)) & company or not tokens(word))
    kept = re.sub(r"\s+(?:for|of|at|by)\s*$", "", kept.strip(" ,;:-–"), flags=re.IGNORECASE)
    for pattern in (_SHARE, _RATIO, _DIVIDED, _APART):
        match = pattern.match(kept)
        if match:
            part, whole = read_formula(match["part"]), read_formula(match["whole"])
            sign: Operator = "-" if pattern is _APART else "/"
            name = f"{match['part'].strip()} {'less' if pattern is _APART else 'to'} {match['whole'].strip()}"
            return name, Both(sign, part, whole), PLAIN.model_copy(update={"percent": pattern is _SHARE})
    formula = read_formula(kept)
    return kept, formula, PLAIN


def _inside(phrase: list[str] | tuple[str, ...], stems: list[str]) -> list[str] | None:
    """The other words when the phrase stands in the words; None when it does not."""
    n = len(phrase)
    at = next((i for i in range(len(stems) - n + 1) if stems[i : i + n] == list(phrase)), None)
    return None if at is None or not n else stems[:at] + stems[at + n :]


_FREE = frozenset(
    map(
        stem,
        [
            "improved",
            "improve",
            "declined",
            "decline",
            "profile",
            "healthy",
            "useful",
            "unadjusted",
            "between",
            "year-end",
        ],
    )
)


def _unknown(rest: list[str]) -> list[str]:
    return [word for word in rest if word not in question_words() | _FREE and word != "%"]
