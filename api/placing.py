"""An order typed by a person or sent by a program: from the ticket to the gate, or to a second person."""

from __future__ import annotations

import hashlib
import secrets
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field

from api.views import ApprovalView, OrderView, approval_view, order_view
from desk.errors import Conflict, DataFolderError, NotFound
from desk.identity.roles import Needs, Person, approval_needs, check_owns
from desk.money import minor_digits, parse_decimal, to_ticks
from desk.orders import Order, OrderType, Side
from desk.trading.decisions import Decision
from desk.trading.proposals import build_evidence
from graphs.runtime import Runtime

Ack = Literal["accepted", "durable"]
"""`accepted`: decided, numbered, in the journal's buffer. `durable`: on the disk as well."""

DURABLE_S = 10.0


class Ticket(BaseModel):
    """An order as typed; numbers may come as text to stay exact."""

    account: str = Field(max_length=64)
    instrument: str = Field(max_length=64)
    side: Literal["buy", "sell"]
    quantity: str | int | float
    type: Literal["market", "limit"] = "market"
    limit_price: str | int | float | None = None
    client_id: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9._-]*$")


class Placed(BaseModel):
    """The order, or the proposal that waits because it is above one's threshold."""

    order: OrderView | None = None
    approval: ApprovalView | None = None
    ack: Ack = "accepted"


def read_ticket(runtime: Runtime, person: Person, ticket: Ticket) -> Order:
    """The order of a ticket; InputError or NotFound says which field is wrong."""
    check_owns(person, ticket.account)
    instrument = runtime.desk.feed.instruments.get(ticket.instrument)
    quantity = parse_decimal(str(ticket.quantity), "quantity")
    limit: int | None = None
    if ticket.type == "limit":
        limit = to_ticks(parse_decimal(str(ticket.limit_price), "limit price"), instrument.tick, "limit price")
    return Order(
        client_id=ticket.client_id or f"tk-{secrets.token_hex(8)}",
        account=ticket.account,
        instrument=instrument.id,
        side=Side(ticket.side),
        quantity=quantity,
        type=OrderType(ticket.type),
        limit_ticks=limit,
        by=person.name,
    )


def submit_ticket(runtime: Runtime, person: Person, ticket: Ticket) -> Decision:
    """Sends the order of a ticket through the gate; `held` when it is above one's threshold.

    The same client id with the same content says where the first one stands. Raises what the
    gate raises, Forbidden for another's account, and Conflict for a client id used otherwise.
    """
    desk, order = runtime.desk, read_ticket(runtime, person, ticket)
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


class Cancelled(BaseModel):
    """What a mass cancel came to: the orders as they stand now, and those that were on their way to a broker."""

    orders: list[OrderView]
    not_yet: list[str]


def cancel_one(runtime: Runtime, person: Person, id: str) -> OrderView:
    """Cancels what is left of an order of one's own accounts; NotFound for any other."""
    desk = runtime.desk
    status = desk.order_status(id)
    if status is None or status.order.account not in person.accounts:
        raise NotFound(f"order {id!r} does not exist")
    return order_view(desk, status.order, desk.trading.cancel(id))


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


def wait_durable(runtime: Runtime, done: Decision) -> None:
    """Returns when the order's acceptance is on the disk; DataFolderError when it cannot come there."""
    if done.seq is not None and not runtime.desk.trading.journal.wait_durable(done.seq, DURABLE_S):
        raise DataFolderError(f"order {done.order.client_id} is accepted but not on disk after {DURABLE_S:.0f} s")


def _needs(runtime: Runtime, person: Person, decision: Decision, customer: bool) -> Needs:
    digits = minor_digits(runtime.desk.trading.gate.rules.limits.base)
    notional = Decimal(decision.estimate.notional).scaleb(-digits) if decision.estimate else Decimal(0)
    return approval_needs(person, customer, notional, runtime.desk.thresholds)


def _proposal_id(person: Person, client_id: str) -> str:
    """The same request of the same person always makes the same proposal, nobody else's."""
    return f"ap-{hashlib.sha256(f'{person.name} {client_id}'.encode()).hexdigest()[:20]}"
