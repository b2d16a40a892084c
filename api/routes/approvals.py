"""Proposals that wait for a person."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import AccountReader, Approver, RuntimeDep
from api.views import ApprovalView, approval_view
from desk.errors import NotFound

router = APIRouter(prefix="/v1/approvals", tags=["approvals"])


class Approvals(BaseModel):
    """Newest first."""

    approvals: list[ApprovalView]


class Decision(BaseModel):
    """A person's word."""

    decision: Literal["approve", "refuse"]
    reason: str = Field(default="", max_length=2_000)


@router.get("")
def list_approvals(
    runtime: RuntimeDep, person: AccountReader, state: Literal["waiting", "all"] = "waiting"
) -> Approvals:
    """The proposals this person may see."""
    desk = runtime.desk
    found = desk.approvals.list(None if state == "all" else "waiting")
    seen = [a for a in found if desk.approvals.visible_to(person, a)]
    return Approvals(approvals=[approval_view(desk, approval, person) for approval in seen])


@router.get("/{id}")
def read_approval(id: str, runtime: RuntimeDep, person: AccountReader) -> ApprovalView:
    """One proposal; another person's does not exist for you."""
    approval = runtime.desk.approvals.get(id)
    if not runtime.desk.approvals.visible_to(person, approval):
        raise NotFound(f"approval {id!r} does not exist")
    return approval_view(runtime.desk, approval, person)


@router.post("/{id}")
async def answer_approval(id: str, body: Decision, runtime: RuntimeDep, person: Approver) -> ApprovalView:
    """Approves or refuses, once; the answer shows the orders as they stand right after."""
    approval = await runtime.answer_approval(id, person, body.decision, body.reason)
    return approval_view(runtime.desk, approval, person)
