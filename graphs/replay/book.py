"""The recorded runs of a desk: kept for 30 days, at most the newest thousand, compressed, by their person.

Written by a thread in small groups, so that no answer waits for the disk; a killed process may lose the last moments'
bundles. The audit log has the hash of each.
"""

from __future__ import annotations

import zlib
from datetime import timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select

from desk.clock import Clock, to_iso
from desk.errors import Conflict, NotFound
from desk.identity.roles import MAY, Action, Person
from desk.ledger.reader import find_body
from desk.store.bundle_tables import run_bundles, run_scans
from desk.store.engine import Store
from desk.store.later import LaterWriter
from desk.store.statements import Statement
from graphs.replay.bundle import Bundle, Sealed, bundle_bytes, bundle_hash, read_body

KEPT, KEPT_DAYS = 1_000, 30
TRIM_EVERY = 50
"""Runs between two looks at what is too old or too many."""

_NEWEST = select(run_bundles.c.run).order_by(run_bundles.c.at.desc(), run_bundles.c.run)
_ADD = Statement(insert(run_bundles), "run", "thread", "person", "at", "hash", "body")
_OLD = Statement(delete(run_bundles).where(run_bundles.c.at < bindparam("oldest")), "oldest")
_MANY = Statement(
    delete(run_bundles).where(run_bundles.c.run.in_(_NEWEST.offset(bindparam("most")).scalar_subquery())), "most"
)


class RunBook:
    """The bundles of a store; this process is its only writer."""

    subject_rows = "recorded runs"

    def __init__(self, store: Store, wall: Clock, most: int = KEPT) -> None:
        self._store, self._wall, self._most = store, wall, most
        self._writer = LaterWriter(store, "tenor-run-bundles")
        self._kept = 0

    def keep(self, bundle: Bundle) -> str:
        """Takes a bundle; returns its hash. It is on disk a moment later."""
        body = bundle_bytes(bundle)
        hash = bundle_hash(body)
        row = (bundle.run, bundle.thread, bundle.person.name, bundle.at, hash)
        self._writer.add(_ADD, lambda: (*row, zlib.compress(body, 6)))
        self._kept += 1
        if self._kept % TRIM_EVERY == 0:
            self.trim()
        return hash

    def get(self, run: str, reader: Person | None) -> Sealed:
        """A run's bundle, proved against the audit log. `reader` None is the machine's owner.

        NotFound when there is none, or it is not the reader's to see; Conflict when it was edited.
        """
        self._writer.flush()
        with self._store.read() as connection:
            row = connection.execute(select(run_bundles).where(run_bundles.c.run == run)).one_or_none()
        if row is None or not _may_read(reader, row.person):
            raise NotFound(f"run {run!r} has no recorded bundle here; the newest {KEPT:,} of {KEPT_DAYS} days are kept")
        try:
            body = zlib.decompress(row.body)
        except zlib.error as error:
            raise Conflict(f"the bundle of run {run} was edited: {error}") from None
        self.check_logged(run, bundle_hash(body))
        return Sealed(hash=row.hash, bundle=read_body(body))

    def check_logged(self, run: str, hash: str) -> bool:
        """Whether the audit log knows the run; Conflict when it has another hash for its bundle."""
        body = find_body(self._store, "run.answered", "run", run)
        logged = None if body is None else body.get("bundle")
        if logged is not None and logged != hash:
            raise Conflict(f"the bundle of run {run} was edited: its hash is {hash}, the audit log has {logged}")
        return logged is not None

    def forget(self, thread: str) -> None:
        """Deletes the bundles of a conversation, and what was found in them."""
        self._writer.flush()
        own = select(run_bundles.c.run).where(run_bundles.c.thread == thread)
        with self._store.begin() as connection:
            connection.execute(delete(run_scans).where(run_scans.c.run.in_(own)))
            connection.execute(delete(run_bundles).where(run_bundles.c.thread == thread))

    def erase_subject(self, connection: Connection, person: str) -> int:
        """Deletes the person's bundles and what was found in them. `flush` before it, for those that still wait."""
        connection.execute(delete(run_scans).where(run_scans.c.person == person))
        return connection.execute(delete(run_bundles).where(run_bundles.c.person == person)).rowcount

    def flush(self) -> None:
        """Writes what waits."""
        self._writer.flush()

    def trim(self) -> None:
        """Lets go, a moment later, of what is older than KEPT_DAYS, and of the oldest beyond `most`."""
        oldest = to_iso(self._wall.now() - timedelta(days=KEPT_DAYS))
        self._writer.add(_OLD, lambda: (oldest,))
        self._writer.add(_MANY, lambda: (self._most,))

    def close(self) -> None:
        """Writes what waits and ends the thread; safe to call twice."""
        self._writer.close()


def _may_read(reader: Person | None, owner: str) -> bool:
    """One's own; those of others in person only, by the table of rights."""
    if reader is None or reader.name == owner:
        return True
    return reader.via is None and reader.role in MAY[Action.READ_RUNS]
