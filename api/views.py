"""How desk values look from outside: the shapes shared by the HTTP routes and the command line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, TypeAdapter

from agents.answers import Citation
from desk.clock import to_iso
from desk.errors import TenorError
from desk.factory import Desk
from desk.identity.roles import MAY, Action, Person
from desk.orders import Check, Order, OrderState, OrderStatus, OrderType, Side, TimeInForce
from desk.trading.approvals import Approval, State


class OrderView(BaseModel):
    """An order and what became of it; prices and quantities in units of the instrument's currency.

    `broker` is who serves the instrument: an outside broker, or the simulated venue in this process.
    """

    id: str
    client_id: str
    account: str
    broker: str
    instrument: str
    side: Side
    quantity: float
    type: OrderType
    limit_price: float | None
    stop_price: float | None
    time_in_force: TimeInForce
    expires: date | None
    display: float | None
    post_only: bool
    triggered: bool
    state: OrderState | Literal["proposed"]
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
    decision: Literal["approve", "refuse"]
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


class DiffRow(BaseModel):
    """One thing that the orders change."""

    field: str
    unit: str
    before: float
    after: float
    limit: float | None


class Diff(BaseModel):
    """All that the orders change."""

    rows: list[DiffRow] = []


class CostView(BaseModel):
    """The gross value of the orders, and what trading them costs beyond the price."""

    notional: float
    commission: float
    spread: float
    total: float
    currency: str


class FactView(BaseModel):
    """A figure of the agent's answer and where it comes from."""

    id: str
    label: str
    value: float
    unit: str
    currency: str | None
    as_of: str
    source: str
    locator: str
    inputs: tuple[str, ...] = ()


class PartOf(BaseModel):
    """The schedule or bot that a proposal is for."""

    kind: Literal["schedule", "bot"]
    id: str


class ApprovalView(BaseModel):
    """A proposal with all that a person sees before the click. `run`: see `run_behind`. `warning`: what to read first,
    as of an order that is the person's own choice; empty when there is nothing to warn of.
    """

    id: str
    state: State
    account: str
    proposed_by: ProposedBy
    created_at: str
    expires_at: str
    orders: list[OrderView]
    order: OrderView
    diff: Diff
    limits: list[CheckView]
    cost: CostView | None
    why: str
    warning: str = ""
    facts: list[FactView]
    citations: list[Citation]
    answers: list[AnswerView]
    needs: NeedsView
    may_answer: bool
    may_not: str | None
    part_of: PartOf | None = None
    run: str | None = None


_CHECKS = TypeAdapter(list[CheckView])
_CITATIONS = TypeAdapter(list[Citation])
_FACTS = TypeAdapter(list[FactView])
_COST = TypeAdapter(CostView | None)


def plain(value: Decimal | None) -> float | None:
    """A decimal as a JSON number."""
    return None if value is None else float(value)


def order_view(desk: Desk, order: Order, status: OrderStatus | None) -> OrderView:
    """An order as it stands; one that the gate has not seen is `proposed`."""
    return OrderView.model_validate(order_fields(desk, order, status))


def order_fields(desk: Desk, order: Order, status: OrderStatus | None) -> dict[str, object]:
    """The fields of `order_view`, in its order."""
    return {
        "id": order.client_id,
        "client_id": order.client_id,
        "account": order.account,
        "broker": desk.trading.brokers.serves(order.instrument),
        "instrument": order.instrument,
        "side": order.side,
        "quantity": float(order.quantity),
        "type": order.type,
        "limit_price": _price(desk, order, order.limit_ticks),
        "stop_price": _price(desk, order, order.stop_ticks),
        "time_in_force": order.time_in_force,
        "expires": order.expires,
        "display": plain(order.display),
        "post_only": order.post_only,
        "triggered": status is not None and status.triggered,
        "state": "proposed" if status is None else status.state,
        "filled": 0.0 if status is None else float(status.filled),
        "average_price": None if status is None else plain(status.average_price),
        "created_at": None if status is None else to_iso(status.accepted_at),
        "reason": "" if status is None else status.reason,
        "by": order.agent or order.by,
    }


def _price(desk: Desk, order: Order, ticks: int | None) -> float | None:
    """A price of the order in the ticks that it counts in; None for none, or when nobody kept the tick."""
    accepted = desk.trading.accounts.find(order.client_id)
    counted = accepted.steps if accepted is not None else None
    known = desk.feed.instruments.known(order.instrument)
    steps = counted or (known.steps if known is not None else None)
    return None if ticks is None or steps is None else float(ticks * steps.tick)


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
        diff=Diff.model_validate(evidence.get("diff", {})),
        limits=_CHECKS.validate_python(evidence.get("limits", [])),
        cost=_COST.validate_python(evidence.get("cost")),
        why=str(evidence.get("why", "")),
        warning=str(evidence.get("warning", "")),
        facts=_FACTS.validate_python(evidence.get("facts", [])),
        citations=_CITATIONS.validate_python(evidence.get("citations", [])),
        answers=[AnswerView(user=a.person, decision=a.decision, reason=a.reason, at=a.at) for a in approval.answers],
        needs=NeedsView(role=who, people=int(needs.owner) + int(needs.second), reason=needs.reason),
        may_answer=may_not is None,
        may_not=may_not,
        part_of=_part_of(approval),
        run=run_behind(approval, person),
    )


def run_behind(approval: Approval, person: Person) -> str | None:
    """The run that ended with this proposal, for those who may read it; None for a ticket, schedule, bot or change."""
    if approval.id != f"ap-{approval.thread}":
        return None
    asked = person.name == approval.person
    return approval.thread if asked or (person.via is None and person.role in MAY[Action.READ_RUNS]) else None


def _part_of(approval: Approval) -> PartOf | None:
    """The schedule or bot that made it; None for a run of the agents or a ticket."""
    if "schedule" in approval.evidence:
        return PartOf(kind="schedule", id=approval.thread.removeprefix("schedule-"))
    bot = approval.evidence.get("bot")
    return PartOf(kind="bot", id=str(bot)) if bot else None
