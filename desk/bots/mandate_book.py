"""Mandates in the store: granted by one person, made active by a second, revoked by any who may.

Before an agent's order may exist, its act is reserved here: one transaction reads the mandate and
what it has used, decides, and writes the act under the order's client id. The gate, and the worker
right before the venue, ask `forbids` again, so a revocation reaches orders that wait in a queue.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import asdict

from sqlalchemy import Connection, Row, func, insert, select, update

from desk.bots.acts import act_row
from desk.bots.mandate import Act, Mandate, MandateState, Terms, Used, outside, standing
from desk.clock import Clock, from_iso, to_iso
from desk.errors import Conflict, Forbidden, InputError, NotFound
from desk.identity.roles import Action, Person, check_may, check_owns
from desk.orders import Check, Order
from desk.store.engine import Store
from desk.store.trading_tables import bot_acts, mandates

PREFIX = "md-"
"""Client ids of orders under a mandate begin so; nobody else's may."""

Record = Callable[[Connection, str, str, dict[str, object]], None]
_HOLDS = ("reserved", "sent")


class MandateReader:
    """The mandates of a store, for whoever only asks: any process may."""

    def __init__(self, store: Store, wall: Clock) -> None:
        self._store, self._wall = store, wall

    def get(self, id: str) -> Mandate:
        """The mandate; NotFound otherwise."""
        with self._store.read() as connection:
            return self._read(connection, id)

    def forbids(self, order: Order) -> Check | None:
        """Why an order may not go (on) now; None when it may, or when it claims no mandate.

        Fails closed: an order that claims one needs its reserved act, of the same account, instrument
        and side, and no larger.
        """
        if not order.client_id.startswith(PREFIX):
            return None
        with self._store.read() as connection:
            act = connection.execute(select(bot_acts).where(bot_acts.c.client_id == order.client_id)).one_or_none()
            if act is None or act.outcome not in _HOLDS:
                return _unreserved(order)
            same = (act.account, act.instrument, act.side) == (order.account, order.instrument, order.side.value)
            if not same or not order.quantity.is_finite() or order.quantity > type(order.quantity)(act.quantity):
                return _unreserved(order)
            return standing(self._read(connection, act.mandate), self._wall.now())

    def _read(self, connection: Connection, id: str) -> Mandate:
        row = connection.execute(select(mandates).where(mandates.c.id == id)).one_or_none()
        if row is None:
            raise NotFound(f"mandate {id[:40]!r} does not exist; `tenor mandates list` shows those that do")
        return _mandate(row)


class MandateBook(MandateReader):
    """All mandates of a store, and every turn of theirs. Thread-safe."""

    def __init__(self, store: Store, wall: Clock, record: Record) -> None:
        super().__init__(store, wall)
        self._record, self._lock = record, threading.Lock()

    def propose(self, person: Person, terms: Terms) -> Mandate:
        """A trader's grant for an account of theirs; it waits for a second person. InputError names a wrong term."""
        check_may(person, Action.GRANT_MANDATE)
        check_owns(person, terms.account)
        check_terms(terms)
        mandate = Mandate(f"m{secrets.token_hex(4)}", terms, person.name, "proposed", "", "", self._wall.now())
        with self._lock, self._store.begin() as connection:
            if terms.expires_at <= mandate.created_at:
                raise InputError(f"the mandate would end at {to_iso(terms.expires_at)}, which is past")
            connection.execute(insert(mandates).values(**_plain(mandate)))
            self._write(connection, mandate, "mandate.proposed", person)
        return mandate

    def countersign(self, id: str, person: Person) -> Mandate:
        """Makes it active. Forbidden for the one who granted it, Conflict when it does not wait."""
        check_may(person, Action.COUNTERSIGN_MANDATE)

        def check(mandate: Mandate) -> None:
            if person.name == mandate.grantor:
                raise Forbidden(f"{person.display_name} granted mandate {id}; another person must countersign")
            if mandate.state != "proposed":
                raise Conflict(f"mandate {id} is {mandate.state}; only a proposed one can be countersigned")

        return self._turn(id, person, check, "mandate.countersigned", state="active", countersigner=person.name)

    def refuse(self, id: str, person: Person, reason: str) -> Mandate:
        """Ends a proposal. Conflict when it does not wait."""
        check_may(person, Action.COUNTERSIGN_MANDATE)

        def check(mandate: Mandate) -> None:
            if mandate.state != "proposed":
                raise Conflict(f"mandate {id} is {mandate.state}; only a proposed one can be refused")

        said = reason.strip()[:500] or "no reason given"
        return self._turn(id, person, check, "mandate.refused", state="refused", reason=said)

    def revoke(self, id: str, person: Person, reason: str = "") -> Mandate:
        """Ends it at once, in one step, for good; a second time changes nothing. Whoever may halt may revoke."""
        check_may(person, Action.HALT)
        if self.get(id).state in ("revoked", "refused", "stopped"):
            return self.get(id)
        said = reason.strip()[:500] or f"revoked by {person.name}"
        return self._turn(id, person, lambda _: None, "mandate.revoked", state="revoked", reason=said)

    def stop(self, id: str, reason: str) -> Mandate:
        """Its own stop conditions end it; a second time changes nothing."""
        if self.get(id).state != "active":
            return self.get(id)
        return self._turn(id, None, lambda _: None, "mandate.stopped", state="stopped", reason=reason)

    def all(self) -> list[Mandate]:
        """Newest first."""
        with self._store.read() as connection:
            rows = connection.execute(select(mandates).order_by(mandates.c.created_at.desc(), mandates.c.id)).all()
        return [_mandate(row) for row in rows]

    def used(self, id: str, day: str) -> Used:
        """What it has used in all, and on a market day (`YYYY-MM-DD`)."""
        with self._store.read() as connection:
            return _used(connection, id, day)

    def reserve(self, act: Act, why: str = "", influence: dict[str, float] | None = None) -> Check | None:
        """Reserves an act inside its mandate: None; else the rule that puts it outside, also kept.

        The same client id again answers as the first time and reserves nothing. A dry mandate's act
        inside it is kept as `dry`: rule `dry_run`, to be shown, never sent.
        """
        with self._lock, self._store.begin() as connection:
            known = connection.execute(select(bot_acts).where(bot_acts.c.client_id == act.client_id)).one_or_none()
            if known is not None:
                return None if known.outcome in _HOLDS else Check(known.rule, False, "", "", "", known.reason)
            mandate = self._read(connection, act.mandate)
            check = outside(mandate, act, _used(connection, act.mandate, act.at.date().isoformat()), self._wall.now())
            if check is None and mandate.terms.dry_run:
                check = Check("dry_run", False, "", "", "", "dry run: this is what would have been sent")
            outcome = "reserved" if check is None else "dry" if check.rule == "dry_run" else "outside"
            connection.execute(insert(bot_acts).values(**act_row(act, outcome, check, why, influence or {})))
        return check

    def note(self, client_id: str, outcome: str, reason: str = "") -> None:
        """What became of a reserved act: `sent`, or `refused` by the gate, which frees what it had used."""
        freed = {"opening": 0, "reason": reason} if outcome == "refused" else {}
        with self._store.begin() as connection:
            here = (bot_acts.c.client_id == client_id) & (bot_acts.c.outcome == "reserved")
            connection.execute(update(bot_acts).where(here).values(outcome=outcome, **freed))

    def _turn(
        self, id: str, person: Person | None, check: Callable[[Mandate], None], kind: str, **change: str
    ) -> Mandate:
        with self._lock, self._store.begin() as connection:
            before = self._read(connection, id)
            check(before)
            connection.execute(update(mandates).where(mandates.c.id == id).values(**change))
            after = self._read(connection, id)
            self._write(connection, after, kind, person)
        return after

    def _write(self, connection: Connection, mandate: Mandate, kind: str, person: Person | None) -> None:
        terms = {name: value for name, value in json.loads(_terms(mandate.terms)).items()}
        body: dict[str, object] = {
            "mandate": mandate.id,
            "person": "" if person is None else person.name,
            "state": mandate.state,
            "reason": mandate.reason,
            "terms": terms,
        }
        self._record(connection, kind, mandate.terms.account, body)


