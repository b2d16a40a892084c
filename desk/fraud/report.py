"""A suspicious activity report as a draft: the case's facts in order, for two people to review before anybody files it.

It holds what the case file holds and nothing else. The desk files nothing with any authority.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from desk.clock import to_iso
from desk.errors import InputError
from desk.fraud.casefile import CaseFile, Event
from desk.fraud.checks import CHECKS
from desk.fraud.graph import moment_of
from desk.fraud.story import plain_story
from desk.fraud.words import innocent
from desk.identity.roles import Person
from desk.money import Money
from desk.paper import Block, write_pdf

Form = Literal["json", "pdf"]
FORMS: tuple[Form, ...] = ("json", "pdf")
MARK = "DRAFT - not filed - simulated transfers - for review by two compliance officers"
REVIEWERS = 2


class ReportParty(BaseModel):
    """An account, and what the desk knows of who stands behind it."""

    account: str
    linked_only: bool
    identification: str
    sanctions: str


class ReportTransfer(BaseModel):
    """A payment; `moved` is the case's sum up to and with it."""

    id: str
    time: str
    source: str
    target: str
    amount: Decimal
    moved: Decimal


class ReportRow(BaseModel):
    """A row of evidence of a market case: what happened to which order, trade, bar or form."""

    id: str
    time: str
    what: str
    about: str
    account: str
    price: Decimal | None
    quantity: Decimal | None


class ReportStep(BaseModel):
    """What an officer did with the case."""

    person: str
    action: str
    reason: str
    at: str


class Review(BaseModel):
    """To be filled in by hand."""

    reviewed_by: str = ""
    date: str = ""
    signature: str = ""


class Report(BaseModel):
    """The draft. Amounts are exact, in major units. A market case has rows of evidence, the others transfers."""

    draft: bool = True
    mark: str = MARK
    kind: Literal["laundering", "market"] = "laundering"
    instrument: str = ""
    case: str
    state: str
    assignee: str
    prepared_by: str
    prepared_at: str
    typology: str
    title: str
    period: tuple[str, str]
    amount: Decimal
    currency: str
    score: float
    rules: dict[str, str]
    parties: list[ReportParty]
    transfers: list[ReportTransfer]
    evidence: list[ReportRow] = []
    narrative: str
    innocent_explanation: str
    would_confirm: list[str]
    would_clear: list[str]
    history: list[ReportStep]
    similar_cases: dict[str, list[str]]
    reviews: list[Review]


def draft_report(file: CaseFile, person: Person, now: datetime) -> Report:
    """The draft of a case by the person who asks for it, at the wall clock's `now`."""
    case, alert = file.case, file.case.alert
    checks = CHECKS[alert.typology]
    return Report(
        case=alert.id,
        state=case.state,
        assignee=case.assignee,
        prepared_by=person.name,
        prepared_at=to_iso(now),
        typology=alert.typology,
        title=alert.title,
        period=(to_iso(moment_of(alert.start)), to_iso(moment_of(alert.end))),
        amount=alert.amount,
        currency=alert.currency,
        score=alert.score,
        rules={rule.id: rule.text for rule in alert.rules},
        parties=[
            ReportParty(account=p.account, linked_only=p.linked, identification=p.kyc, sanctions=p.sanctions)
            for p in file.parties
        ],
        transfers=[_transfer(event, alert.currency) for event in file.events],
        narrative=plain_story(alert),
        innocent_explanation=innocent(alert),
        would_confirm=list(checks.confirm),
        would_clear=list(checks.clear),
        history=[ReportStep(person=s.person, action=s.action, reason=s.reason, at=s.at) for s in case.history],
        similar_cases={one.case.alert.id: list(one.why) for one in file.similar},
        reviews=[Review() for _ in range(REVIEWERS)],
    )


def print_report(report: Report, form: str) -> bytes:
    """The draft as UTF-8 JSON or as a PDF. InputError for another form."""
    if form == "json":
        return (json.dumps(report.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n").encode()
    if form == "pdf":
        return write_pdf(f"Suspicious activity report, case {report.case}", report.mark, _blocks(report))
    raise InputError(f"format {form!r} is not known; give one of: {', '.join(FORMS)}")


def _transfer(event: Event, currency: str) -> ReportTransfer:
    edge = event.edge
    return ReportTransfer(
        id=edge.id,
        time=to_iso(moment_of(edge.at)),
        source=edge.source,
        target=edge.target,
        amount=Money(edge.minor, currency).amount,
        moved=Money(event.moved, currency).amount,
    )


def _line(row: ReportRow) -> str:
    numbers = (
        f"{'' if row.quantity is None else f'{row.quantity:,}'}",
        "" if row.price is None else f"at {row.price:,}",
    )
    return " ".join(word for word in (row.time, row.account, row.what, *numbers, row.about, f"({row.id})") if word)


def _blocks(report: Report) -> list[Block]:
    head = (
        f"{report.title} ({report.typology}), {report.amount:,} {report.currency}, score {report.score}",
        f"{report.period[0]} to {report.period[1]}",
        f"state {report.state}, with {report.assignee or 'nobody'}",
        f"prepared by {report.prepared_by} at {report.prepared_at}",
    )
    parties = tuple(
        f"{p.account}: identification {p.identification}, sanctions {p.sanctions}"
        + ("; by its links alone" if p.linked_only else "")
        for p in report.parties
    )
    paid = tuple(
        f"{t.time}  {t.source} -> {t.target}  {t.amount:,}  (sum {t.moved:,})  {t.id}" for t in report.transfers
    )
    rows = tuple(_line(row) for row in report.evidence)
    steps = tuple(f"{s.at} {s.person}: {s.action}. {s.reason}" for s in report.history)
    like = tuple(f"{id}: {' '.join(why)}" for id, why in report.similar_cases.items())
    review = tuple(
        line
        for n in range(1, len(report.reviews) + 1)
        for line in (f"{n}. reviewed by ____________________  date ____________  signature ____________________", "")
    )
    return [
        Block("Case", head),
        Block("Rules that fired", tuple(f"{id}: {text}" for id, text in report.rules.items())),
        Block("Accounts", parties),
        Block("Evidence", rows) if report.kind == "market" else Block(f"Payments, {report.currency}", paid),
        Block("Narrative", tuple(report.narrative.split("\n"))),
        Block("What would confirm it", tuple(f"- {line}" for line in report.would_confirm)),
        Block("What would clear it", (report.innocent_explanation, *(f"- {line}" for line in report.would_clear))),
        Block("Like cases before", like or ("none",)),
        Block("Steps taken", steps or ("none",)),
        Block("Review", review),
    ]
