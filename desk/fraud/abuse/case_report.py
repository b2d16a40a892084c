"""The draft report of a market case, in the form of the others: rows of evidence in the place of payments."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from desk.clock import to_iso
from desk.fraud.abuse.case_file import MarketFile, Row
from desk.fraud.abuse.checks import MARKET_CHECKS
from desk.fraud.abuse.telling import tell_market
from desk.fraud.abuse.words import INNOCENT
from desk.fraud.report import REVIEWERS, Report, ReportParty, ReportRow, ReportStep, Review
from desk.fraud.story import unlinked
from desk.identity.roles import Person

MARK = "DRAFT - not filed - simulated venue - for review by two compliance officers"


def draft_market_report(file: MarketFile, person: Person, now: datetime) -> Report:
    """The draft of a case by the person who asks for it, at the wall clock's `now`."""
    case, alert = file.case, file.case.alert
    story, checks = tell_market(case), MARKET_CHECKS[alert.kind]
    return Report(
        mark=MARK,
        kind="market",
        instrument=alert.instrument,
        case=alert.id,
        state=case.state,
        assignee=case.assignee,
        prepared_by=person.name,
        prepared_at=to_iso(now),
        typology=alert.kind,
        title=alert.title,
        period=(_time(alert.start), _time(alert.end)),
        amount=Decimal(str(alert.amount)),
        currency=case.currency or "units",
        score=alert.score,
        rules={rule.id: rule.text for rule in alert.rules},
        parties=[
            ReportParty(account=p.account, linked_only=p.linked, identification=p.kyc, sanctions=p.sanctions)
            for p in file.parties
        ],
        transfers=[],
        evidence=[_row(row) for row in file.rows],
        narrative=unlinked(story.facts.fill(story.text)[0]),
        innocent_explanation=INNOCENT[alert.kind],
        would_confirm=list(checks.confirm),
        would_clear=list(checks.clear),
        history=[ReportStep(person=s.person, action=s.action, reason=s.reason, at=s.at) for s in case.history],
        similar_cases={one.case.alert.id: list(one.why) for one in file.similar},
        reviews=[Review() for _ in range(REVIEWERS)],
    )


def _row(row: Row) -> ReportRow:
    one = row.evidence
    return ReportRow(
        id=row.id,
        time=_time(one.at),
        what=one.what,
        about=one.id,
        account=one.account,
        price=None if one.price is None else Decimal(str(one.price)),
        quantity=None if one.quantity is None else Decimal(str(one.quantity)),
    )


def _time(seconds: float) -> str:
    return to_iso(datetime.fromtimestamp(seconds, UTC))
