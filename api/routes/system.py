"""What runs on what, and the halt switch."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import Halter, Resumer, RuntimeDep, SystemReader
from api.stream import ClockView, clock_views
from desk.clock import to_iso
from desk.trading.halt import HaltState
from desk.trading.matching import kernel_name
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1/system", tags=["system"])


class BackEndView(BaseModel):
    """One back end: embedded, connected or unreachable, and the setting that changes it."""

    role: str
    state: Literal["embedded", "connected", "unreachable"]
    product: str
    setting: str
    detail: str


class HaltView(BaseModel):
    """Whether the desk is halted; `resume` names those who already asked to resume."""

    halted: bool
    reason: str
    by: str
    at: str
    resume: list[str]
    needed: int


class System(BaseModel):
    """The whole picture."""

    version: str
    backends: list[BackEndView]
    kernel: str
    narrator: str
    clocks: list[ClockView]
    halt: HaltView
    data_folder: str
    started_at: str


class Reason(BaseModel):
    """Why."""

    reason: str = Field(default="", max_length=500)


def halt_view(state: HaltState) -> HaltView:
    """The halt switch as it travels."""
    return HaltView(
        halted=state.halted,
        reason=state.reason,
        by=state.by,
        at=state.at,
        resume=list(state.resume),
        needed=state.needed,
    )


def _system(runtime: Runtime) -> System:
    desk = runtime.desk
    return System(
        version=desk.version,
        backends=[BackEndView(**row.__dict__) for row in desk.backends()],
        kernel=kernel_name(),
        narrator=", ".join(runtime.models.names) or "offline narrator",
        clocks=clock_views(desk.feed),
        halt=halt_view(desk.trading.switch.state()),
        data_folder=str(desk.folder),
        started_at=to_iso(desk.started_at),
    )


@router.get("")
def read_system(runtime: RuntimeDep, person: SystemReader) -> System:
    """Every back end, the clocks, the halt switch."""
    return _system(runtime)


@router.post("/halt")
def halt(body: Reason, runtime: RuntimeDep, person: Halter) -> HaltView:
    """Halts the desk at once: every new order is refused until two people resume."""
    return halt_view(runtime.desk.halt(person, body.reason))


@router.post("/resume")
def resume(body: Reason, runtime: RuntimeDep, person: Resumer) -> HaltView:
    """One of the two people who resume the desk."""
    return halt_view(runtime.desk.resume(person))
