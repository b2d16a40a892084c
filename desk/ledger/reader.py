"""Reading the audit log: pages for a screen, and the tamper test on a copy in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from desk.errors import NotFound
from desk.ledger.verify import Head, Stored, Verdict, check_records
from desk.store.engine import Store
from desk.store.tables import ledger, ledger_heads


@dataclass(frozen=True)
class LedgerRecord:
    """One record as a person reads it; `sealed` says whether it carries an encrypted payload."""

    seq: int
    kind: str
    subject_id: str
    event_time: str
    knowledge_time: str
    body: Mapping[str, object]
    sealed: bool
    leaf_hash: str


def load_page(store: Store, *, before: int | None = None, limit: int = 100, kind: str = "") -> list[LedgerRecord]:
    """Up to `limit` records below number `before` (default: the newest), newest first; empty at the end."""
    rows = select(ledger.c.seq, ledger.c.envelope, ledger.c.leaf_hash).order_by(ledger.c.seq.desc()).limit(limit)
    if before is not None:
        rows = rows.where(ledger.c.seq < before)
    if kind:
        rows = rows.where(ledger.c.kind == kind)
    with store.read() as connection:
        return [_record(row.seq, row.envelope, row.leaf_hash) for row in connection.execute(rows)]


def find_body(store: Store, kind: str, name: str, value: str) -> Mapping[str, object] | None:
    """The body of the newest record of a kind that has `value` under `name`; None when there is none."""
    word = json.dumps({name: value}, separators=(",", ":"), ensure_ascii=False)[1:-1]
    rows = select(ledger.c.envelope).where(ledger.c.kind == kind, ledger.c.envelope.contains(word, autoescape=True))
    with store.read() as connection:
        for envelope in connection.execute(rows.order_by(ledger.c.seq.desc())).scalars():
            body: Mapping[str, object] = json.loads(envelope)["body"]
            if body.get(name) == value:
                return body
    return None


def try_tampering(store: Store, seq: int) -> Verdict:
    """What verification would say had one byte of record `seq` been changed; the store is not touched.

    NotFound when there is no such record.
    """
    with store.read() as connection:
        if connection.execute(select(ledger.c.seq).where(ledger.c.seq == seq)).one_or_none() is None:
            raise NotFound(f"record {seq} is not in the log")
        heads = [Head(*row) for row in connection.execute(select(ledger_heads).order_by(ledger_heads.c.size))]
        records, bad = check_records(_changed(connection, seq), heads, signed_to_end=False)
    return {"ok": bad is None, "records": records, "first_bad": bad, "signatures": "not needed", "key": ""}


def _changed(connection: Connection, seq: int) -> Iterator[Stored]:
    columns = select(ledger.c.seq, ledger.c.envelope, ledger.c.leaf_hash).order_by(ledger.c.seq)
    for row in connection.execution_options(yield_per=1_000).execute(columns):
        envelope = row.envelope
        if row.seq == seq:
            middle = len(envelope) // 2
            envelope = envelope[:middle] + chr(ord(envelope[middle]) ^ 1) + envelope[middle + 1 :]
        yield Stored(row.seq, envelope, row.leaf_hash)


def _record(seq: int, envelope: str, leaf_hash: str) -> LedgerRecord:
    plain = json.loads(envelope)
    return LedgerRecord(
        seq,
        plain["kind"],
        plain["subject_id"],
        plain["event_time"],
        plain["knowledge_time"],
        plain["body"],
        plain["payload"] is not None,
        leaf_hash,
    )