def check_terms(terms: Terms) -> None:
    """InputError for terms that could never be meant."""
    amounts = {"budget": terms.budget, "daily": terms.daily, "per_order": terms.per_order, "max_loss": terms.max_loss}
    for name, amount in amounts.items():
        if amount <= 0:
            raise InputError(f"{name} is {amount}; a mandate needs an amount above 0 (minor units)")
    if not terms.per_order <= terms.daily <= terms.budget:
        raise InputError("per_order may not exceed daily, nor daily the budget")
    if not terms.universe or not terms.strategies:
        raise InputError("a mandate names at least one instrument and one strategy")
    if not 0 <= terms.opens < terms.closes <= 1440:
        raise InputError(f"hours {terms.opens} to {terms.closes} are not minutes of one day")
    if not 1 <= terms.orders_a_day <= 10_000:
        raise InputError(f"orders_a_day is {terms.orders_a_day}; give 1 to 10,000")


def _unreserved(order: Order) -> Check:
    message = f"order {order.client_id} claims a mandate, but no act of it was reserved for this account, side and size"
    return Check("mandate", False, "a reserved act", "none", "", message)


def _used(connection: Connection, id: str, day: str) -> Used:
    mine, today = bot_acts.c.mandate == id, bot_acts.c.day == day
    held = bot_acts.c.outcome.in_(_HOLDS)
    total = connection.execute(select(func.coalesce(func.sum(bot_acts.c.opening), 0)).where(mine)).scalar_one()
    daily = select(func.coalesce(func.sum(bot_acts.c.opening), 0), func.count()).where(mine & today & held)
    opened, orders = connection.execute(daily).one()
    return Used(int(total), int(opened), int(orders))


def _terms(terms: Terms) -> str:
    return json.dumps({**asdict(terms), "expires_at": to_iso(terms.expires_at)}, sort_keys=True)


def _plain(mandate: Mandate) -> dict[str, str]:
    return {
        "id": mandate.id,
        "account": mandate.terms.account,
        "grantor": mandate.grantor,
        "terms": _terms(mandate.terms),
        "state": mandate.state,
        "countersigner": mandate.countersigner,
        "reason": mandate.reason,
        "created_at": to_iso(mandate.created_at),
    }


def _mandate(row: Row[tuple[str, ...]]) -> Mandate:
    plain = json.loads(row.terms)
    terms = Terms(
        **{**plain, "universe": tuple(plain["universe"]), "strategies": tuple(plain["strategies"]),
           "expires_at": from_iso(plain["expires_at"])}
    )  # fmt: skip
    state: MandateState = row.state
    return Mandate(row.id, terms, row.grantor, state, row.countersigner, row.reason, from_iso(row.created_at))
