"""The record of what desk and venue differ in: since when, and until when. Nothing here mends anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from sqlalchemy import Update, insert, select, update

from desk.clock import Clock, to_iso
from desk.store.engine import Store
from desk.store.trading_tables import broker_baselines, broker_differences
from desk.trading.approvals import Record

Kind = Literal["unknown_order", "missing_order", "filled", "state", "unknown_status", "holding"]


class Difference(NamedTuple):
    """One thing that desk and venue say differently; `subject` is an order's client id or an instrument."""

    kind: Kind
    subject: str
    desk: str
    venue: str
    first_seen: str = ""
    last_seen: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What it is about: one at a time of each."""
        return self.kind, self.subject


class DifferenceBook:
    """Differences by broker, in the store; each that comes, changes or goes is an audit record."""

    def __init__(self, store: Store, record: Record, wall: Clock) -> None:
        self._store, self._record, self._wall = store, record, wall

    def open(self, broker: str) -> list[Difference]:
        """What differs now, the oldest first."""
        table = broker_differences
        query = select(table).where((table.c.broker == broker) & table.c.gone_at.is_(None)).order_by(table.c.id)
        with self._store.read() as connection:
            return [
                Difference(row.kind, row.subject, row.desk, row.venue, row.first_seen, row.last_seen)
                for row in connection.execute(query)
            ]

    def keep(self, broker: str, found: Iterable[Difference]) -> list[Difference]:
        """Makes `found` what differs now; returns it with when each was first seen."""
        before = {one.key: one for one in self.open(broker)}
        after = {one.key: one for one in found}
        for key, one in before.items():
            if key not in after or (after[key].desk, after[key].venue) != (one.desk, one.venue):
                self._end(broker, one)
        for key, one in after.items():
            known = before.get(key)
            if known is not None and (known.desk, known.venue) == (one.desk, one.venue):
                self._see_again(broker, one)
            else:
                self._begin(broker, one)
        return self.open(broker)

    def offsets(self, broker: str, seen: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Units the venue held beyond the desk's at first sight, per instrument; `seen` is kept where none was."""
        table, now = broker_baselines, to_iso(self._wall.now())
        with self._store.begin() as connection:
            rows = connection.execute(select(table).where(table.c.broker == broker))
            known = {row.instrument: Decimal(row.offset) for row in rows}
            for instrument, offset in seen.items():
                if instrument not in known:
                    known[instrument] = offset
                    row: dict[str, object] = {
                        "broker": broker,
                        "instrument": instrument,
                        "offset": str(offset),
                        "at": now,
                    }
                    connection.execute(insert(table).values(row))
                    self._record(connection, "broker.baseline", broker, row)
        return known

    def _begin(self, broker: str, one: Difference) -> None:
        now = to_iso(self._wall.now())
        row: dict[str, object] = {
            "broker": broker,
            "kind": one.kind,
            "subject": one.subject[:128],
            "desk": one.desk[:256],
            "venue": one.venue[:256],
        }
        with self._store.begin() as connection:
            connection.execute(insert(broker_differences).values(**row, first_seen=now, last_seen=now))
            self._record(connection, "broker.difference", broker, row)

    def _see_again(self, broker: str, one: Difference) -> None:
        with self._store.begin() as connection:
            connection.execute(_open_row(broker, one).values(last_seen=to_iso(self._wall.now())))

    def _end(self, broker: str, one: Difference) -> None:
        body: dict[str, object] = {"broker": broker, "kind": one.kind, "subject": one.subject}
        with self._store.begin() as connection:
            connection.execute(_open_row(broker, one).values(gone_at=to_iso(self._wall.now())))
            self._record(connection, "broker.difference_gone", broker, body)


def _open_row(broker: str, one: Difference) -> Update:
    table = broker_differences
    same = (table.c.broker == broker) & (table.c.kind == one.kind) & (table.c.subject == one.subject[:128])
    return update(table).where(same & table.c.gone_at.is_(None))
