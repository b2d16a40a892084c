"""Weights of instruments under limits, and the efficient frontier. Nothing is ordered here."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Query

from api.deps import Reader, RuntimeDep
from api.policies_view import PoliciesView, view_policies
from api.weighing import FrontierView, WeighForm, WeighView, draw_frontier, weigh
from desk.identity.roles import Person, check_owns

router = APIRouter(prefix="/v1/portfolio", tags=["portfolio"])


@router.post("/optimise")
async def optimise_weights(body: WeighForm, runtime: RuntimeDep, person: Reader) -> WeighView:
    """The weights that serve the objective best under the limits; 422 names the limit that cannot be kept."""
    _check_account(body, person)
    return await asyncio.to_thread(weigh, runtime.desk, body)


@router.post("/frontier")
async def efficient_frontier(
    body: WeighForm, runtime: RuntimeDep, person: Reader, points: int = Query(default=20, ge=2, le=60)
) -> FrontierView:
    """The least volatility for each expected return under the limits."""
    _check_account(body, person)
    return await asyncio.to_thread(draw_frontier, runtime.desk, body, points)


@router.get("/learned")
async def learned_policies(person: Reader) -> PoliciesView:
    """What the learned policies came to on what they had not seen, and whether they are used."""
    return await asyncio.to_thread(view_policies)


def _check_account(body: WeighForm, person: Person) -> None:
    if body.account:
        check_owns(person, body.account)
