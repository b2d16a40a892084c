"""What the desk looked over by itself: bars, news and insiders' forms, when last, and what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import FraudReader, FraudWorker, RuntimeDep
from desk.fraud.abuse.looking import Looked, MarketLooks

router = APIRouter(prefix="/v1/fraud", tags=["fraud"])


class LookedView(BaseModel):
    """One look; `fresh` are the cases that were new, `fault` says why it failed, else empty."""

    at: str
    bars: int
    headlines: int
    forms: int
    announcements: int
    alerts: int
    fresh: list[str]
    fault: str


class LooksView(BaseModel):
    """The last look, null before the first; every so many seconds, 0 when only asked."""

    every_s: float
    last: LookedView | None


def looks_view(looks: MarketLooks) -> LooksView:
    """The state as it is now."""
    return LooksView(every_s=looks.every_s, last=_view(looks.last) if looks.last else None)


def _view(looked: Looked) -> LookedView:
    return LookedView.model_validate({**asdict(looked), "fresh": list(looked.fresh)})


@router.get("/looks")
def read_looks(runtime: RuntimeDep, person: FraudReader) -> LooksView:
    """When bars, news and forms were last looked over."""
    return looks_view(runtime.desk.looks)


@router.post("/looks")
async def look_now(runtime: RuntimeDep, person: FraudWorker) -> LooksView:
    """Looks them over now; the same data again makes no case anew."""
    await asyncio.to_thread(runtime.desk.looks.look)
    return looks_view(runtime.desk.looks)
