"""The risk of an account, and what an order would change: arithmetic on cached scenarios, no model, no graph.

`api/risk_hot.py` answers the same requests in front of FastAPI when everything is at hand; these
routes answer the first one, and whatever is refused.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.deps import AccountReader, RuntimeDep
from desk.clock import to_iso
from desk.errors import InputError
from desk.identity.roles import Person, check_owns
from desk.money import parse_decimal
from desk.risk.report import Measures, Report, Tail
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1/risk", tags=["risk"])

Body = dict[str, object]


class TailView(BaseModel):
    """One day's VaR and CVaR, positive losses in the base currency."""

    var_95: float
    cvar_95: float
    var_99: float
    cvar_99: float


class MeasuresView(BaseModel):
    """Money in the base currency; volatilities are annual shares of gross exposure; the score is from 0 to 100."""

    exposure: float
    equity: float
    volatility: float
    ewma_volatility: float
    score: float
    historical: TailView
    parametric: TailView
    monte_carlo: TailView


class RiskView(BaseModel):
    """An account's risk at the market clock; `window` says which days scenarios are from, empty when nothing is held.

    `sharpe`, `sortino` and `drawdown` are of today's holdings over that window, null where not defined.
    """

    account: str
    currency: str
    as_of: str
    window: str
    risk: MeasuresView
    sharpe: float | None
    sortino: float | None
    drawdown: float | None


class RiskChangeView(BaseModel):
    """The account's risk before and after the order at the last price, without its costs."""

    account: str
    currency: str
    as_of: str
    window: str
    instrument: str
    side: Literal["buy", "sell"]
    quantity: float
    before: MeasuresView
    after: MeasuresView


@router.get("", response_model=RiskView)
def read_risk(runtime: RuntimeDep, person: AccountReader, account: Annotated[str, Query(max_length=64)]) -> Body:
    """The risk of an account one may see; zeros for one that holds nothing."""
    check_owns(person, account)
    return report_body(runtime, account, runtime.desk.risk.measure(account))


@router.get("/what-if", response_model=RiskChangeView)
def read_risk_change(
    runtime: RuntimeDep,
    person: AccountReader,
    account: Annotated[str, Query(max_length=64)],
    instrument: Annotated[str, Query(max_length=64)],
    side: Literal["buy", "sell"],
    quantity: Annotated[str, Query(max_length=40)],
) -> Body:
    """What an order would change; nothing happens."""
    return change_body(runtime, person, account, instrument, side, quantity)


def report_body(runtime: Runtime, account: str, report: Report) -> Body:
    """The fields of `RiskView`."""
    return {
        "account": account,
        "currency": runtime.desk.risk.currency,
        "as_of": to_iso(report.as_of),
        "window": str(report.window or ""),
        "risk": _measures(report.measures),
        **report.record._asdict(),
    }


def change_body(runtime: Runtime, person: Person, account: str, instrument: str, side: str, quantity: str) -> Body:
    """The fields of `RiskChangeView`. InputError for a side or quantity that is none, NotFound for an instrument."""
    check_owns(person, account)
    units = parse_decimal(quantity, "quantity")
    if units <= 0 or side not in ("buy", "sell"):
        raise InputError(f"an order to {side[:10]!r} {units} units is none; give buy or sell and a quantity above 0")
    known, risk = runtime.desk.feed.instruments.get(instrument), runtime.desk.risk
    change = risk.what_if(account, known.id, units if side == "buy" else -units)
    return {
        "account": account,
        "currency": risk.currency,
        "as_of": to_iso(change.as_of),
        "window": str(change.window),
        "instrument": known.id,
        "side": side,
        "quantity": float(units),
        "before": _measures(change.before),
        "after": _measures(change.after),
    }


def _measures(of: Measures) -> Body:
    return {
        "exposure": of.exposure,
        "equity": of.equity,
        "volatility": of.volatility,
        "ewma_volatility": of.ewma_volatility,
        "score": of.score,
        "historical": _tail(of.historical),
        "parametric": _tail(of.parametric),
        "monte_carlo": _tail(of.monte_carlo),
    }


def _tail(tail: Tail) -> Body:
    (var_95, cvar_95), (var_99, cvar_99) = tail
    return {"var_95": var_95, "cvar_95": cvar_95, "var_99": var_99, "cvar_99": cvar_99}
