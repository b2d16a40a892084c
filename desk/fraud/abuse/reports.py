"""Forms 3, 4 and 5 that came late, and purchases or sales on a Form 5 that belonged on a Form 4.

Due dates are those of `desk.compliance.deadlines`: the second business day after a transaction for a Form 4, ten days
after the event for a Form 3, 45 days after the issuer's fiscal year for a Form 5 (17 CFR 240.16a-3). Public holidays
are not known, so one business day more is allowed. A form cannot be filed before it is signed: where the day of
filing is not known the signature's day stands in, and lateness is then a lower bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from desk.compliance.deadlines import add_business_days, next_business_day
from desk.filings.ownership import InsiderForm, Line
from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.records import Evidence, MarketAlert, PersonTrade, build_alert

FORM_5_DAYS, FORM_3_DAYS, FORM_4_DAYS = 45, 10, 2
MARKET_CODES = frozenset({"P", "S"})


class Filed(NamedTuple):
    """A form, its name in the archive, and the day of filing where it is known."""

    id: str
    form: InsiderForm
    on: date | None = None


class _Late(NamedTuple):
    rule: str
    place: str
    event: date
    due: date
    line: Line | None


def find_late_reports(filed: Iterable[Filed]) -> list[MarketAlert]:
    """One alert a form with anything late; amendments repeat and are not judged."""
    found = []
    for one in filed:
        on = one.on or one.form.signed
        if on is None or one.form.form.endswith("/A"):
            continue
        late = [each for each in _due(one.form) if on > add_business_days(each.due, 1)]
        wrong = [each for each in _misplaced(one.form) if on > add_business_days(each.due, 1)]
        if late or wrong:
            found.append(_alert(one, on, [*late, *wrong]))
    return found


def trades_of(filed: Iterable[Filed]) -> list[PersonTrade]:
    """The purchases and sales on the market that forms report, by their first owner; what lacks a number is left out.

    The instrument is the ticker that the form names.
    """
    return [
        PersonTrade(
            f"{one.id}/{line.place}",
            one.form.owners[0].name,
            one.form.ticker,
            "buy" if line.acquired else "sell",
            line.on,
            float(line.shares),
            float(line.price),
            line.derivative,
            one.form.planned,
            one.on or one.form.signed,
        )
        for one in filed
        for line in one.form.lines
        if one.form.owners and line.code in MARKET_CODES and line.on and line.shares and line.price
    ]


def links_of(filed: Iterable[Filed]) -> dict[str, set[str]]:
    """By ticker everybody who reports holdings in the company."""
    links: dict[str, set[str]] = {}
    for one in filed:
        links.setdefault(one.form.ticker, set()).update(owner.name for owner in one.form.owners)
    return links


def _due(form: InsiderForm) -> Iterator[_Late]:
    if form.form == "3" and form.reported:
        due = next_business_day(form.reported + timedelta(days=FORM_3_DAYS))
        yield _Late("form_3_late", "form", form.reported, due, None)
    elif form.form == "5" and form.reported:
        due = next_business_day(form.reported + timedelta(days=FORM_5_DAYS))
        yield _Late("form_5_late", "form", form.reported, due, None)
    elif form.form == "4":
        for line in form.lines:
            if line.code and line.on:
                yield _Late("form_4_late", line.place, line.on, add_business_days(line.on, FORM_4_DAYS), line)


def _misplaced(form: InsiderForm) -> Iterator[_Late]:
    for line in form.lines if form.form == "5" else ():
        if line.code in MARKET_CODES and line.on:
            yield _Late("form_5_for_4", line.place, line.on, add_business_days(line.on, FORM_4_DAYS), line)


def _alert(one: Filed, on: date, late: list[_Late]) -> MarketAlert:
    person = one.form.owners[0].name if one.form.owners else ""
    rows, worth = [Evidence("filed", one.id, person, _at(on), None, None)], 0.0
    for each in late:
        shares = float(each.line.shares) if each.line and each.line.shares is not None else None
        price = float(each.line.price) if each.line and each.line.price is not None else None
        rows.append(Evidence("event", f"{one.id}/{each.place}", person, _at(each.event), price, shares))
        rows.append(Evidence("due", f"{one.id}/{each.place}", person, _at(each.due), None, None))
        worth += (shares or 0.0) * (price or 0.0)
    days = max((on - each.due).days for each in late)
    rules = [*dict.fromkeys(each.rule for each in late), *(["by_signature"] if one.on is None else [])]
    figures = {"days_late": float(days)}
    return build_alert("late_report", one.form.ticker, rows, rules, 1 + days / 10, worth, _at(on), figures)


def _at(day: date) -> float:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY
