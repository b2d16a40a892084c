"""Alerts over transfers, and the cases that compliance officers work."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from agents.case_story import Narrated, narrate
from api.case_drafts import case_of, draft_of, file_of, market_file_of
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
from api.market_views import market_detail, market_summary
from desk.clock import to_iso
from desk.errors import NotFound
from desk.fraud.abuse.case_book import MarketCase, is_market
from desk.fraud.abuse.telling import tell_market
from desk.fraud.cases import Case
from desk.fraud.graph import moment_of
from desk.fraud.network import MOST_NODES, network_around
from desk.fraud.report import Form, print_report
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1/fraud", tags=["fraud"])


def _detail(runtime: Runtime, case: Case | MarketCase) -> AlertDetail:
    if isinstance(case, MarketCase):
        return market_detail(market_file_of(runtime.desk, case), runtime.desk.market)
    return detail(file_of(runtime.desk, case), runtime.desk.fraud)


@router.get("/alerts")
def list_alerts(runtime: RuntimeDep, person: FraudReader, kind: Literal["", "laundering", "market"] = "") -> Alerts:
    """Every alert over the transfers known at the market clock, and every market case; of one `kind` if named."""
    book, market, found = runtime.desk.fraud, runtime.desk.market, list[AlertView]()
    if kind != "market":
        found += [AlertView.model_validate(summary(case, book.priority(case))) for case in book.cases()]
    if kind != "laundering":
        found += [market_summary(case, market) for case in market.cases()]
    return Alerts(alerts=sorted(found, key=lambda one: one.end, reverse=True))


@router.get("/streaming")
def list_streaming(runtime: RuntimeDep, person: FraudReader) -> Streaming:
    """Senders whose orders, fills or transfers scored high; each was told on the bus as it happened."""
    live = runtime.desk.arrivals.watch
    found = [
        StreamingView(**{**asdict(one), "at": to_iso(moment_of(one.at)), "since": to_iso(moment_of(one.since))})
        for one in live.recent()
    ]
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
    if is_market(alert):
        raise NotFound(f"alert {alert!r} is a market case, which has no network of transfers; read its rows")
    book = runtime.desk.fraud
    columns = book.columns()
    begin = book.case(alert).alert.accounts if alert else ()
    return network_view(network_around(columns, begin, most), columns)


@router.get("/alerts/{id}")
def read_alert(id: str, runtime: RuntimeDep, person: FraudReader) -> AlertDetail:
    """One alert with its path, what surrounds it, its time line, parties, next checks, like cases and history."""
    return _detail(runtime, case_of(runtime.desk, id))


@router.post("/alerts/{id}")
def work_alert(id: str, body: ActionBody, runtime: RuntimeDep, person: FraudWorker) -> AlertDetail:
    """Escalates, closes, reopens, takes or hands on; the second officer's close confirms the first's."""
    book = runtime.desk.market if is_market(id) else runtime.desk.fraud
    return _detail(runtime, book.act(id, person, body.action, body.reason, body.to, body.verdict))


@router.get("/alerts/{id}/narrative")
async def tell_alert(id: str, runtime: RuntimeDep, person: FraudReader) -> NarrativeView:
    """The case in words around its facts: a model's where each word holds to the case, else the template's.

    A market case is always told by the template.
    """
    if is_market(id):
        story = await asyncio.to_thread(lambda: tell_market(runtime.desk.market.case(id)))
        return narrative_view(Narrated(story.text, story))
    desk, alert = runtime.desk, (await asyncio.to_thread(runtime.desk.fraud.case, id)).alert
    return narrative_view(await narrate(alert, runtime.models, desk.feed.instruments, person, f"case-{id}"))


@router.get("/alerts/{id}/report", response_class=Response)
def export_report(id: str, runtime: RuntimeDep, person: FraudWorker, format: Form = "json") -> Response:
    """The draft of a suspicious activity report; taking it out is recorded in the audit log."""
    desk = runtime.desk
    made = print_report(draft_of(desk, id, person), format)
    desk.fraud.work.note_export(id, person, format, hashlib.sha256(made).hexdigest())
    headers = {"content-disposition": f'attachment; filename="draft-report-{id}.{format}"'}
    return Response(made, media_type="application/pdf" if format == "pdf" else "application/json", headers=headers)
