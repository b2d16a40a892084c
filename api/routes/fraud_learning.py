"""Whether what was learned about fraud still fits what the desk sees."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import FraudReader, RuntimeDep
from api.drift_view import DriftView, drift_view
from desk.fraud.gnn import load_network

router = APIRouter(prefix="/v1/fraud", tags=["fraud"])


@router.get("/drift")
def read_drift(runtime: RuntimeDep, person: FraudReader) -> DriftView:
    """The transfers known at the market clock against those that the learned score was taught on."""
    network = load_network()
    return drift_view(network, network.watch(runtime.desk.fraud.columns()))
