"""Proposals that wait for a person.

A proposal is bound to the exact orders by their hash. It is answered once; the last yes that was
needed and the orders' client ids become true in one transaction. What follows (gate, journal,
outbox) is repeated until it happened, and each step is idempotent by client id.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, Row, insert, select, update

from desk.clock import Clock, from_iso, to_iso
from desk.errors import Conflict, Expired, Forbidden, InputError, NotFound
from desk.identity.roles import Action, Needs, Person, Role, check_may, check_may_answer, check_owns
from desk.orders import Order
from desk.store.engine import Store
from desk.store.tables import approval_answers, approvals

LIFE = timedelta(minutes=15)
State = Literal["waiting", "approved", "refused", "expired", "failed"]
Decision = Literal["approve", "refuse"]
Record = Callable[[Connection, str, str, dict[str, object]], None]
"""Writes one audit record in the caller's transaction: kind, subject, body."""


@dataclass(frozen=True)
class Answer:
    """One person's word on a proposal."""

    person: str
    part: str
    decision: Decision
    reason: str
    at: str


@dataclass(frozen=True)
class Approval:
    """A proposal as it stands. `evidence` is what the person sees before the click (plain JSON)."""

    id: str
    thread: str
    account: str
    agent: str
    person: str
    orders: tuple[Order, ...]
    orders_hash: str
    evidence: dict[str, object]
    needs: Needs
    customer_account: bool
    state: State
    created_at: datetime
    expires_at: datetime
    answers: tuple[Answer, ...] = ()

    @property
    def missing(self) -> Needs:
        """What is still needed after the answers so far."""
        given = {answer.part for answer in self.answers if answer.decision == "approve"}
        return replace(
            self.needs,
            owner=self.needs.owner and "owner" not in given,
            second=self.needs.second and "second" not in given,
        )


def orders_hash(orders: tuple[Order, ...]) -> str:
    """SHA-256 over the canonical orders, in their order."""
    return hashlib.sha256(b"\n".join(order.canonical for order in orders)).hexdigest()


def number_orders(id: str, orders: Sequence[Order]) -> tuple[Order, ...]:
    """The orders of a proposal under their client ids."""
    return tuple(replace(order, client_id=f"{id}-{n}") for n, order in enumerate(orders, 1))


