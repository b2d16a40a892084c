"""Alerts over transfers, and the cases that compliance officers work."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from agents.case_story import narrate
from api.deps import FraudReader, FraudWorker, RuntimeDep
from api.fraud_forms import (
    ActionBody,
    AlertDetail,
    Alerts,
    AlertView,
    NarrativeView,
    NetworkView,
    Officer,
    Officers,
    Streaming,
    StreamingView,
)
from api.fraud_views import detail, narrative_view, network_view, summary
from desk.clock import to_iso
from desk.compliance.kyc import AccountOwners
from desk.fraud.casefile import CaseFile, open_file
from desk.fraud.cases import Case
from desk.fraud.graph import moment_of
from desk.fraud.network import MOST_NODES, network_around
from desk.fraud.report import Form, draft_report, print_report
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1/fraud", tags=["fraud"])


def _file(runtime: Runtime, case: Case) -> CaseFile:
    desk = runtime.desk
    return open_file(case, desk.fraud.cases(), AccountOwners(desk.store, desk.people))


def _detail(runtime: Runtime, case: Case) -> AlertDetail:
    return detail(_file(runtime, case), runtime.desk.fraud)


@router.get("/alerts")
def list_alerts(runtime: RuntimeDep, person: FraudReader) -> Alerts:
    """Every alert over the transfers known at the market clock."""
    book = runtime.desk.fraud
    return Alerts(alerts=[AlertView.model_validate(summary(case, book.priority(case))) for case in book.cases()])


@router.get("/streaming")
def list_streaming(runtime: RuntimeDep, person: FraudReader) -> Streaming:
    """Orders, fills and transfers whose streaming score was high; each was published on the bus as it happened."""
    live = runtime.desk.arrivals.watch
    found = [StreamingView(**{**asdict(one), "at": to_iso(moment_of(one.at))}) for one in live.recent()]
    return Streaming(scored=live.scored, alerts=found)


@router.get("/officers")
def list_officers(runtime: RuntimeDep, person: FraudReader) -> Officers:
    """Whom a case can be handed to."""
    found = runtime.desk.fraud.work.officers()
    return Officers(officers=[Officer(name=one.name, display_name=one.display_name) for one in found])


@router.get("/network")
def read_network(
    runtime: RuntimeDep,
    person: FraudReader,
    alert: str = "",
    most: Annotated[int, Query(ge=2, le=MOST_NODES)] = MOST_NODES,
) -> NetworkView:
    """The accounts nearest to an alert's (to the busiest account without one), and who of them paid whom."""
    book = runtime.desk.fraud
    columns = book.columns()
    begin = book.case(alert).alert.accounts if alert else ()
    return network_view(network_around(columns, begin, most), columns)


@router.get("/alerts/{id}")
def read_alert(id: str, runtime: RuntimeDep, person: FraudReader) -> AlertDetail:
    """One alert with its path, what surrounds it, its time line, parties, next checks, like cases and history."""
    return _detail(runtime, runtime.desk.fraud.case(id))


@router.post("/alerts/{id}")
def work_alert(id: str, body: ActionBody, runtime: RuntimeDep, person: FraudWorker) -> AlertDetail:
    """Escalates, closes, reopens, takes or hands on; the second officer's close confirms the first's."""
    return _detail(runtime, runtime.desk.fraud.act(id, person, body.action, body.reason, body.to, body.verdict))


@router.get("/alerts/{id}/narrative")
async def tell_alert(id: str, runtime: RuntimeDep, person: FraudReader) -> NarrativeView:
    """The case in words around its facts: a model's where each word holds to the case, else the template's."""
    desk, alert = runtime.desk, (await asyncio.to_thread(runtime.desk.fraud.case, id)).alert
    return narrative_view(await narrate(alert, runtime.models, desk.feed.instruments, person, f"case-{id}"))


@router.get("/alerts/{id}/report", response_class=Response)
def export_report(id: str, runtime: RuntimeDep, person: FraudWorker, format: Form = "json") -> Response:
    """The draft of a suspicious activity report; taking it out is recorded in the audit log."""
    desk = runtime.desk
    made = print_report(draft_report(_file(runtime, desk.fraud.case(id)), person, desk.wall.now()), format)
    desk.fraud.work.note_export(id, person, format, hashlib.sha256(made).hexdigest())
    headers = {"content-disposition": f'attachment; filename="draft-report-{id}.{format}"'}
    return Response(made, media_type="application/pdf" if format == "pdf" else "application/json", headers=headers)
