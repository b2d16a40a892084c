"""Weights of instruments under limits, the efficient frontier, tax lots. Nothing is ordered here."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import AccountReader, Reader, RuntimeDep
from api.lots_view import LotsView, lots_view
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


@router.get("/lots")
def read_lots(
    runtime: RuntimeDep,
    person: AccountReader,
    account: Annotated[str, Query(max_length=64)],
    method: Annotated[str, Query(max_length=20)] = "fifo",
    country: Annotated[str, Query(max_length=20)] = "US",
) -> LotsView:
    """Tax lots of an account, what its sales realised, and losses that could be taken."""
    return lots_view(runtime, person, account, method, country)


def _check_account(body: WeighForm, person: Person) -> None:
    if body.account:
        check_owns(person, body.account)
