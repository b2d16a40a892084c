"""Alerts over transfers, and the cases that compliance officers work."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import FraudReader, FraudWorker, RuntimeDep
from desk.clock import to_iso
from desk.fraud.alerts import Edge
from desk.fraud.cases import Case, CaseBook
from desk.fraud.graph import moment_of
from desk.fraud.words import innocent, narrative
from desk.money import Money

router = APIRouter(prefix="/v1/fraud", tags=["fraud"])


class RuleView(BaseModel):
    """A rule that fired, in words."""

    id: str
    text: str


class AlertView(BaseModel):
    """One alert and where its case stands; `transfers` counts those on its path."""

    id: str
    typology: str
    title: str
    accounts: list[str]
    amount: float
    currency: str
    start: str
    end: str
    rules: list[RuleView]
    score: float
    state: Literal["open", "escalated", "closing", "closed"]
    transfers: int


class Alerts(BaseModel):
    """Newest first."""

    alerts: list[AlertView]


class StreamingView(BaseModel):
    """A payment that stood out as it happened; `at` is on the market clock, `signs` are those that fired."""

    id: str
    source: str
    target: str
    at: str
    amount: float
    score: float
    signs: list[str]


class Streaming(BaseModel):
    """Newest first, 200 at most since the desk was opened; `scored` counts all that was looked at."""

    scored: int
    alerts: list[StreamingView]


class NodeView(BaseModel):
    """An account; `flagged` when it is on the alert's path."""

    id: str
    label: str
    kind: str
    flagged: bool


class EdgeView(BaseModel):
    """One transfer."""

    id: str
    source: str
    target: str
    amount: float
    time: str


class StepView(BaseModel):
    """What one person did with the case."""

    user: str
    action: str
    reason: str
    at: str


class AlertDetail(AlertView):
    """The alert as a picture and a case file; `path` names the edges in the order of the money."""

    narrative: str
    innocent: str
    nodes: list[NodeView]
    edges: list[EdgeView]
    path: list[str]
    history: list[StepView]


class ActionBody(BaseModel):
    """A compliance officer's step; closing takes two people."""

    action: Literal["escalate", "close", "reopen"]
    reason: str = Field(min_length=1, max_length=2_000)


def _summary(case: Case) -> dict[str, object]:
    alert = case.alert
    return {
        "id": alert.id,
        "typology": alert.typology,
        "title": alert.title,
        "accounts": list(alert.accounts),
        "amount": float(alert.amount),
        "currency": alert.currency,
        "start": to_iso(moment_of(alert.start)),
        "end": to_iso(moment_of(alert.end)),
        "rules": [rule._asdict() for rule in alert.rules],
        "score": alert.score,
        "state": case.state,
        "transfers": len(alert.edges),
    }


def _edge(edge: Edge, currency: str) -> EdgeView:
    amount = float(Money(edge.minor, currency).amount)
    return EdgeView(id=edge.id, source=edge.source, target=edge.target, amount=amount, time=to_iso(moment_of(edge.at)))


def _detail(case: Case, book: CaseBook) -> AlertDetail:
    alert, around = case.alert, book.around(case.alert)
    others = {name for edge in around for name in (edge.source, edge.target)} - set(alert.accounts)
    names = [(name, True) for name in alert.accounts] + [(name, False) for name in sorted(others)]
    extra = {
        "narrative": narrative(alert),
        "innocent": innocent(alert),
        "nodes": [NodeView(id=name, label=name, kind="account", flagged=flagged) for name, flagged in names],
        "edges": [_edge(edge, alert.currency) for edge in (*alert.edges, *around)],
        "path": [edge.id for edge in alert.edges],
        "history": [StepView(user=s.person, action=s.action, reason=s.reason, at=s.at) for s in case.history],
    }
    return AlertDetail.model_validate({**_summary(case), **extra})


@router.get("/alerts")
def list_alerts(runtime: RuntimeDep, person: FraudReader) -> Alerts:
    """Every alert over the transfers known at the market clock."""
    return Alerts(alerts=[AlertView.model_validate(_summary(case)) for case in runtime.desk.fraud.cases()])


@router.get("/streaming")
def list_streaming(runtime: RuntimeDep, person: FraudReader) -> Streaming:
    """Orders, fills and transfers whose streaming score was high; each was published on the bus as it happened."""
    live = runtime.desk.arrivals.watch
    found = [StreamingView(**{**asdict(one), "at": to_iso(moment_of(one.at))}) for one in live.recent()]
    return Streaming(scored=live.scored, alerts=found)


@router.get("/alerts/{id}")
def read_alert(id: str, runtime: RuntimeDep, person: FraudReader) -> AlertDetail:
    """One alert with its path, what surrounds it, and its history."""
    return _detail(runtime.desk.fraud.case(id), runtime.desk.fraud)


@router.post("/alerts/{id}")
def work_alert(id: str, body: ActionBody, runtime: RuntimeDep, person: FraudWorker) -> AlertDetail:
    """Escalates, closes or reopens; the second officer's close confirms the first's."""
    return _detail(runtime.desk.fraud.act(id, person, body.action, body.reason), runtime.desk.fraud)
