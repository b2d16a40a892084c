"""A proposal changed by the person who may answer it: the old one ends, a new one takes its place.

The gate judges the changed orders first; when it refuses, nothing has happened. The new proposal is
the changer's own, so whoever must be a second pair of eyes is somebody else. A repeat finds the same
new proposal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from desk.errors import Conflict, InputError
from desk.factory import Desk
from desk.identity.roles import Person
from desk.orders import Chosen, Order
from desk.trading.approvals import Approval
from desk.trading.proposals import evidence_of, look_ahead, order_needs
from graphs.premises import check_own_choice


class Wanted(NamedTuple):
    """What one order shall be: units, and ticks where it has a limit; None leaves as it is."""

    quantity: Decimal | None = None
    limit_ticks: int | None = None


def draft_change(desk: Desk, approval: Approval, person: Person, wanted: Mapping[str, Wanted]) -> list[Order]:
    """The orders as they would be. InputError for an order that is not in it or a change that changes nothing."""
    desk.approvals.check_answer(approval, person)
    if "schedule" in approval.evidence:
        raise Conflict(f"proposal {approval.id} is for a schedule; refuse it and start the schedule you want")
    known = {order.client_id for order in approval.orders}
    strange = sorted(set(wanted) - known)
    if strange:
        raise InputError(f"order {strange[0][:64]!r} is not in proposal {approval.id}")
    changed = [_changed(order, wanted.get(order.client_id, Wanted()), person) for order in approval.orders]
    if all(_same(before, after) for before, after in zip(approval.orders, changed, strict=True)):
        raise InputError("nothing would change; give another quantity or limit price")
    return changed


def prepare(desk: Desk, approval: Approval, person: Person, orders: list[Order]) -> Callable[[], Approval]:
    """What stores the new proposal when it is called. OrderRefused when the gate would refuse one of its orders now."""
    for order in orders:
        decision = desk.trading.gate.check(order, exact=True)
        if decision.refusal is not None:
            raise decision.refusal.error()
    warning = _still_own(desk, approval, orders)
    outlook = look_ahead(desk.trading, desk.feed, orders)
    kept = {name: approval.evidence.get(name, []) for name in ("citations", "facts")}
    evidence = {**evidence_of(outlook, f"changed by {person.display_name} from {approval.id}", warning), **kept}
    account = orders[0].account
    new = change_id(approval, orders)
    return partial(
        desk.approvals.propose,
        thread=new,
        asker=person,
        agent=approval.agent,
        orders=orders,
        evidence=evidence,
        needs=order_needs(desk.people, person, account, outlook.notional, desk.thresholds),
        customer_account=approval.customer_account,
        id=new,
    )


def _still_own(desk: Desk, approval: Approval, orders: list[Order]) -> str:
    """The warning of a proposal that is a person's own choice, which its change must stay; empty for any other.

    OrderRefused when it would not, by the rules for the customer whose account it is.
    """
    warning = str(approval.evidence.get("warning", ""))
    for order in orders if warning else []:
        check_own_choice(desk, order)
    return warning


def change_id(approval: Approval, orders: list[Order]) -> str:
    """The id of the proposal that this change makes: the same change, the same id."""
    words = " ".join(f"{order.instrument} {order.quantity} {order.limit_ticks}" for order in orders)
    return f"ap-{hashlib.sha256(f'{approval.id} {words}'.encode()).hexdigest()[:20]}"


def _changed(order: Order, wanted: Wanted, person: Person) -> Order:
    if wanted.limit_ticks is not None and order.limit_ticks is None:
        raise InputError(f"order {order.client_id} has no limit price that could be changed")
    return replace(
        order,
        client_id=f"draft-{order.client_id}"[:64],
        quantity=order.quantity if wanted.quantity is None else wanted.quantity,
        limit_ticks=order.limit_ticks if wanted.limit_ticks is None else wanted.limit_ticks,
        chosen=Chosen.PERSON,
        by=person.name,
    )


def _same(before: Order, after: Order) -> bool:
    return (before.quantity, before.limit_ticks) == (after.quantity, after.limit_ticks)
