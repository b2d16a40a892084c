"""An order typed by a person or sent by a program: from the ticket to the gate, or to a second person."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Literal

import orjson
from pydantic import BaseModel

from api.tickets import Amendment, Ticket, read_amendment, read_ticket
from api.views import ApprovalView, OrderView, approval_view, order_fields, order_view
from desk.errors import Conflict, DataFolderError, Forbidden, NotFound
from desk.identity.roles import Needs, Person, approval_needs, check_owns
from desk.money import minor_digits
from desk.orders import OrderStatus
from desk.trading.decisions import Decision
from desk.trading.proposals import build_evidence
from graphs.runtime import Runtime

Ack = Literal["accepted", "durable"]
"""`accepted`: decided, numbered, in the journal's buffer. `durable`: on the disk as well."""

DURABLE_S = 10.0


class Placed(BaseModel):
    """The order, or the proposal that waits because it is above one's threshold."""

    order: OrderView | None = None
    approval: ApprovalView | None = None
    ack: Ack = "accepted"


def submit_ticket(runtime: Runtime, person: Person, ticket: Ticket) -> Decision:
    """Sends the order of a ticket through the gate; `held` when it is above one's threshold.

    The same client id with the same content says where the first one stands. Raises what the
    gate raises, Forbidden for another's account, and Conflict for a client id used otherwise.
    """
    desk, order = runtime.desk, read_ticket(runtime.desk, person, ticket)
    customer = desk.trading.is_customer_account(order.account)
    return desk.trading.gate.submit(order, hold=lambda decision: _needs(runtime, person, decision, customer).second)


def propose_held(runtime: Runtime, person: Person, held: Decision) -> Placed:
    """Stores the proposal of an order that was held; the same order again finds the first proposal."""
    desk, order = runtime.desk, held.order
    customer = desk.trading.is_customer_account(order.account)
    approval = desk.approvals.propose(
        thread=order.client_id,
        asker=person,
        agent="",
        orders=[order],
        evidence=build_evidence(desk.trading, desk.feed, [order], "typed by hand"),
        needs=_needs(runtime, person, held, customer),
        customer_account=customer,
        id=_proposal_id(person, order.client_id),
    )
    return Placed(approval=approval_view(desk, approval, person))


def amend_one(runtime: Runtime, person: Person, id: str, amendment: Amendment) -> OrderView:
    """Changes an order of one's own accounts that works at the simulated venue; NotFound for any other.

    Less at the same price keeps its place in the queue. Forbidden when the change would take the
    order above one's threshold: that needs a second person, so it is cancelled and placed anew.
    """
    desk = runtime.desk
    before = _own(runtime, person, id).order
    change = read_amendment(desk.feed.instruments.get(before.instrument), amendment)
    customer = desk.trading.is_customer_account(before.account)

    def hold(decision: Decision) -> bool:
        order = decision.order
        less = order.quantity <= before.quantity and order.limit_ticks == before.limit_ticks
        return not less and _needs(runtime, person, decision, customer).second

    done = desk.trading.gate.amend(id, quantity=change.quantity, limit_ticks=change.limit_ticks, hold=hold)
    if done.held:
        raise Forbidden(f"order {id} would be above your threshold; cancel it and place it anew for a second person")
    return order_view(desk, done.order, done.status)


class Cancelled(BaseModel):
    """What a mass cancel came to: the orders as they stand now, and those that were on their way to a broker."""

    orders: list[OrderView]
    not_yet: list[str]


def cancel_one(runtime: Runtime, person: Person, id: str) -> OrderView:
    """Cancels what is left of an order of one's own accounts; NotFound for any other."""
    desk, order = runtime.desk, _own(runtime, person, id).order
    return order_view(desk, order, desk.trading.cancel(id))


def cancel_many(runtime: Runtime, person: Person, account: str = "", instrument: str = "") -> Cancelled:
    """Cancels everything open on one's own accounts, or on one of them, or of one instrument; repeats do nothing.

    An order that is on its way to a broker is named in `not_yet`: ask again. Forbidden for
    another's account, NotFound for an instrument that is not known.
    """
    if account:
        check_owns(person, account)
    if instrument:
        runtime.desk.feed.instruments.get(instrument)
    done, not_yet = [], []
    for id in runtime.desk.trading.open_ids([account] if account else person.accounts, instrument):
        try:
            done.append(cancel_one(runtime, person, id))
        except Conflict:
            not_yet.append(id)
    return Cancelled(orders=done, not_yet=not_yet)


def placed_view(runtime: Runtime, done: Decision, ack: Ack = "accepted") -> Placed:
    """The answer for an order that exists; `ack` says what it waited for."""
    return Placed(order=order_view(runtime.desk, done.order, done.status), ack=ack)


def placed_json(runtime: Runtime, done: Decision, ack: Ack = "accepted") -> bytes:
    """`placed_view` in JSON, byte for byte, without the model between, which costs more than the order at the venue."""
    order = order_fields(runtime.desk, done.order, done.status)
    return orjson.dumps({"order": order, "approval": None, "ack": ack})


def wait_durable(runtime: Runtime, done: Decision) -> None:
    """Returns when the order's acceptance is on the disk; DataFolderError when it cannot come there."""
    if done.seq is not None and not runtime.desk.trading.journal.wait_durable(done.seq, DURABLE_S):
        raise DataFolderError(f"order {done.order.client_id} is accepted but not on disk after {DURABLE_S:.0f} s")


def _own(runtime: Runtime, person: Person, id: str) -> OrderStatus:
    status = runtime.desk.order_status(id)
    if status is None or status.order.account not in person.accounts:
        raise NotFound(f"order {id!r} does not exist")
    return status


def _needs(runtime: Runtime, person: Person, decision: Decision, customer: bool) -> Needs:
    digits = minor_digits(runtime.desk.trading.gate.rules.limits.base)
    notional = Decimal(decision.estimate.notional).scaleb(-digits) if decision.estimate else Decimal(0)
    return approval_needs(person, customer, notional, runtime.desk.thresholds)


def _proposal_id(person: Person, client_id: str) -> str:
    """The same request of the same person always makes the same proposal, nobody else's."""
    return f"ap-{hashlib.sha256(f'{person.name} {client_id}'.encode()).hexdigest()[:20]}"
