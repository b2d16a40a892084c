"""What strategies there are, which of them is better than holding, and in which state a market is."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Query

from api.deps import Reader, RuntimeDep
from api.research_views import ArmName, ChampionView, LeaderboardView, RegimesView, ResearchView
from api.standing_board import lead_board, tell_regimes
from desk.experiments.arms import ARMS
from desk.experiments.portfolios import all_strategies
from desk.experiments.standings import Standings
from tools.experiments import open_models

router = APIRouter(prefix="/v1/experiments", tags=["research"])


@router.get("")
def read_research(runtime: RuntimeDep, person: Reader) -> ResearchView:
    """Strategies and arms, and every switch of a champion on the record."""
    known = all_strategies()
    names = [ArmName(name=n, title=s.title, learned=False, knobs=dict(s.usual)) for n, s in known.items()]
    names += [
        ArmName(name=arm.name, title=arm.title, learned=True, knobs={})
        for arm in ARMS.values()
        if arm.name not in known
    ]
    history = Standings(runtime.desk.services, open_models(runtime.desk)).history()
    return ResearchView(strategies=names, champions=[ChampionView.model_validate(record) for record in history])


@router.get("/leaderboard")
async def read_leaderboard(
    runtime: RuntimeDep, person: Reader, instrument: str, years: int = Query(default=10, ge=1, le=40)
) -> LeaderboardView:
    """All arms against buy and hold, with intervals. Compared once and kept while nothing changed."""
    return LeaderboardView.model_validate(await asyncio.to_thread(lead_board, runtime.desk, instrument, years))


@router.get("/regimes")
async def read_regimes(
    runtime: RuntimeDep, person: Reader, instrument: str, years: int = Query(default=10, ge=1, le=40)
) -> RegimesView:
    """The states of an instrument's market over the years, and what the regime arm held in them."""
    return RegimesView.model_validate(await asyncio.to_thread(tell_regimes, runtime.desk, instrument, years))
