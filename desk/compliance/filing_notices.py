"""What a new filing of a watched company means: its kind, what it reports, and whether it came in time.

Lateness follows `desk.compliance.deadlines`, which knows no public holidays: a filing one business day after the due
date is "perhaps late", later ones are "late". Where the event's day or the filer's class is not known, no word is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from desk.compliance.deadlines import DEADLINES, Deadline, add_business_days, due_dates
from desk.filings.current import GRAVE, told_items
from desk.filings.edgar import Company, Submission
from desk.filings.ownership import CODES, InsiderForm

Kind = Literal["current report", "insider trade", "insider", "planned sale", "periodic report", "notice of late filing",
               "holdings", "large holder", "overdue", "other"]  # fmt: skip
Timing = Literal["in time", "perhaps late", "late", "not known"]
QUARTER = timedelta(days=91)


class RuleLink(BaseModel):
    """The rule a filing falls under: what it says, where from, when it was due for which filer, and whether it came."""

    rule: str
    text: str
    source: str
    filer: str = ""
    due: date | None = None
    timing: Timing = "not known"


class Notice(BaseModel):
    """One new filing, or one that is overdue. `grave`: a compliance officer looks at it first.

    `rules` are deadlines and, for grave ones, the desk's own rules to think of. `summary` is one sentence of ours;
    names in it are the filer's own words.
    """

    id: str
    cik: str
    company: str
    ticker: str
    form: str
    kind: Kind
    filed: date | None
    accepted: str
    about: date | None
    items: list[str]
    summary: str
    grave: bool
    rules: list[RuleLink]
    document: str = ""
    seen_at: str = ""


def classify(company: Company, line: Submission, insider: InsiderForm | None = None) -> Notice:
    """The notice of a submission; `insider` is its Form 3, 4 or 5, where it could be read."""
    form = line.form.removesuffix("/A")
    items = [item.number for item in told_items(line.items)]
    event = insider.traded if insider else None if form in {"3", "4", "5"} or _voluntary(form, items) else line.reported
    link = _rule(form, event, line.filed, company.category)
    grave = bool(GRAVE & set(items)) or form.startswith("NT ") or (link is not None and link.timing == "late")
    return Notice(
        id=line.accession,
        cik=company.cik,
        company=company.name,
        ticker=company.ticker,
        form=line.form,
        kind=_kind(form, insider),
        filed=line.filed,
        accepted=line.accepted,
        about=event or line.reported,
        items=items,
        summary=_summary(company, line, insider, link),
        grave=grave,
        rules=[*([link] if link else []), *([_RESTRICTED] if grave and form == "8-K" else [])],
        document=line.id,
    )


_RESTRICTED = RuleLink(
    rule="restricted_list",
    text="Think of the restricted list: perhaps nobody here should trade before the event is understood.",
    source="Desk policy, kept under Securities Exchange Act section 15(g)",
)


def find_overdue(company: Company, found: Sequence[Submission], today: date) -> Notice | None:
    """The periodic report that should have come by now and has not; None when all is well or cannot be known.

    Reckoned from the last one: the next period ends three months after it.
    """
    ends = [line.reported for line in found if line.form in {"10-K", "10-Q"} and line.reported]
    if not ends or not company.year_end[:2].isdigit():
        return None
    ended = max(ends) + QUARTER
    form = "10-K" if abs((ended.month - int(company.year_end[:2])) % 12) in {0, 1, 11} else "10-Q"
    link = _rule(form, ended, today, company.category)
    if link is None or link.timing != "late":
        return None
    return Notice(
        id=f"overdue-{company.cik}-{form}-{ended:%Y-%m}",
        cik=company.cik,
        company=company.name,
        ticker=company.ticker,
        form=form,
        kind="overdue",
        filed=None,
        accepted="",
        about=ended,
        items=[],
        summary=f"{company.name} has not filed the {form} for the period that ended about {ended}, due {link.due}.",
        grave=True,
        rules=[link],
    )


def _voluntary(form: str, items: Sequence[str]) -> bool:
    """Whether an 8-K reports only what has no fixed term: disclosure under Regulation FD, other events, exhibits."""
    return form == "8-K" and set(items) <= {"7.01", "8.01", "9.01"}


def _kind(form: str, insider: InsiderForm | None) -> Kind:
    if form == "4":
        return "insider trade"
    if form in {"3", "5"}:
        return "insider trade" if insider and any(line.code for line in insider.lines) else "insider"
    if form.startswith("NT "):
        return "notice of late filing"
    if form.startswith(("SC 13", "SCHEDULE 13")):
        return "large holder"
    known: dict[str, Kind] = {"8-K": "current report", "6-K": "current report", "144": "planned sale",
                              "13F-HR": "holdings", "13F-NT": "holdings"}  # fmt: skip
    return known.get(form, "periodic report" if re.match(r"10-[KQ]|20-F|40-F", form) else "other")


def _rule(form: str, event: date | None, filed: date, category: str) -> RuleLink | None:
    name = f"Form {form}" if form in {"3", "4"} else form.partition("-")[0] if form.startswith("13F") else form
    deadline = next((d for d in DEADLINES if d.form == name), None)
    if deadline is None:
        return None
    link = RuleLink(rule=f"deadline {deadline.form}", text=deadline.text, source=deadline.source)
    return link if event is None else link.model_copy(update=_due(deadline, event, filed, category))


def _due(deadline: Deadline, event: date, filed: date, category: str) -> dict[str, object]:
    dues, plain = due_dates(deadline, event), category.casefold().replace("-", " ")
    mine = next((d for d in dues if d.filer == "any" or plain.startswith(d.filer.replace("-", " "))), None)
    if mine is None:  # the filer's class is not known: only what is late for every class is late
        last = max(d.on for d in dues)
        return {"filer": "any", "due": last, "timing": "late" if filed > add_business_days(last, 1) else "not known"}
    late: Timing = "late" if filed > add_business_days(mine.on, 1) else "perhaps late" if filed > mine.on else "in time"
    return {"filer": mine.filer, "due": mine.on, "timing": late}


def _summary(company: Company, line: Submission, insider: InsiderForm | None, link: RuleLink | None) -> str:
    timing = f" Filed {link.timing}: due {link.due}." if link and link.timing in {"late", "perhaps late"} else ""
    if insider:
        who = " and ".join(owner.name for owner in insider.owners)
        return f"{who}, insider of {insider.issuer}: {_trades(insider)}.{timing}"
    means = [f"{item.number} {item.means}" for item in told_items(line.items)]
    about = f": {', '.join(means)}" if means else f" for {line.reported}" if line.reported else ""
    return f"{company.name} filed {line.form}{about}.{timing}"


def _trades(insider: InsiderForm) -> str:
    coded = [line for line in insider.lines if line.code]
    traded = [line for line in coded if not line.derivative] or coded
    if not traded:
        return f"holds {len(insider.lines)} positions"
    codes = dict.fromkeys(line.code for line in traded)
    parts = []
    for code in codes:
        shares = sum((line.shares or Decimal(0) for line in traded if line.code == code), Decimal(0))
        parts.append(f"{CODES.get(code, f'code {code}')} {shares.normalize():,f}")
    return "; ".join(parts)
