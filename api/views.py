"""How desk values look from outside: the shapes shared by the HTTP routes and the command line."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, JsonValue

from desk.clock import to_iso
from desk.errors import TenorError
from desk.factory import Desk
from desk.identity.roles import Person
from desk.orders import Check, Order, OrderStatus
from desk.trading.approvals import Approval


class OrderView(BaseModel):
    """An order and what became of it; prices and quantities in units of the instrument's currency."""

    id: str
    client_id: str
    account: str
    instrument: str
    side: str
    quantity: float
    type: str
    limit_price: float | None
    time_in_force: str
    state: str
    filled: float
    average_price: float | None
    created_at: str | None
    reason: str
    by: str


class CheckView(BaseModel):
    """One rule's verdict."""

    rule: str
    limit: str
    value: str
    unit: str
    ok: bool
    message: str


class AnswerView(BaseModel):
    """One person's word."""

    user: str
    decision: str
    reason: str
    at: str


class NeedsView(BaseModel):
    """Who must say yes."""

    role: str
    people: int
    reason: str


class ProposedBy(BaseModel):
    """The agent, and the person on whose behalf."""

    agent: str
    user: str


class ApprovalView(BaseModel):
    """A proposal with all that a person sees before the click."""

    id: str
    state: str
    account: str
    proposed_by: ProposedBy
    created_at: str
    expires_at: str
    orders: list[OrderView]
    order: OrderView
    diff: JsonValue
    limits: JsonValue
    cost: JsonValue
    why: str
    facts: JsonValue
    citations: JsonValue
    answers: list[AnswerView]
    needs: NeedsView
    may_answer: bool
    may_not: str | None


def plain(value: Decimal | None) -> float | None:
    """A decimal as a JSON number."""
    return None if value is None else float(value)


def order_view(desk: Desk, order: Order, status: OrderStatus | None) -> OrderView:
    """An order as it stands; one that the gate has not seen is `proposed`."""
    tick = desk.feed.instruments.get(order.instrument).tick
    return OrderView(
        id=order.client_id,
        client_id=order.client_id,
        account=order.account,
        instrument=order.instrument,
        side=order.side.value,
        quantity=float(order.quantity),
        type=order.type.value,
        limit_price=None if order.limit_ticks is None else float(order.limit_ticks * tick),
        time_in_force=order.time_in_force.value,
        state="proposed" if status is None else status.state.value,
        filled=0.0 if status is None else float(status.filled),
        average_price=None if status is None else plain(status.average_price),
        created_at=None if status is None else to_iso(status.accepted_at),
        reason="" if status is None else status.reason,
        by=order.agent or order.by,
    )


def check_view(check: Check) -> CheckView:
    """A rule's verdict as it travels."""
    return CheckView(
        rule=check.rule, limit=check.limit, value=check.value, unit=check.unit, ok=check.ok, message=check.message
    )


def approval_view(desk: Desk, approval: Approval, person: Person) -> ApprovalView:
    """A proposal as this person sees it."""
    orders = [order_view(desk, order, desk.order_status(order.client_id)) for order in approval.orders]
    may_not: str | None = None
    try:
        desk.approvals.check_answer(approval, person)
    except TenorError as error:
        may_not = error.message
    needs, evidence = approval.needs, approval.evidence
    who = "customer" if approval.customer_account and needs.owner else "trader"
    return ApprovalView(
        id=approval.id,
        state=approval.state,
        account=approval.account,
        proposed_by=ProposedBy(agent=approval.agent, user=approval.person),
        created_at=to_iso(approval.created_at),
        expires_at=to_iso(approval.expires_at),
        orders=orders,
        order=orders[0],
        diff=evidence.get("diff", {"rows": []}),
        limits=evidence.get("limits", []),
        cost=evidence.get("cost", {}),
        why=str(evidence.get("why", "")),
        facts=evidence.get("facts", []),
        citations=evidence.get("citations", []),
        answers=[AnswerView(user=a.person, decision=a.decision, reason=a.reason, at=a.at) for a in approval.answers],
        needs=NeedsView(role=who, people=int(needs.owner) + int(needs.second), reason=needs.reason),
        may_answer=may_not is None,
        may_not=may_not,
    )
