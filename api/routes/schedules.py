"""Schedules: large orders worked as small ones; started, watched, changed."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import AccountReader, RuntimeDep, Trader
from api.schedule_forms import ScheduleChange, ScheduleForm
from api.schedule_views import (
    PreviewView,
    ScheduleDetail,
    ScheduleStarted,
    ScheduleView,
    schedule_detail,
    schedule_view,
)
from api.scheduling import (
    Verb,
    amend_schedule,
    change_schedule,
    preview_schedule,
    seen_schedule,
    seen_schedules,
    start_schedule,
)

router = APIRouter(prefix="/v1", tags=["trading"])


class Schedules(BaseModel):
    """Newest first."""

    schedules: list[ScheduleView]


@router.get("/schedules")
def list_schedules(runtime: RuntimeDep, person: AccountReader) -> Schedules:
    """The schedules of the accounts one may see."""
    return Schedules(schedules=[schedule_view(runtime.desk, each) for each in seen_schedules(runtime, person)])


@router.post("/schedules/preview")
def preview_the_schedule(body: ScheduleForm, runtime: RuntimeDep, person: Trader) -> PreviewView:
    """Slices and expected cost; nothing happens."""
    return preview_schedule(runtime, person, body)


@router.post("/schedules", status_code=201)
def start_the_schedule(body: ScheduleForm, runtime: RuntimeDep, person: Trader) -> ScheduleStarted:
    """Starts a schedule, or stores it with a proposal when it is above one's threshold."""
    return start_schedule(runtime, person, body)


@router.get("/schedules/{id}")
def show_schedule(id: str, runtime: RuntimeDep, person: AccountReader) -> ScheduleDetail:
    """One schedule with slices, children and report."""
    return schedule_detail(runtime.desk, seen_schedule(runtime, person, id))


@router.post("/schedules/{id}/{verb}")
def change_the_schedule(id: str, verb: Verb, runtime: RuntimeDep, person: Trader) -> ScheduleDetail:
    """Pauses, resumes or cancels one of one's own accounts."""
    return change_schedule(runtime, person, id, verb)


@router.patch("/schedules/{id}")
def amend_the_schedule(id: str, body: ScheduleChange, runtime: RuntimeDep, person: Trader) -> ScheduleDetail:
    """Changes quantity, end or limit of one of one's own accounts."""
    return amend_schedule(runtime, person, id, body)
