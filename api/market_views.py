"""Market cases put into the forms in which fraud cases travel: rows of evidence stand where others have transfers."""

from __future__ import annotations

from datetime import UTC, datetime

from api.fraud_forms import AlertDetail, AlertView, ChecksView, EvidenceView, PartyView, RuleView, SimilarView, StepView
from desk.clock import to_iso
from desk.fraud.abuse.case_book import MarketBook, MarketCase
from desk.fraud.abuse.case_file import MarketFile, MarketSimilar, Row
from desk.fraud.abuse.checks import MARKET_CHECKS
from desk.fraud.abuse.telling import tell_market
from desk.fraud.abuse.words import INNOCENT
from desk.fraud.steps import agreed_verdict
from desk.fraud.story import unlinked


def market_summary(case: MarketCase, book: MarketBook) -> AlertView:
    """The case as it stands in the queue."""
    alert = case.alert
    return AlertView(
        id=alert.id,
        kind="market",
        instrument=alert.instrument,
        typology=alert.kind,
        title=alert.title,
        accounts=list(alert.accounts),
        amount=alert.amount,
        currency=case.currency,
        start=_time(alert.start),
        end=_time(alert.end),
        rules=[RuleView(id=rule.id, text=rule.text) for rule in alert.rules],
        score=alert.score,
        state=case.state,
        transfers=0,
        assignee=case.assignee,
        priority=book.priority(case),
        thresholds=0,
        found=True,
        into="",
        verdict=agreed_verdict(case.history),
    )


def market_detail(file: MarketFile, book: MarketBook) -> AlertDetail:
    """The whole case file."""
    case, story = file.case, tell_market(file.case)
    checks = MARKET_CHECKS[case.alert.kind]
    extra = {
        "narrative": unlinked(story.facts.fill(story.text)[0]),
        "innocent": INNOCENT[case.alert.kind],
        "nodes": [],
        "edges": [],
        "path": [],
        "history": [
            StepView(user=s.person, action=s.action, reason=s.reason, at=s.at, assignee=s.assignee, verdict=s.verdict)
            for s in case.history
        ],
        "timeline": [],
        "rows": [_row(row) for row in file.rows],
        "checks": ChecksView(confirm=list(checks.confirm), clear=list(checks.clear)),
        "parties": [PartyView(**party._asdict()) for party in file.parties],
        "similar": [_similar(one) for one in file.similar],
    }
    return AlertDetail.model_validate({**market_summary(case, book).model_dump(), **extra})


def _row(row: Row) -> EvidenceView:
    one = row.evidence
    return EvidenceView(
        id=row.id,
        what=one.what,
        about=one.id,
        account=one.account,
        time=_time(one.at),
        price=one.price,
        quantity=one.quantity,
        worth=row.worth,
        total=row.total,
    )


def _similar(one: MarketSimilar) -> SimilarView:
    alert, history = one.case.alert, one.case.history
    return SimilarView(
        id=alert.id,
        title=alert.title,
        typology=alert.kind,
        state=one.case.state,
        end=_time(alert.end),
        amount=alert.amount,
        likeness=one.likeness,
        why=list(one.why),
        outcome=history[-1].reason if history else "",
    )


def _time(seconds: float) -> str:
    return to_iso(datetime.fromtimestamp(seconds, UTC))
