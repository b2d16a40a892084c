"""Years as headers, row labels and questions write them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rag.tableqa.amounts import plain

_SPACED = re.compile(r"\b([12]) ([09]) (\d) (\d)\b")
_SLASHED = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[/-]\s?(\d\d)(?!\d)")
_YEAR = re.compile(r"(?<![\d.,$])((?:19|20)\d\d)(?!\d|,\d{3}|\.\d)")
_LISTED = re.compile(r"((?:19|20)\d\d),((?:19|20)\d\d)")
_SHORT = re.compile(r"\b(?:FY|F|fiscal)\s?'?(\d\d)(?![\d.,])", re.IGNORECASE)
_EARLY_JANUARY = re.compile(r"\bJan(?:uary|\.)?\s*(\d{1,2}),?\s*((?:19|20)\d\d)", re.IGNORECASE)
_MONTH = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b\.?\s*(\d{1,2}(?!\d))?", re.IGNORECASE)
_QUARTER = re.compile(r"\bQ([1-4])\b|\b(first|second|third|fourth|1st|2nd|3rd|4th)[\s-]+quarter", re.IGNORECASE)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}


@lru_cache(maxsize=4096)
def find_years(text: str) -> tuple[int, ...]:
    """The years named, in order, each once: 2019, FY19, `2 0 1 8`, 2017/18 (the year it ends in), `2017,2018`."""
    text = _SPACED.sub(r"\1\2\3\4", plain(text))
    text = _LISTED.sub(r"\1 \2", text)
    text = _SLASHED.sub(lambda m: m[1][:2] + m[2] if int(m[2]) == (int(m[1]) + 1) % 100 else m[0], text)
    found = [(m.start(), int(m[1])) for m in _YEAR.finditer(text)]
    found += [(m.start(), 2000 + int(m[1])) for m in _SHORT.finditer(text)]
    return tuple(dict.fromkeys(year for _, year in sorted(found)))


def other_years(text: str) -> tuple[int, ...]:
    """Years a header may also mean: a period that ends in the first days of January is the year before's."""
    return tuple(int(m[2]) - 1 for m in _EARLY_JANUARY.finditer(plain(text)) if int(m[1]) <= 7)


class Point(NamedTuple):
    """A year, and the month and day or quarter that stand before it."""

    year: int
    marks: frozenset[str]


@lru_cache(maxsize=1024)
def find_points(text: str) -> tuple[Point, ...]:
    """The years named, in order, each with what stands between it and the one before: `July 7, 2019`."""
    text = _SLASHED.sub(lambda m: m[1][:2] + m[2], plain(text))
    out, start = [], 0
    for match in _YEAR.finditer(text):
        out.append(Point(int(match[1]), find_marks(text[max(start, match.start() - 24) : match.start()])))
        start = match.end()
    return tuple(dict.fromkeys(out))


@lru_cache(maxsize=4096)
def find_marks(text: str) -> frozenset[str]:
    """Months, days of months and quarters named: `{"sep", "sep 30", "q3"}`, to tell columns of one year apart."""
    marks: set[str] = set()
    for match in _MONTH.finditer(plain(text)):
        marks.add(match[1].lower())
        if match[2]:
            marks.add(f"{match[1].lower()} {int(match[2])}")
    marks.update(f"q{m[1] or _ORDINALS[m[2].lower()]}" for m in _QUARTER.finditer(text))
    return frozenset(marks)
