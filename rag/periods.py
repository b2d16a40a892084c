"""Which column answers a period: calendar ends turned into the company's fiscal quarters."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from desk.filings.source import Filing
from rag.asked import Asked
from rag.documents import Period

_QUARTER_DAYS = 91.3125


class Fiscal(NamedTuple):
    """A fiscal year and the quarter (1 to 4) in which a period ends."""

    year: int
    quarter: int


def fiscal(filing: Filing, period: Period) -> Fiscal | None:
    """The fiscal place of a column of this filing; None when the filing does not tell its own."""
    if filing.fiscal_year is None:
        return None
    own = int(filing.fiscal_period[1]) if filing.fiscal_period[:1] == "Q" else 4
    if not period.end or filing.period_end is None:
        return Fiscal(period.year, own) if not period.end else None
    back = round((filing.period_end - date.fromisoformat(period.end)).days / _QUARTER_DAYS)
    index = filing.fiscal_year * 4 + own - 1 - back
    return Fiscal(index // 4, index % 4 + 1)


def matches(filing: Filing, period: Period, asked: Asked) -> bool:
    """Whether the column reports on exactly the period asked for."""
    if asked.date:
        return period.end.startswith(asked.date) and period.months in {0, asked.months or period.months}
    place = fiscal(filing, period)
    if place is None or (asked.year is not None and place.year != asked.year):
        return False
    if asked.quarter:
        return place.quarter == int(asked.quarter[1]) and period.months in {0, 3}
    if asked.months in {3, 6, 9} and not period.months:
        return place.quarter == asked.months // 3
    if asked.months and period.months:
        return period.months == asked.months
    return place.quarter == 4 and period.months in {0, 12}


def own_period(filing: Filing) -> Asked:
    """The period the filing is about; dated when it is a current report."""
    if filing.fiscal_year is None:
        return Asked(date=filing.period_end.isoformat() if filing.period_end else "")
    if filing.fiscal_period[:1] == "Q" and filing.period_end:
        return Asked(filing.fiscal_year, filing.fiscal_period, months=3)
    return Asked(filing.fiscal_year)


def name_period(filing: Filing, period: Period) -> str:
    """The period in words a person and the numeral check accept: `fiscal 2023`, `2024-08-31`."""
    place = fiscal(filing, period)
    if period.months in {3, 6, 9} and period.end:
        words = {3: "three", 6: "six", 9: "nine"}[period.months]
        return f"the {words} months ended {period.end}"
    if place is None or (place.quarter != 4 and period.end):
        return f"{'the period ended ' if period.months else ''}{period.end or period.year}"
    return f"fiscal {place.year}"


def as_of(filing: Filing, period: Period) -> str:
    """The period for a fact: `FY2023 (12 months ended 2023-09-30)`."""
    place = fiscal(filing, period)
    year = f"FY{place.year}" if place and place.quarter == 4 else ""
    span = f"{period.months} months ended {period.end}" if period.months else period.end
    if not period.end:
        return year or str(period.year)
    return f"{year} ({span})" if year else span
