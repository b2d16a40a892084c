"""Scenarios, sensitivities and liquidity of an account as doors and commands give them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from desk.clock import to_iso
from desk.identity.roles import Person, check_owns
from desk.risk.factors import FACTORS, fit_factors
from desk.risk.stress import Stressed, read_shock, stress_all
from desk.trading.liquidity import LABEL, PARTICIPATION, liquidity_of
from graphs.runtime import Runtime


class MoveView(BaseModel):
    """What one holding makes of a scenario, in the base currency."""

    instrument: str
    pnl: float


class ScenarioView(BaseModel):
    """One scenario: money in the base currency, `pct` of what the account is worth; `left_out` is not in `pnl`."""

    key: str
    name: str
    kind: Literal["historical", "hypothetical"]
    about: str
    pnl: float
    pct: float | None
    moves: list[MoveView]
    left_out: list[str]


class StressView(BaseModel):
    """Scenarios, the largest loss first. `lacking` says why no hypothetical one could be computed."""

    account: str
    currency: str
    as_of: str
    equity: float
    scenarios: list[ScenarioView]
    lacking: str


class FactorView(BaseModel):
    """`per_percent` is money for a rise of one per cent; `t` how many standard errors that is from nothing."""

    factor: str
    instrument: str
    per_percent: float
    error: float
    t: float | None


class FactorsView(BaseModel):
    """An account's sensitivities; `explained_pct` is the share of its variance that they explain together."""

    account: str
    currency: str
    as_of: str
    window: str
    explained_pct: float
    factors: list[FactorView]


class HorizonView(BaseModel):
    """One holding: days to sell it at `participation_pct` of the assumed turnover, and the cost."""

    instrument: str
    value: float
    days: float
    cost: float


class LiquidityView(BaseModel):
    """Slowest first. `label` says that turnover and impact are models."""

    account: str
    currency: str
    as_of: str
    participation_pct: float
    within_day_pct: float
    days: float
    cost: float
    label: str
    rows: list[HorizonView]


def stress_view(runtime: Runtime, person: Person, account: str, shock: str = "") -> StressView:
    """Forbidden for another's account, InputError for a shock that cannot be read, DataError without history."""
    check_owns(person, account)
    desk = runtime.desk
    at, values = desk.risk.values(account)
    equity = desk.risk.measure(account).measures.equity
    found = stress_all(desk.feed, values, read_shock(shock) if shock else None)
    return StressView(
        account=account,
        currency=desk.risk.currency,
        as_of=to_iso(at),
        equity=round(equity, 2),
        scenarios=[_scenario(row, equity) for row in found.rows],
        lacking=found.lacking,
    )


def factors_view(runtime: Runtime, person: Person, account: str) -> FactorsView:
    """Forbidden for another's account, DataError without history."""
    check_owns(person, account)
    at, values = runtime.desk.risk.values(account)
    model = fit_factors(runtime.desk.feed, values)
    rows = [
        FactorView(
            factor=name,
            instrument=id,
            per_percent=round(model.betas[name] / 100, 2),
            error=round(model.errors[name] / 100, 2),
            t=round(model.betas[name] / model.errors[name], 2) if model.errors[name] else None,
        )
        for name, id in FACTORS.items()
    ]
    return FactorsView(
        account=account,
        currency=runtime.desk.risk.currency,
        as_of=to_iso(at),
        window=str(model.window or ""),
        explained_pct=round(100 * model.explained, 2),
        factors=rows,
    )


def liquidity_view(runtime: Runtime, person: Person, account: str) -> LiquidityView:
    """Forbidden for another's account, DataError without a quote or closes."""
    check_owns(person, account)
    at, values = runtime.desk.risk.values(account)
    found = liquidity_of(runtime.desk.feed, values)
    return LiquidityView(
        account=account,
        currency=runtime.desk.risk.currency,
        as_of=to_iso(at),
        participation_pct=100 * PARTICIPATION,
        within_day_pct=round(100 * found.within_day, 2),
        days=round(found.days, 4),
        cost=round(found.cost, 2),
        label=LABEL,
        rows=[
            HorizonView(
                instrument=row.instrument, value=round(row.value, 2), days=round(row.days, 4), cost=round(row.cost, 2)
            )
            for row in found.rows
        ],
    )


def _scenario(row: Stressed, equity: float) -> ScenarioView:
    return ScenarioView(
        key=row.key,
        name=row.name,
        kind="historical" if row.kind == "historical" else "hypothetical",
        about=row.about,
        pnl=round(row.pnl, 2),
        pct=round(100 * row.pnl / equity, 2) if equity > 0 else None,
        moves=[MoveView(instrument=move.instrument, pnl=round(move.pnl, 2)) for move in row.moves],
        left_out=list(row.left_out),
    )
