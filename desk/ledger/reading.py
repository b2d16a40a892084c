"""Reading the log back, newest first."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select

from desk.store.engine import Store
from desk.store.tables import ledger


@dataclass(frozen=True)
class LoggedRecord:
    """One record as it stands in the log; `body` is what the envelope holds."""

    seq: int
    kind: str
    subject: str
    event_time: str
    knowledge_time: str
    body: dict[str, object]
    leaf_hash: str


def read_records(store: Store, *, before: int | None = None, limit: int = 50, kind: str = "") -> list[LoggedRecord]:
    """At most `limit` records with a number below `before` (all when None), newest first; empty for none."""
    query = select(ledger.c.seq, ledger.c.envelope, ledger.c.leaf_hash).order_by(ledger.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(ledger.c.seq < before)
    if kind:
        query = query.where(ledger.c.kind == kind)
    with store.read() as connection:
        return [_record(row.seq, json.loads(row.envelope), row.leaf_hash) for row in connection.execute(query)]


def _record(seq: int, envelope: dict[str, object], leaf_hash: str) -> LoggedRecord:
    body = envelope["body"]
    return LoggedRecord(
        seq=seq,
        kind=str(envelope["kind"]),
        subject=str(envelope["subject_id"]),
        event_time=str(envelope["event_time"]),
        knowledge_time=str(envelope["knowledge_time"]),
        body=body if isinstance(body, dict) else {},
        leaf_hash=leaf_hash,
    )
