"""Fraud cases put into the forms in which they travel."""

from __future__ import annotations

from agents.case_story import Narrated
from api.fraud_forms import (
    AlertDetail,
    CaseFactView,
    ChecksView,
    EdgeView,
    EventView,
    NarrativeView,
    NetworkLinkView,
    NetworkNode,
    NetworkView,
    NodeView,
    PartyView,
    SimilarView,
    StepView,
)
from desk.clock import to_iso
from desk.fraud.alerts import Edge
from desk.fraud.casefile import CaseFile, Event, Similar
from desk.fraud.cases import Case, CaseBook
from desk.fraud.checks import CHECKS
from desk.fraud.graph import Columns, moment_of
from desk.fraud.network import Network
from desk.fraud.steps import agreed_verdict
from desk.fraud.story import plain_story
from desk.fraud.words import innocent
from desk.money import Money


def summary(case: Case, priority: float) -> dict[str, object]:
    """The fields of `AlertView`."""
    alert = case.alert
    return {
        "id": alert.id,
        "kind": "laundering",
        "instrument": "",
        "typology": alert.typology,
        "title": alert.title,
        "accounts": list(alert.accounts),
        "amount": float(alert.amount),
        "currency": alert.currency,
        "start": _time(alert.start),
        "end": _time(alert.end),
        "rules": [rule._asdict() for rule in alert.rules],
        "score": alert.score,
        "state": case.state,
        "transfers": len(alert.edges),
        "assignee": case.assignee,
        "priority": priority,
        "thresholds": case.version,
        "found": case.found,
        "into": case.into,
        "verdict": agreed_verdict(case.history),
    }


def detail(file: CaseFile, book: CaseBook) -> AlertDetail:
    """The whole case file."""
    case, alert = file.case, file.case.alert
    around, checks = book.around(alert), CHECKS[alert.typology]
    others = {name for edge in around for name in (edge.source, edge.target)} - set(alert.accounts)
    names = [(name, True) for name in alert.accounts] + [(name, False) for name in sorted(others)]
    extra = {
        "narrative": plain_story(alert),
        "innocent": innocent(alert),
        "nodes": [NodeView(id=name, label=name, kind="account", flagged=flagged) for name, flagged in names],
        "edges": [_edge(edge, alert.currency) for edge in (*alert.edges, *around)],
        "path": [edge.id for edge in alert.edges],
        "history": [
            StepView(user=s.person, action=s.action, reason=s.reason, at=s.at, assignee=s.assignee, verdict=s.verdict)
            for s in case.history
        ],
        "timeline": [_event(event, alert.currency) for event in file.events],
        "rows": [],
        "checks": ChecksView(confirm=list(checks.confirm), clear=list(checks.clear)),
        "parties": [PartyView(**party._asdict()) for party in file.parties],
        "similar": [_similar(one) for one in file.similar],
    }
    return AlertDetail.model_validate({**summary(case, book.priority(case)), **extra})


def network_view(network: Network, columns: Columns) -> NetworkView:
    """The network with amounts in major units."""
    return NetworkView(
        currency=columns.currency,
        nodes=[NetworkNode(id=n, hops=h) for n, h in zip(network.accounts, network.hops, strict=True)],
        links=[
            NetworkLinkView(
                source=link.source,
                target=link.target,
                payments=link.payments,
                amount=_major(link.minor, columns.currency),
                first=_time(link.first),
                last=_time(link.last),
            )
            for link in network.links
        ],
        nodes_left_out=network.left_out[0],
        links_left_out=network.left_out[1],
    )


def narrative_view(told: Narrated) -> NarrativeView:
    """The narrative with its numbers in place and the facts that it shows."""
    text, shown = told.story.facts.fill(told.text)
    facts = [
        CaseFactView(
            id=fact.id,
            label=fact.label,
            text=fact.text(),
            as_of=fact.as_of,
            locator=fact.locator,
            edges=list(told.story.edges[fact.id]),
        )
        for fact in shown
    ]
    return NarrativeView(text=text, facts=facts, model=told.model, fallback=told.fallback)


def _edge(edge: Edge, currency: str) -> EdgeView:
    amount = _major(edge.minor, currency)
    return EdgeView(id=edge.id, source=edge.source, target=edge.target, amount=amount, time=_time(edge.at))


def _event(event: Event, currency: str) -> EventView:
    edge = event.edge
    return EventView(
        edge=edge.id,
        time=_time(edge.at),
        source=edge.source,
        target=edge.target,
        amount=_major(edge.minor, currency),
        moved=_major(event.moved, currency),
        held=_major(event.held, currency),
    )


def _similar(one: Similar) -> SimilarView:
    alert = one.case.alert
    return SimilarView(
        id=alert.id,
        title=alert.title,
        typology=alert.typology,
        state=one.case.state,
        end=_time(alert.end),
        amount=float(alert.amount),
        likeness=one.likeness,
        why=list(one.why),
        outcome=one.case.history[-1].reason if one.case.history else "",
    )


def _major(minor: int, currency: str) -> float:
    return float(Money(minor, currency).amount)


def _time(seconds: int) -> str:
    return to_iso(moment_of(seconds))