class Approvals:
    """The proposals of the desk, in the store."""

    def __init__(
        self, store: Store, clock: Clock, record: Record, announce: Callable[[Approval], None] = lambda _: None
    ) -> None:
        self._store, self._clock, self._record, self._announce = store, clock, record, announce
        self._lock = threading.Lock()

    def propose(
        self,
        *,
        thread: str,
        asker: Person,
        agent: str,
        orders: list[Order],
        evidence: Mapping[str, object],
        needs: Needs,
        customer_account: bool,
        id: str = "",
    ) -> Approval:
        """Stores a proposal that waits.

        The same `id` again returns the first one unchanged; Conflict when it stands for other orders.
        """
        id, now = id or new_id(), self._clock.now()
        numbered = number_orders(id, orders)
        with self._lock, self._store.begin() as connection:
            known = self._find(connection, id)
            if known is not None and known.orders_hash != orders_hash(numbered):
                raise Conflict(f"proposal {id} stands for other orders; give each request its own id")
            if known is not None:
                return known
            body: dict[str, object] = {
                "approval": id,
                "agent": agent,
                "asker": asker.name,
                "orders": [order.to_dict() for order in numbered],
                "hash": orders_hash(numbered),
            }
            about = {"id": id, "thread": thread, "account": numbered[0].account, "agent": agent, "person": asker.name}
            stored = {
                "orders": json.dumps(body["orders"]),
                "orders_hash": body["hash"],
                "evidence": json.dumps(dict(evidence)),
                "needs": json.dumps({**asdict(needs), "customer_account": customer_account}),
            }
            times = {"created_at": to_iso(now), "expires_at": to_iso(now + LIFE)}
            connection.execute(insert(approvals).values(**about, **stored, **times, state="waiting"))
            self._record(connection, "approval.proposed", numbered[0].account, body)
        return self._told(id)

    def get(self, id: str) -> Approval:
        """The proposal; one whose time is over reads as expired. NotFound otherwise."""
        with self._store.read() as connection:
            found = self._find(connection, id)
        if found is None:
            raise NotFound(f"approval {id!r} does not exist; `tenor approvals list` shows those that do")
        return found

    def runs_waiting(self) -> set[str]:
        """The runs whose proposal waits for somebody and has not expired."""
        query = select(approvals.c.thread).where(
            approvals.c.state == "waiting", approvals.c.expires_at > to_iso(self._clock.now())
        )
        with self._store.read() as connection:
            return set(connection.execute(query).scalars())

    def list(self, state: State | None = None) -> list[Approval]:
        """All proposals, newest first, or those in one state."""
        with self._store.read() as connection:
            ids = (
                connection.execute(select(approvals.c.id).order_by(approvals.c.created_at.desc()).limit(500))
                .scalars()
                .all()
            )
            found = [self._find(connection, id) for id in ids]
        return [a for a in found if a is not None and (state is None or a.state == state)]

    def visible_to(self, person: Person, approval: Approval) -> bool:
        """Own accounts; a trader also sees what waits for a second trader; compliance sees all."""
        waits_for_trader = person.role is Role.TRADER and approval.needs.second
        return approval.account in person.accounts or person.role is Role.COMPLIANCE or waits_for_trader

    def check_answer(self, approval: Approval, person: Person) -> str:
        """Which part this person's yes would fill; Forbidden, Conflict or Expired otherwise."""
        check_may(person, Action.ANSWER_APPROVAL)
        if approval.answers and approval.state != "waiting":
            first = approval.answers[0]
            raise Conflict(
                f"approval {approval.id} was answered already: {first.decision} by {first.person} at {first.at}"
            )
        if approval.state == "expired":
            raise Expired(f"approval {approval.id} expired at {to_iso(approval.expires_at)}; ask for a new proposal")
        if approval.state != "waiting":
            raise Conflict(f"approval {approval.id} is {approval.state} and cannot be answered")
        if any(answer.person == person.name for answer in approval.answers):
            raise Conflict(f"{person.display_name} answered approval {approval.id} already; another person must agree")
        missing = approval.missing
        return check_may_answer(person, approval.person, approval.account, approval.customer_account, missing)

    def answer(self, id: str, person: Person, decision: Decision, reason: str = "") -> Approval:
        """Records one person's word; with the last yes the proposal is approved, with any no refused."""
        if decision == "refuse" and not reason.strip():
            reason = "no reason given"
        if len(reason) > 2_000:
            raise InputError(f"the reason has {len(reason)} characters; keep it under 2,000")
        with self._lock, self._store.begin() as connection:
            approval = self._find(connection, id)
            if approval is None or not self.visible_to(person, approval):
                raise NotFound(f"approval {id!r} does not exist; `tenor approvals list` shows those that do")
            part = self._part(approval, person, decision)
            now = to_iso(self._clock.now())
            said = Answer(person.name, part, decision, reason.strip(), now)
            connection.execute(insert(approval_answers).values(approval=id, **asdict(said)))
            after = replace(approval, answers=(*approval.answers, said))
            open_parts = after.missing.owner or after.missing.second
            state: State = "refused" if decision == "refuse" else ("waiting" if open_parts else "approved")
            if state != "waiting":
                connection.execute(update(approvals).where(approvals.c.id == id).values(state=state))
            body: dict[str, object] = {
                "approval": id,
                "person": person.name,
                "decision": decision,
                "reason": reason,
                "state": state,
                "hash": approval.orders_hash,
                "client_ids": [order.client_id for order in approval.orders] if state == "approved" else [],
            }
            self._record(connection, "approval.answered", approval.account, body)
        return self._told(id)

    def fail(self, id: str, reason: str) -> None:
        """Marks an approved proposal as failed: the gate refused it after the yes."""
        with self._lock, self._store.begin() as connection:
            changed = (
                update(approvals).where(approvals.c.id == id, approvals.c.state == "approved").values(state="failed")
            )
            failed = bool(connection.execute(changed).rowcount)
            if failed:
                account = connection.execute(select(approvals.c.account).where(approvals.c.id == id)).scalar_one()
                self._record(connection, "approval.failed", account, {"approval": id, "reason": reason})
        if failed:
            self._told(id)

    def _told(self, id: str) -> Approval:
        approval = self.get(id)
        self._announce(approval)
        return approval

    def _part(self, approval: Approval, person: Person, decision: Decision) -> str:
        try:
            return self.check_answer(approval, person)
        except Forbidden:
            # Anybody of the account may say no, also the one whose yes is not enough.
            if decision == "refuse" and approval.state == "waiting":
                check_may(person, Action.ANSWER_APPROVAL)
                check_owns(person, approval.account)
                return "owner"
            raise

    def _find(self, connection: Connection, id: str) -> Approval | None:
        row = connection.execute(select(approvals).where(approvals.c.id == id)).one_or_none()
        if row is None:
            return None
        said = connection.execute(
            select(approval_answers).where(approval_answers.c.approval == id).order_by(approval_answers.c.at)
        ).all()
        answers = tuple(Answer(a.person, a.part, a.decision, a.reason, a.at) for a in said)
        return _approval(row, answers, self._clock.now())


def _approval(row: Row[tuple[object, ...]], answers: tuple[Answer, ...], now: datetime) -> Approval:
    needs = json.loads(row.needs)
    customer = bool(needs.pop("customer_account"))
    lapsed = row.state == "waiting" and from_iso(row.expires_at) <= now
    return Approval(
        id=row.id,
        thread=row.thread,
        account=row.account,
        agent=row.agent,
        person=row.person,
        orders=tuple(Order.from_dict(order) for order in json.loads(row.orders)),
        orders_hash=row.orders_hash,
        evidence=json.loads(row.evidence),
        needs=Needs(**needs),
        customer_account=customer,
        state="expired" if lapsed else row.state,
        created_at=from_iso(row.created_at),
        expires_at=from_iso(row.expires_at),
        answers=answers,
    )


def new_id() -> str:
    """A short, unguessable id for a proposal."""
    return f"ap-{secrets.token_hex(5)}"
