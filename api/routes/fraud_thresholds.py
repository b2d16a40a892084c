"""The thresholds of the fraud rules: what verdicts say of them, proposals, two votes, and the way back."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import FraudReader, FraudWorker, RuntimeDep
from api.threshold_forms import ProposeBody, ThresholdsView, UndoBody, VersionView, thresholds_view, version_view

router = APIRouter(prefix="/v1/fraud/thresholds", tags=["fraud"])


@router.get("")
def read_thresholds(runtime: RuntimeDep, person: FraudReader) -> ThresholdsView:
    """The version in force, what the verdicts of closed cases say of each typology, and every version so far."""
    return thresholds_view(runtime.desk.fraud)


@router.post("/proposals", status_code=201)
def propose_step(body: ProposeBody, runtime: RuntimeDep, person: FraudWorker) -> VersionView:
    """Proposes the step that the verdicts ask for, with its effect on them and on the alerts of now."""
    return version_view(runtime.desk.fraud.propose_step(person, body.typology))


@router.post("/proposals/{id}/accept")
def accept_step(id: int, runtime: RuntimeDep, person: FraudWorker) -> VersionView:
    """A vote: the first accepts, another officer's puts it in force."""
    return version_view(runtime.desk.fraud.versions.accept(person, id))


@router.post("/undo", status_code=201)
def undo_steps(body: UndoBody, runtime: RuntimeDep, person: FraudWorker) -> VersionView:
    """Proposes the levels of an earlier version, with one vote; another officer's puts them in force."""
    return version_view(runtime.desk.fraud.undo_steps(person, body.version, body.reason))
