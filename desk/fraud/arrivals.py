"""Transfers that arrive while the desk runs: checked, kept once, scored at once.

A batch is kept whole or not at all. The same transfer again changes nothing, so whoever sends may repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Row, insert, select

from desk.clock import from_iso, to_iso
from desk.errors import Conflict, InputError
from desk.fraud.episodes import Payment
from desk.fraud.graph import Transfer
from desk.fraud.intake import MOST_MINOR
from desk.fraud.live import LiveWatch
from desk.identity.roles import Action, Person, check_may
from desk.money import Money
from desk.store.engine import Store
from desk.store.tables import transfers as table

MOST = 10_000
"""Transfers in one batch."""

AT_ONCE = 500
"""Transfers looked up in one query: a batch must not hold the store for long."""

LONGEST_ID, LONGEST_NAME = 32, 64
Record = Callable[[Connection, str, str, dict[str, object]], None]


class Arrived(NamedTuple):
    """How many transfers of a batch were new, and how many the desk had."""

    new: int
    known: int


class Arrivals:
    """Takes transfers in; `watch` scores them. `now` is the market clock: a transfer dated after it is refused."""

    def __init__(self, store: Store, now: Callable[[], datetime], record: Record, watch: LiveWatch) -> None:
        self._store, self._now, self._record, self.watch = store, now, record, watch

    def take(self, person: Person, batch: Sequence[Transfer], label: str) -> Arrived:
        """Keeps a batch, names who brought it in the audit log, and has what is new scored in the order of time.

        InputError for a transfer that cannot be one, named by its id; Conflict for an id that stands for another.
        """
        check_may(person, Action.WORK_FRAUD)
        if not batch or len(batch) > MOST:
            raise InputError(f"give 1 to {MOST:,} transfers at a time, not {len(batch):,}")
        moment = self._now()
        for transfer in batch:
            _check(transfer, moment)
        with self._store.begin() as connection:
            _check_currency(connection, batch)
            fresh = _new_ones(connection, batch)
            if fresh:
                connection.execute(insert(table), [{**_row(one), "label": label} for one in fresh])
                body: dict[str, object] = {"by": person.name, "new": len(fresh), "first": fresh[0].id}
                self._record(connection, "fraud.transfers", fresh[-1].id, body)
        for one in sorted(fresh, key=lambda one: one.at):
            self.watch.offer(_payment(one))
        return Arrived(len(fresh), len(batch) - len(fresh))

    def close(self) -> None:
        """Scores what waits and ends; safe to call twice."""
        self.watch.close()


def read_payments(store: Store, until: datetime) -> list[Payment]:
    """The transfers the desk has, dated up to `until`, oldest first, as they were scored."""
    query = select(table).where(table.c.at <= to_iso(until)).order_by(table.c.at, table.c.id)
    with store.read() as connection:
        rows = connection.execute(query).all()
    return [_payment(_read(row)) for row in rows]


def _read(row: Row[tuple[object, ...]]) -> Transfer:
    return Transfer(row.id, row.source, row.target, row.minor, row.currency, from_iso(row.at))


def _payment(one: Transfer) -> Payment:
    amount = float(Money(one.minor, one.currency).amount)
    return Payment(one.id, one.source, one.target, int(one.at.timestamp()), amount)


def _check(one: Transfer, moment: datetime) -> None:
    if not 0 < len(one.id) <= LONGEST_ID:
        raise InputError(f"transfer id {one.id[:40]!r} must have 1 to {LONGEST_ID} characters")
    if not (0 < len(one.source) <= LONGEST_NAME and 0 < len(one.target) <= LONGEST_NAME):
        raise InputError(f"transfer {one.id!r}: account names must have 1 to {LONGEST_NAME} characters")
    if one.source == one.target:
        raise InputError(f"transfer {one.id!r} goes from {one.source} to itself")
    if not 0 < one.minor < MOST_MINOR:
        raise InputError(
            f"transfer {one.id!r} moves {one.minor} minor units; it must be above 0 and below {MOST_MINOR}"
        )
    if one.at > moment:
        raise InputError(f"transfer {one.id!r} is dated {to_iso(one.at)}, after the market clock's {to_iso(moment)}")


def _check_currency(connection: Connection, batch: Iterable[Transfer]) -> None:
    """The desk looks for flows in one currency: that of the transfers it has."""
    found = sorted({one.currency for one in batch})
    known = connection.execute(select(table.c.currency).limit(1)).scalar_one_or_none() or found[0]
    other = next((currency for currency in found if currency != known), None)
    if other is not None:
        raise InputError(f"transfers here are in {known}, not {other}: convert them at the rate of their day first")


def _new_ones(connection: Connection, batch: Sequence[Transfer]) -> list[Transfer]:
    known: dict[str, Transfer] = {}
    for first in range(0, len(batch), AT_ONCE):
        ids = [one.id for one in batch[first : first + AT_ONCE]]
        rows = connection.execute(select(table).where(table.c.id.in_(ids))).all()
        known |= {row.id: _read(row) for row in rows}
    fresh: dict[str, Transfer] = {}
    for one in batch:
        if known.get(one.id, one) != one or fresh.get(one.id, one) != one:
            raise Conflict(f"transfer {one.id!r} stands for another transfer already; give each an id of its own")
        if one.id not in known:
            fresh[one.id] = one
    return list(fresh.values())


def _row(one: Transfer) -> dict[str, object]:
    return {**one._asdict(), "at": to_iso(one.at)}
