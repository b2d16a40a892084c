"""Numbers, periods and units as filings print them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rag.documents import Period

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = "|".join(MONTHS)
DATE = re.compile(rf"\b({_MONTH})\s*(\d{{1,2}})\s*,?\s*((?:19|20)\d\d)\b", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"\b({_MONTH})\s*(\d{{1,2}})\b", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_SHORT_YEAR = re.compile(r"\bFY\s?'?(\d\d)\b", re.IGNORECASE)
_NUMBER = re.compile(r"^[$€£]?\s*(\()?\s*([-−–])?\s*[$€£]?\s*(\d[\d,]*(?:\.\d+)?|\.\d+)\s*(\))?\s*%?\s*\)?$")
_SPAN = re.compile(
    r"\b(three|six|nine|twelve|thirteen|fourteen|twenty-six|thirty-nine|fifty-two|fifty-three"
    r"|13|14|26|39|52|53|3|6|9|12)[\s-]+(months?|weeks?)\b",
    re.IGNORECASE,
)
_SPAN_MONTHS = {
    "three": 3, "3": 3, "thirteen": 3, "13": 3, "fourteen": 3, "14": 3, "six": 6, "6": 6, "twenty-six": 6, "26": 6,
    "nine": 9, "9": 9, "thirty-nine": 9, "39": 9, "twelve": 12, "12": 12, "fifty-two": 12, "52": 12,
    "fifty-three": 12, "53": 12,
}  # fmt: skip
_SCALE = re.compile(r"\bin\s+(?:US\s+|U\.S\.\s+)?(?:dollars\s+in\s+)?(millions?|thousands?|billions?)\b", re.IGNORECASE)
_DOLLAR_SCALE = re.compile(
    r"\((?:\$|dollars?|amounts?|US\$)?\s*(?:in\s+)?(millions?|thousands?|billions?)\b", re.IGNORECASE
)
_POWER = {"thousand": 3, "million": 6, "billion": 9}
_SHARES_SCALE = re.compile(r"shares?[^()]{0,60}?\bin\s+(thousands?|millions?)", re.IGNORECASE)
_NOT_A_PERIOD = re.compile(r"\bchange|percent|%|variance|increase|decrease|trailing|thereafter", re.IGNORECASE)

DASHES = frozenset(
    {"—", "–", "-", "$—", "$ —", "$-", "— %", "—%", "$ –", "–%", "$ -", "-%", "*", "**", "nm", "NM", "n/a"}
)


class Number(NamedTuple):
    """A printed number: its signed value before scaling, and whether it is a percentage."""

    value: Decimal
    percent: bool


def parse_number(text: str) -> Number | None:
    """The number a cell prints; None for words, dates and dashes. Brackets and minus are negative."""
    match = _NUMBER.match(text.strip())
    if not match:
        return None
    bracket, minus, digits, _ = match.groups()
    value = Decimal(digits.replace(",", ""))
    return Number(-value if bracket or minus else value, "%" in text)


def is_year(text: str) -> bool:
    """Whether the cell is a bare year such as 2024."""
    return bool(re.fullmatch(r"(?:fiscal\s+|FY\s?)?(?:19|20)\d\d(?:\s*\(\d\))?", text.strip(), re.IGNORECASE))


def as_date(match: re.Match[str]) -> date | None:
    """The date of a `DATE` match; None for a day that the month does not have."""
    try:
        return date(int(match[3]), MONTHS.index(match[1].lower()) + 1, int(match[2]))
    except ValueError:
        return None


def parse_period(header: str, default_months: int) -> Period | None:
    """The period a column header names; None for a change column or a header without a year.

    `default_months` serves when the header names no span (12 in an annual report's flows).
    """
    if _NOT_A_PERIOD.search(header):
        return None
    span = _SPAN.search(header)
    months = _SPAN_MONTHS[span[1].lower()] if span else default_months
    if not span and re.search(r"\bquarter", header, re.IGNORECASE):
        months = 3
    elif not span and re.search(r"\byears? ended|fiscal years?", header, re.IGNORECASE):
        months = 12
    whole = DATE.search(header)
    end = as_date(whole) if whole else _split_date(header)
    if end:
        return Period(end.isoformat(), end.year, months)
    years = _YEAR.findall(header) or ["20" + short for short in _SHORT_YEAR.findall(header)]
    return Period("", int(years[-1]), months) if len(set(years)) == 1 else None


def _split_date(header: str) -> date | None:
    day, years = _MONTH_DAY.search(header), _YEAR.findall(header)
    if not day or len(set(years)) != 1:
        return None
    try:
        return date(int(years[0]), MONTHS.index(day[1].lower()) + 1, int(day[2]))
    except ValueError:
        return None


class Units(NamedTuple):
    """Powers of ten for money and for share counts; None when the table does not say."""

    money: int | None
    shares: int | None


def parse_units(*notes: str) -> Units:
    """Units from notes such as "(in millions, except per-share amounts)", nearest note first."""
    for note in notes:
        found = _SCALE.search(note) or _DOLLAR_SCALE.search(note)
        if not found:
            continue
        power = _POWER[found[1].lower().rstrip("s")]
        shares: int | None = power
        tail = note[note.lower().find("except") :] if "except" in note.lower() else ""
        if told := _SHARES_SCALE.search(note):
            shares = _POWER[told[1].lower().rstrip("s")]
        elif re.search(
            r"\bshares?\b(?! amounts?| data)|number of shares|share (?:data|amounts)", tail
        ) and not re.search(r"per[\s-]share", tail):
            shares = 0
        return Units(power, shares)
    return Units(None, None)
