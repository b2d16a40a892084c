"""Scenarios, sensitivities and liquidity of an account. Nothing here changes anything."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import AccountReader, RuntimeDep
from api.stress_views import FactorsView, LiquidityView, StressView, factors_view, liquidity_view, stress_view

router = APIRouter(prefix="/v1/risk", tags=["risk"])

AccountQuery = Annotated[str, Query(max_length=64)]


@router.get("/stress")
def read_stress(
    runtime: RuntimeDep, person: AccountReader, account: AccountQuery, shock: Annotated[str, Query(max_length=200)] = ""
) -> StressView:
    """What the account would lose in each named scenario, and in an own one (`equity=-20,oil=30`, in per cent)."""
    return stress_view(runtime, person, account, shock)


@router.get("/factors")
def read_factors(runtime: RuntimeDep, person: AccountReader, account: AccountQuery) -> FactorsView:
    """What moves the account: money for a move of one per cent of each factor."""
    return factors_view(runtime, person, account)


@router.get("/liquidity")
def read_liquidity(runtime: RuntimeDep, person: AccountReader, account: AccountQuery) -> LiquidityView:
    """How long selling everything takes and what it costs, by an assumed turnover."""
    return liquidity_view(runtime, person, account)
