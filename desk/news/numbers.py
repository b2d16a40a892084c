"""Numbers of a sentence set against each other: "EUR 5 m, compared with 3 m", "a profit, from a loss". Pure."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from desk.news.words import Lexicon

Kind = Literal["movement", "comparison", "event", "weak"]
FLIP = 2.4
"""The weight of a profit where a loss was, or of the reverse."""
REACH = 130
"""Characters between the measure and the comparing word."""
MONEYS = frozenset(
    {"euro", "dollar", "pound", "yen", "franc", "peso", "rouble", "ruble", "yuan", "lira", "rupee", "eth", "btc"}
    | {"gas", "oil", "gold", "silver", "copper"}
)
"""Measures that are units as well."""
_CURRENCY = r"(?:euros?|eur|usd|gbp|sek|nok|dkk|us\$|\$|€|£)"
_SCALE = r"(?:mln|mn|m|bn|billion|million|thousand|k|percent|per cent|pct|%|cents?|times|tonnes)"
_AMOUNT = re.compile(
    rf"(?P<before>{_CURRENCY})?\s?(?P<minus>negative |minus |-)?{_CURRENCY}?\s?"
    rf"(?<![\d.])(?P<value>\d[\d,]*(?:\s?\.\d+)?)"
    rf"[\s-]?(?P<scale>{_SCALE})?(?!\w)\s?(?P<after>{_CURRENCY}(?![\w$]))?"
)
_COMPARATOR = re.compile(
    r"(?<!\w)(?:(?:as )?compared (?:with|to)|in comparison (?:with|to)|versus|vs\.?|against|up from|down from|from|"
    r"than the)\s+"
    r"(?:(?:a|an|the|about|some|around|over|just)\s+)*(?:(?:net|operating|pretax|pre-tax)\s+)?"
    r"(?:(?P<kind>profit|loss)(?:\s+of)?\s+)?"
    r"(?:(?:of|a) )*(?=[\d€$£-]|eur|usd|us\$|gbp|minus |negative )"
)
_FLIP = re.compile(
    r"(?:compared (?:with|to)|versus|vs\.?|against|up from|down from|from)\s+(?:a|an|the)?\s*"
    r"(?:net |operating |pretax )?(?P<kind>profit|loss)(?!\w)"
)
_YEAR = re.compile(r"(?:19|20)\d\d$")
_DATE = re.compile(r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)\w*\.?\s$")
_SCALES = {"billion": 1e9, "bn": 1e9, "million": 1e6, "mln": 1e6, "mn": 1e6, "m": 1e6, "thousand": 1e3, "k": 1e3}
_SHARES = ("percent", "per cent", "pct", "%")


class Evidence(NamedTuple):
    """A piece of the text that counted: where it stands, its weight (below zero: bad), and its role in words."""

    text: str
    start: int
    end: int
    weight: float
    why: str
    kind: Kind = "event"


def find_comparisons(low: str, words: Lexicon) -> list[Evidence]:
    """The first comparison of two like numbers, or of a profit with a loss, and the measure before it."""
    for match in [*_FLIP.finditer(low), *_COMPARATOR.finditer(low)]:
        before = [m for m in words.measure.finditer(low, 0, match.start()) if match.start() - m.end() <= REACH]
        before = [m for m in before if m[0] not in MONEYS and ";" not in low[m.end() : match.start()]]
        if not before:
            continue
        measure = re.sub(r"\s+", " ", before[-1][0])
        weight = _compare(words.measures[measure], low, before[-1].end(), match)
        if weight:
            start, end = before[-1].start(), min(len(low), match.end() + 12)
            return [Evidence(low[start:end], start, end, weight, f"numbers compared: {measure}", "comparison")]
    return []


def _compare(measure: tuple[str, float], low: str, begin: int, match: re.Match[str]) -> float:
    name, weight = measure
    kind, is_loss = match["kind"] or "", name == "loss"
    if kind and is_loss != (kind == "loss") and name in {"loss", "profit"}:
        return FLIP if kind == "loss" else -FLIP
    then = _AMOUNT.match(low, match.end()) or _AMOUNT.match(low, match.end() - 1)
    if then is None or _YEAR.match(then["value"]):
        return 0.0
    nows = [m for m in _AMOUNT.finditer(low, begin, match.start()) if not _is_date(m, low) and _like(m, then)]
    same = [m for m in nows if (m["before"] or m["after"]) == (then["before"] or then["after"])] or nows
    if not same:
        return 0.0
    now_value, then_value = _value(same[-1]), _value(then)
    return weight if now_value > then_value else -weight if now_value < then_value else 0.0


def _is_date(amount: re.Match[str], low: str) -> bool:
    year = _YEAR.match(amount["value"]) is not None and not amount["scale"]
    return year or _DATE.search(low, max(0, amount.start("value") - 10), amount.start("value")) is not None


def _like(one: re.Match[str], other: re.Match[str]) -> bool:
    """Both are shares in percent, or neither is."""
    return ((one["scale"] or "") in _SHARES) == ((other["scale"] or "") in _SHARES)


def _value(amount: re.Match[str]) -> float:
    value = float(amount["value"].replace(",", "").replace(" ", "").rstrip("."))
    return (-value if amount["minus"] else value) * _SCALES.get(amount["scale"] or "", 1.0)
