"""The recorder: from durable journal records to ledger leaves and outbox rows, exactly once.

One store transaction per group of records; `journal_seq` is unique in the ledger, so a record
that was recorded before is left out. What a crash kept from the store is added by `catch_up`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice

from sqlalchemy import Connection, insert

from desk.clock import Clock, to_iso
from desk.errors import NotFound
from desk.ledger.canonical import canonical_bytes
from desk.ledger.log import Entry, Ledger
from desk.store.engine import Store
from desk.store.keys import Sealer, SubjectKeys
from desk.store.tables import outbox
from desk.trading.journal import Journal, Record

GROUP = 1_000
_WAITS = insert(outbox)
SIGN_EVERY = 256
"""Records between signed heads."""


class Recorder:
    """Keeps the store level with the journal.

    `dispatch` is told each client id that waits in the outbox, after the commit; it must only
    pass it on (it runs in the journal's writer thread). With `subjects`, the person an order
    stands for is sealed under that person's key instead of standing in the body.
    """

    def __init__(
        self,
        *,
        store: Store,
        ledger: Ledger,
        journal: Journal,
        wall: Clock,
        dispatch: Callable[[str], None],
        subjects: SubjectKeys | None = None,
    ) -> None:
        self._store, self._ledger, self._journal, self._wall = store, ledger, journal, wall
        self._dispatch, self._subjects = dispatch, subjects
        self._lock = threading.Lock()
        self._recorded = ledger.last_journal_seq()
        self._signed = self._recorded

    @property
    def recorded(self) -> int:
        """The newest journal record that has its leaf."""
        return self._recorded

    def record(self, records: Sequence[Record]) -> None:
        """Records a group; fills any gap before it from the journal first. Safe to repeat."""
        with self._lock:
            fresh = [record for record in records if record.seq > self._recorded]
            if fresh and fresh[0].seq > self._recorded + 1:
                self._catch_up()
                fresh = [record for record in fresh if record.seq > self._recorded]
            self._write(fresh)

    def catch_up(self) -> int:
        """Records all durable records that the store lacks; returns how many."""
        with self._lock:
            return self._catch_up()

    def _catch_up(self) -> int:
        before = self._recorded
        missing = iter(self._journal.replay(before))
        while group := list(islice(missing, GROUP)):
            self._write(group)
        return self._recorded - before

    def _write(self, records: Sequence[Record]) -> None:
        if not records:
            return
        now = to_iso(self._wall.now())
        waiting = [row for row in map(_outbox_row, records) if row is not None]
        with self._store.begin() as connection:
            if waiting:
                connection.execute(_WAITS, [{**row, "updated_at": now} for row in waiting])
            self._ledger.append_all(connection, self._entries(connection, records, now))
        self._recorded = records[-1].seq
        if self._recorded - self._signed >= SIGN_EVERY:
            self._ledger.sign_head(now)
            self._signed = self._recorded
        for row in waiting:
            self._dispatch(str(row["client_id"]))

    def _entries(self, connection: Connection, records: Iterable[Record], now: str) -> list[Entry]:
        sealed = _Sealed(self._subjects, connection, now) if self._subjects is not None else None
        entries = []
        for record in records:
            body, payload = (record.body, None) if sealed is None else sealed.person(record)
            entries.append(Entry(*record[1:5], body, payload, record.seq))
        return entries


def _outbox_row(record: Record) -> dict[str, object] | None:
    order = record.body.get("order")
    if record.kind != "order.accepted" or record.body.get("route") != "broker" or not isinstance(order, Mapping):
        return None
    return {
        "client_id": order["client_id"],
        "journal_seq": record.seq,
        "state": "waiting",
        "attempts": 0,
        "error": "",
        "canonical": canonical_bytes(order).decode(),
        "token": str(record.body["token"]),
    }


class _Sealed:
    """Seals people under their keys, each key read once in a transaction (no longer: it may be erased)."""

    def __init__(self, subjects: SubjectKeys, connection: Connection, now: str) -> None:
        self._subjects, self._connection, self._now = subjects, connection, now
        self._seals: dict[str, Callable[[bytes], bytes] | None] = {}

    def person(self, record: Record) -> tuple[Mapping[str, object], bytes | None]:
        """The body without the person's name, and the name sealed under that person's key."""
        order = record.body.get("order")
        person = str(order["by"]) if isinstance(order, Mapping) else ""
        if not isinstance(order, Mapping) or not person:
            return record.body, None
        body = {**record.body, "order": {**order, "by": ""}}
        seal = self._seal(person)
        return body, None if seal is None else seal(str(record.seq).encode())

    def _seal(self, person: str) -> Callable[[bytes], bytes] | None:
        """Seals the person's name, given what it is about; None when the key was erased: the name is gone."""
        if person not in self._seals:
            try:
                sealer = Sealer(self._subjects.key(self._connection, person, self._now))
                self._seals[person] = partial(sealer.seal, json.dumps({"by": person}).encode())
            except NotFound:
                self._seals[person] = None
        return self._seals[person]
