"""A model's opinions on borderline alerts: asked for by an officer, shown as opinions, and the order they make."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import FraudReader, FraudWorker, RuntimeDep
from api.triaging import TriageBody, TriageView, ask_opinions, triage_view

router = APIRouter(prefix="/v1/fraud", tags=["fraud"])


@router.get("/triage")
def read_triage(runtime: RuntimeDep, person: FraudReader) -> TriageView:
    """The opinions that hold, how many borderline cases have none, and the queue's order."""
    return triage_view(runtime)


@router.post("/triage")
async def ask_triage(body: TriageBody, runtime: RuntimeDep, person: FraudWorker) -> TriageView:
    """Asks a model about the most urgent borderline cases without an opinion; it closes nothing and scores nothing."""
    return await ask_opinions(runtime, person, body.most)
