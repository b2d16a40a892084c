"""Proposals that wait for a person."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.deps import AccountReader, Approver, RuntimeDep
from api.tickets import Number
from api.views import ApprovalView, approval_view
from desk.errors import NotFound
from desk.money import parse_decimal, to_ticks
from graphs.changing import Wanted
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1/approvals", tags=["approvals"])


class Approvals(BaseModel):
    """Newest first."""

    approvals: list[ApprovalView]


class Decision(BaseModel):
    """A person's word."""

    decision: Literal["approve", "refuse"]
    reason: str = Field(default="", max_length=2_000)


class OrderChange(BaseModel):
    """What shall change of one order of the proposal; numbers may come as text to stay exact."""

    model_config = ConfigDict(extra="forbid")

    client_id: str = Field(max_length=64)
    quantity: Number | None = None
    limit_price: Number | None = None


class Change(BaseModel):
    """Changes of the proposal's orders; an order that is not named stays as it is."""

    model_config = ConfigDict(extra="forbid")

    changes: list[OrderChange] = Field(min_length=1, max_length=100)


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


@router.post("/{id}/change", status_code=201)
async def change_approval(id: str, body: Change, runtime: RuntimeDep, person: Approver) -> ApprovalView:
    """Replaces a waiting proposal by a changed one, judged by the gate; the old one ends, naming the new."""
    changed = await runtime.change_approval(id, person, read_changes(runtime, id, body))
    return approval_view(runtime.desk, changed, person)


def read_changes(runtime: Runtime, id: str, body: Change) -> dict[str, Wanted]:
    """What each named order shall be, in exact terms; InputError when a number is none."""
    orders = {order.client_id: order for order in runtime.desk.approvals.get(id).orders}
    wanted = {}
    for each in body.changes:
        quantity = None if each.quantity is None else parse_decimal(str(each.quantity), "quantity")
        ticks, order = None, orders.get(each.client_id)
        if each.limit_price is not None and order is not None:
            tick = runtime.desk.feed.instruments.get(order.instrument).tick
            ticks = to_ticks(parse_decimal(str(each.limit_price), "limit price"), tick, "limit price")
        wanted[each.client_id] = Wanted(quantity, ticks)
    return wanted
