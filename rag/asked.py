"""The periods a question names: fiscal years, quarters, ranges, dates, months, the first months of a year."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.numerals import DATE, MONTHS, as_date

_ORDINAL = {
    "first": "Q1",
    "1st": "Q1",
    "second": "Q2",
    "2nd": "Q2",
    "third": "Q3",
    "3rd": "Q3",
    "fourth": "Q4",
    "4th": "Q4",
}
_YEAR = r"(?:FY|fiscal(?:\s+year)?|year)?\s*'?((?:19|20)\d\d)"
_QUARTER = re.compile(
    rf"\bQ([1-4])(?:\s*(?:of|,)?\s*{_YEAR})?|{_YEAR}\s*Q([1-4])\b"
    rf"|\b(first|second|third|fourth|[1-4](?:st|nd|rd|th))[\s-]+quarter(?:\s*(?:of|,)?\s*(?:the\s+)?{_YEAR})?",
    re.IGNORECASE,
)
_GAPS = re.compile(r"[ \t]{2,}")
"""What is left where periods stood: one space, as patterns with several gaps try every way to share a long one."""
_SHORT = re.compile(r"\bFY\s?'?(\d\d)(?!\d)", re.IGNORECASE)
_RANGE = re.compile(
    r"(?<![\d.,$])((?:19|20)\d\d)\s*(?:-|–|to|through|until)\s*(?:FY|fiscal\s+)?((?:19|20)\d\d)\b", re.IGNORECASE
)
YEAR = re.compile(r"(?<![\d$.,])(?:FY|fiscal\s+)?((?:19|20)\d\d)(?![\d%]|,\d|\.\d)", re.IGNORECASE)
_SPAN = re.compile(
    r"\b(?:first\s+)?(three|six|nine|thirteen|twenty-six|thirty-nine|3|6|9|13|26|39)[\s-]+(?:months?|weeks?)\b"
    r"|\b(first half)\b|\b(H1)\b|\b(?:fiscal\s+)?(quarter)(?:ly period)?\s+(?:ended|ending)\b",
    re.IGNORECASE,
)
_MONTHS = {"three": 3, "3": 3, "thirteen": 3, "13": 3, "quarter": 3, "six": 6, "6": 6, "twenty-six": 6, "26": 6,
           "first half": 6, "h1": 6, "nine": 9, "9": 9, "thirty-nine": 9, "39": 9}  # fmt: skip
_SPAN_WORDS = {3: "three months", 6: "six months", 9: "nine months"}
_MONTH_YEAR = re.compile(
    rf"\b(?:(?:the )?end of\s+)?({'|'.join(MONTHS)}),?\s+((?:19|20)\d\d)\b(?!\s*\d)", re.IGNORECASE
)


@dataclass(frozen=True)
class Asked:
    """A period asked for: a fiscal year, a fiscal quarter, or the period ending on a date (or in a month, `2024-08`).

    `months` is 0 when any span will do. All empty means "the latest".
    """

    year: int | None = None
    quarter: str = ""
    date: str = ""
    months: int = 0

    @property
    def words(self) -> str:
        """As people write it: fiscal 2024, Q1 2025, August 31, 2024, the six months ended June 30, 2024."""
        span = _SPAN_WORDS.get(self.months, "")
        if self.date:
            return f"the {span} ended {_day_words(self.date)}" if span else _day_words(self.date)
        if self.quarter:
            return f"{self.quarter} {self.year or ''}".strip()
        if not self.year:
            return "the latest period"
        return f"the first {span} of fiscal {self.year}" if span else f"fiscal {self.year}"


def _day_words(day: str) -> str:
    year, month, *rest = day.split("-")
    name = MONTHS[int(month) - 1].capitalize()
    return f"{name} {int(rest[0])}, {year}" if rest else f"{name} {year}"


def read_periods(text: str) -> tuple[tuple[Asked, ...], str]:
    """The periods named and the text without them, with single spaces. Ranges of up to six years are filled in."""
    found: list[tuple[int, Asked]] = []

    def take(pattern: re.Pattern[str], make: Callable[[re.Match[str]], Sequence[Asked]], rest: str) -> str:
        for match in pattern.finditer(rest):
            found.extend((match.start(), asked) for asked in make(match))
        return pattern.sub(lambda m: " " * len(m[0]), rest)

    text = _GAPS.sub(" ", text)
    span = _SPAN.search(text)
    months = _MONTHS[next(word for word in span.groups() if word).lower()] if span else 0
    rest = take(DATE, lambda m: _dated(m, months), text)
    rest = take(_MONTH_YEAR, lambda m: [Asked(date=_month(m), months=months)], rest)
    rest = take(_QUARTER, _quartered, rest)
    rest = take(_SHORT, lambda m: [Asked(year=2000 + int(m[1]), months=months)], rest)
    rest = take(_RANGE, lambda m: [Asked(year=y, months=months) for y in _filled(int(m[1]), int(m[2]))], rest)
    rest = take(YEAR, lambda m: [Asked(year=int(m[1]), months=months)], rest)
    rest = _GAPS.sub(" ", _SPAN.sub(" ", rest))
    ordered = [asked for _, asked in sorted(found, key=lambda pair: pair[0])]
    return _inherit_year(list(dict.fromkeys(ordered))), rest


def _dated(match: re.Match[str], months: int) -> Sequence[Asked]:
    day = as_date(match)
    return [Asked(date=day.isoformat(), months=months)] if day else []


def _month(match: re.Match[str]) -> str:
    """The month of a "June 2024" as the beginning of an ISO date."""
    return f"{match[2]}-{MONTHS.index(match[1].lower()) + 1:02d}"


def _quartered(match: re.Match[str]) -> Sequence[Asked]:
    number, year1, year2, number2, word, year3 = match.groups()
    year = year1 or year2 or year3
    quarter = f"Q{number or number2}" if number or number2 else _ORDINAL[word.lower()]
    return [Asked(year=int(year) if year else None, quarter=quarter, months=3)]


def _filled(first: int, last: int) -> Sequence[int]:
    return range(first, last + 1) if 0 <= last - first <= 6 else (first, last)


def _inherit_year(periods: list[Asked]) -> tuple[Asked, ...]:
    """Gives both quarters of `Q1 and Q2 2024` the year."""
    year = next((p.year for p in periods if p.year and p.quarter), None)
    return tuple(
        Asked(year, p.quarter, p.date, p.months) if p.quarter and p.year is None and year else p for p in periods
    )
