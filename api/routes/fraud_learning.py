"""What was learned about fraud: its score beside the rules' alerts, and whether it fits what the desk sees."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import FraudReader, RuntimeDep
from api.drift_view import DriftView, drift_view
from desk.fraud.leads import weigh

router = APIRouter(prefix="/v1/fraud", tags=["fraud"])


class LeadView(BaseModel):
    """An account that no alert holds, and its learned score."""

    account: str
    score: float


class LearnedView(BaseModel):
    """The learned score, 0 to 1, of alerts (the mean of their accounts) and of the accounts in them; leads, if any.

    Where the network does not fit what the desk sees, it is not `used`: `why_not` says why, and all is empty.
    """

    used: bool
    why_not: str
    alerts: dict[str, float]
    accounts: dict[str, float]
    leads: list[LeadView]


@router.get("/drift")
def read_drift(runtime: RuntimeDep, person: FraudReader) -> DriftView:
    """The transfers known at the market clock against those that the learned score was taught on."""
    scored = runtime.desk.fraud.learned.now()
    return drift_view(scored.network, scored.drift)


@router.get("/learned")
def read_learned(runtime: RuntimeDep, person: FraudReader) -> LearnedView:
    """What the network says of the alerts over the transfers known at the market clock."""
    book = runtime.desk.fraud
    alerts = [case.alert for case in book.cases()]
    found = weigh(book.learned.now(), alerts)
    held = {name for alert in alerts for name in alert.accounts}
    return LearnedView(
        used=not found.why_not,
        why_not=found.why_not,
        alerts={alert.id: score for alert in alerts if (score := found.of(alert)) is not None},
        accounts={name: round(found.scores[name], 4) for name in sorted(held & found.scores.keys())},
        leads=[LeadView(**lead._asdict()) for lead in found.leads],
    )
