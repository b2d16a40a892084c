"""Reads a formula from words: "365 * (average accounts payable between FY2016 and FY2017) / (FY2017 COGS + change in
inventory between FY2016 and FY2017)".

A run of words between operators is one line item of the metric table; a word in it that nothing explains makes the
whole formula unreadable, never a guess. With `rows` such words may also name a part of the company or a row by its own
label, which must then stand in the filing exactly so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from rag.formula.tree import Both, Change, Formula, Item, Mean, Number, Operator
from rag.metrics import Mention, Metric, find_mentions, metric
from rag.targets import Target, part_target, row_target
from rag.words import glue_words, question_words, stem, tokens

_TOKEN = re.compile(
    r"(?P<open>[(\[])|(?P<close>[)\]])|(?P<op>[+*/×÷]|(?<=\d )x(?= )|(?<=[\s)\]])[-–−](?=[\s(\[])"
    r"|\b(?:plus|minus|less|divided by|times|multiplied by|over)\b)"
    r"|(?P<number>(?<![\w.])\d+(?:\.\d+)?(?![\w.]|\s*[-–]?\s*year))|(?P<word>[^\s()\[\]+*/×÷]+)",
    re.IGNORECASE,
)
_SIGNS: Mapping[str, Operator] = {
    "plus": "+",
    "minus": "-",
    "less": "-",
    "divided by": "/",
    "times": "*",
    "multiplied by": "*",
    "over": "/",
    "+": "+",
    "-": "-",
    "–": "-",
    "−": "-",
    "*": "*",
    "×": "*",
    "x": "*",
    "/": "/",
    "÷": "/",
}
_YEAR = re.compile(r"\b(?:FY|fiscal(?:\s+year)?|year)?\s*'?((?:19|20)\d\d)\b", re.IGNORECASE)
_SPAN = re.compile(
    r"\b(?:between|from)\s+(?:FY|fiscal\s+)?((?:19|20)\d\d)\s+(?:and|to)\s+(?:FY|fiscal\s+)?((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_MEAN = re.compile(r"^\s*(?:the\s+)?(?:average|avg\.?|mean)(?:\s+of)?\s+", re.IGNORECASE)
_CHANGE = re.compile(r"^\s*(?:the\s+)?(?:change|increase)(?:\s+(?:in|of))\s+", re.IGNORECASE)
_EMPTY = frozenset(
    map(
        stem,
        [
            "unadjusted",
            "total",
            "amount",
            "ending",
            "end",
            "gaap",
            "reported",
            "net",
            "number",
            "sum",
            "the",
            "of",
            "its",
            "annual",
            "full",
            "rate",
            "ratio",
            "spend",
            "balance",
            "year-end",
        ],
    )
)


_ENDS = re.compile(r"\b(?:opening|beginning) and (?:closing|ending|year[- ]end)\b", re.IGNORECASE)
"""The two ends of a year, which an average runs over anyhow."""


class Unreadable(ValueError):
    """Words that are no formula over known line items; says which."""


class _Reader:
    """A descent over the tokens: sums of products of terms."""

    def __init__(self, text: str, named: Mapping[str, Formula], rows: bool) -> None:
        self._tokens = [(match.lastgroup or "", match[0]) for match in _TOKEN.finditer(text)]
        self._at, self._named, self._rows = 0, named, rows

    def whole(self) -> Formula:
        found = self.sum()
        if self._at < len(self._tokens):
            raise Unreadable(f"nothing is known to do with {self._tokens[self._at][1]!r}")
        return found

    def sum(self) -> Formula:
        return self._chain(("+", "-"), self.product)

    def product(self) -> Formula:
        return self._chain(("*", "/"), self.term)

    def _chain(self, signs: tuple[Operator, ...], part: object) -> Formula:
        assert callable(part)
        left: Formula = part()
        while self._kind() == "op" and _SIGNS[self._text().casefold()] in signs:
            sign = _SIGNS[self._next().casefold()]
            left = Both(sign, left, part())
        return left

    def term(self) -> Formula:
        kind = self._kind()
        if kind == "open":
            self._next()
            found = self.sum()
            if self._kind() != "close":
                raise Unreadable("a bracket is not closed")
            self._next()
            return found
        if kind == "number":
            return Number(Decimal(self._next()))
        words: list[str] = []
        while self._kind() == "word" or (self._kind() == "number" and words):
            words.append(self._next())
        if (
            self._kind() == "open"
            and words
            and (_MEAN.match(f"{' '.join(words)} ") or _CHANGE.match(f"{' '.join(words)} "))
        ):
            inner = self.term()
            return Mean(inner) if _MEAN.match(f"{' '.join(words)} ") else Change(inner)
        if not words:
            raise Unreadable("a line item is missing")
        return read_item(" ".join(words), self._named, self._rows)

    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _text(self) -> str:
        return self._tokens[self._at][1]

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1][1]


def read_formula(text: str, named: Mapping[str, Formula] | None = None, rows: bool = False) -> Formula:
    """The formula; `named` are formulas that may be called by name (lower case). Unreadable says what is wrong."""
    return _Reader(_ENDS.sub(" ", text.strip().rstrip(".?;:")), named or {}, rows).whole()


def read_item(words: str, named: Mapping[str, Formula], rows: bool = False) -> Formula:
    """One line item, its average or its change, with the years it names."""
    if words.casefold().strip() in named:
        return named[words.casefold().strip()]
    span = _SPAN.search(words)
    years = (int(span[1]), int(span[2])) if span else ()
    rest = _SPAN.sub(" ", words)
    for pattern, kind in ((_MEAN, Mean), (_CHANGE, Change)):
        if match := pattern.match(rest):
            return kind(read_item(rest[match.end() :], named, rows), years)
    year = _YEAR.search(rest)
    rest = _YEAR.sub(" ", rest)
    back = 1 if re.search(r"\b(?:beginning|prior[- ]year|previous[- ]year|opening)\b", rest, re.IGNORECASE) else 0
    rest = re.sub(r"\b(?:beginning|prior[- ]year|previous[- ]year|opening)\b", " ", rest, flags=re.IGNORECASE)
    key = " ".join(rest.casefold().split())
    if key in named:
        return named[key]
    stems = tokens(rest)
    mentions = find_mentions(stems)
    taken = {i for mention in mentions for i in range(mention.start, mention.end)}
    left = [word for i, word in enumerate(stems) if i not in taken and word not in _EMPTY | question_words()]
    when = int(year[1]) if year else None
    if len(mentions) == 1 and not left:
        return _item(mentions[0].metric, when, back)
    if not rows or not (mentions or left):
        raise Unreadable(f"{words!r} is no line item that is known")
    return _loose(stems, mentions, tuple(left), when, back)


def _loose(
    stems: Sequence[str], mentions: Sequence[Mention], left: tuple[str, ...], year: int | None, back: int
) -> Formula:
    """A part of the company, or a row whose label is these words."""
    named = [word for mention in mentions for word in stems[mention.start : mention.end]]
    row = row_target((*named, *left))
    if len(mentions) == 1:
        return _item(mentions[0].metric, year, back, left, row)
    whole = tuple(word for word in stems if word not in glue_words())  # "state" says nothing, "United States" does
    return Item((row_target(whole), row) if whole != row.part else (row,), year, back)


def _item(entry: Metric, year: int | None, back: int, part: tuple[str, ...] = (), row: Target | None = None) -> Formula:
    """The line item, or the two that the table computes it from; of a part of the company when one is named."""
    formula = entry.formula
    if formula is None or entry.rows:
        target = part_target(entry, part) if part else Target(entry.id, entry.name, entry)
        return Item((row, target) if row else (target,), year, back)
    sign: Operator = "/" if formula.ratio else "-" if formula.difference else "+"
    first, second = (_item(metric(id), year, back, part) for id in formula.inputs)
    return Both(sign, first, second)
