"""Alerts over transfers, and the cases that compliance officers work."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import FraudReader, FraudWorker, RuntimeDep
from api.fraud_forms import (
    ActionBody,
    AlertDetail,
    Alerts,
    AlertView,
    NetworkView,
    Officer,
    Officers,
    Streaming,
    StreamingView,
)
from api.fraud_views import detail, network_view, summary
from desk.clock import to_iso
from desk.compliance.kyc import AccountOwners
from desk.fraud.casefile import open_file
from desk.fraud.cases import Case
from desk.fraud.graph import moment_of
from desk.fraud.network import MOST_NODES, network_around
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1/fraud", tags=["fraud"])


def _detail(runtime: Runtime, case: Case) -> AlertDetail:
    desk = runtime.desk
    return detail(open_file(case, desk.fraud.cases(), AccountOwners(desk.store, desk.people)), desk.fraud)


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
    found = runtime.desk.fraud.officers()
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
    return _detail(runtime, runtime.desk.fraud.act(id, person, body.action, body.reason, body.to))
