"""The audit log: append-only, hash-chained, a Merkle tree over it, signed tree heads.

A record's envelope is canonical JSON `{v, seq, kind, subject_id, event_time, knowledge_time,
prev, body, payload}`; `payload` is base64 of sealed bytes or null, decimals are text, floats are
refused. Records count from 1; record n is leaf n-1. What is proved: nobody without the signing
key can change the past unseen; the operator can, until heads are anchored or witnessed elsewhere.
"""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, bindparam, insert, select, text

from desk.errors import NotFound
from desk.ledger.canonical import canonical_bytes, canonical_json
from desk.ledger.merkle import MerkleTree, leaf_hash
from desk.ledger.verify import FIRST_PREV, FORMAT, Bad, Head, Stored, Verdict, check_records, check_signatures
from desk.store.engine import Store
from desk.store.statements import Statement
from desk.store.tables import ledger, ledger_heads

VERSION = 1
ORIGIN = "tenor"
_LOCK = {
    "sqlite": Statement(text("UPDATE ledger_heads SET size = size WHERE size < 0")),  # takes the lock, changes nothing
    "postgresql": Statement(text("SELECT pg_advisory_xact_lock(7366)")),
}
_NEWEST = Statement(select(ledger.c.seq, ledger.c.leaf_hash).order_by(ledger.c.seq.desc()).limit(1))
_ADD = Statement(insert(ledger), "seq", "kind", "subject_id", "journal_seq", "envelope", "leaf_hash")
_FRESH = Statement(select(ledger.c.leaf_hash).where(ledger.c.seq > bindparam("known")).order_by(ledger.c.seq), "known")


class Entry(NamedTuple):
    """What is to be recorded. Times are ISO 8601 UTC; `journal_seq` ties it to a journal record."""

    kind: str
    subject_id: str
    event_time: str
    knowledge_time: str
    body: Mapping[str, object]
    payload: bytes | None = None
    journal_seq: int | None = None


class Step(NamedTuple):
    """One sibling on the way to the root, and the side it stands on."""

    hash: str
    side: Literal["left", "right"]


class Inclusion(NamedTuple):
    """Proof that record `seq` is in the log of `size` records with this root."""

    seq: int
    leaf_hash: str
    size: int
    root: str
    path: list[Step]


class Ledger:
    """The log in the store. Appending belongs to the caller's transaction; any process may append.

    `key` is the 32-byte Ed25519 seed (`desk.store.keys.load_key`).
    """

    def __init__(self, store: Store, key: bytes) -> None:
        self._store = store
        self._key = Ed25519PrivateKey.from_private_bytes(key)
        self.public_key = self._key.public_key().public_bytes_raw().hex()
        self._guard = threading.Lock()
        self._tree = MerkleTree()

    def append(self, connection: Connection, entry: Entry) -> int:
        """Adds one record; returns its number. Gone again when the transaction rolls back."""
        return self.append_all(connection, [entry])[0]

    def append_all(self, connection: Connection, entries: Sequence[Entry]) -> list[int]:
        """Adds records in order; returns their numbers, empty for none.

        Takes the log's one writer lock until the transaction ends, so do it last. Raises
        ValueError for a float in a body.
        """
        if not entries:
            return []
        _LOCK[connection.dialect.name].run(connection)
        newest = _NEWEST.rows(connection)
        first, prev = (int(str(newest[0][0])) + 1, str(newest[0][1])) if newest else (1, FIRST_PREV)
        rows = []
        for seq, entry in enumerate(entries, start=first):
            envelope = _envelope(entry, seq, prev)
            prev = leaf_hash(envelope).hex()
            rows.append((seq, entry.kind, entry.subject_id, entry.journal_seq, envelope.decode(), prev))
        _ADD.run_all(connection, rows)
        return list(range(first, first + len(rows)))

    def last_journal_seq(self) -> int:
        """The newest journal record that has its leaf; 0 when none has."""
        with self._store.read() as connection:
            newest = select(ledger.c.journal_seq).where(ledger.c.journal_seq.is_not(None))
            return connection.execute(newest.order_by(ledger.c.journal_seq.desc()).limit(1)).scalar() or 0

    def head(self) -> Head | None:
        """The newest signed head; None when nothing was signed yet."""
        heads = self._heads()
        return heads[-1] if heads else None

    def sign_head(self, time: str) -> Head:
        """Signs the log as it stands; the same size again returns the head that exists."""
        with self._guard:
            self._grow()
            size, root = len(self._tree), self._tree.root().hex()
        with self._store.begin() as connection:
            _LOCK[connection.dialect.name].run(connection)
            found = connection.execute(select(ledger_heads).where(ledger_heads.c.size == size)).one_or_none()
            if found is not None:
                return Head(*found)
            head = Head(size, root, time, self.public_key, "")
            head = head._replace(signature=self._key.sign(head.note(ORIGIN)).hex())
            connection.execute(insert(ledger_heads).values(head._asdict()))
            return head

    def inclusion(self, seq: int, size: int | None = None) -> Inclusion:
        """The proof for one record in the log of `size` records (default: all); NotFound for none such."""
        with self._guard:
            self._grow()
            size = len(self._tree) if size is None else size
            if not 1 <= seq <= size <= len(self._tree):
                raise NotFound(f"record {seq} of {size} is not in the log of {len(self._tree)} records")
            index, last, path = seq - 1, size - 1, []
            for sibling in self._tree.inclusion(index, size):
                while index == last and not index & 1:
                    index, last = index >> 1, last >> 1
                path.append(Step(sibling.hex(), "left" if index & 1 else "right"))
                index, last = index >> 1, last >> 1
            return Inclusion(seq, self._leaf(seq), size, self._tree.root(size).hex(), path)

    def consistency(self, old: int, new: int) -> list[str]:
        """The proof that the first `old` records of the log of `new` are unchanged; NotFound for no such sizes."""
        with self._guard:
            self._grow()
            try:
                return [step.hex() for step in self._tree.consistency(old, new)]
            except ValueError as error:
                raise NotFound(str(error)) from None

    def verify(self) -> Verdict:
        """Checks the whole store: chain, leaves, tree, every signed head, and the columns beside the envelope."""
        heads = self._heads()
        with self._store.read() as connection:
            records, bad = check_records(_records(connection), heads, signed_to_end=False)
            bad = bad or _column_fault(connection)
        forged, signatures = check_signatures(heads, ORIGIN, self.public_key)
        first = bad or forged
        return {
            "ok": first is None,
            "records": records,
            "first_bad": first,
            "signatures": signatures,
            "key": self.public_key,
        }

    def export(self, path: Path, time: str) -> Head:
        """Signs the log and writes it as JSON Lines that `verify.py` checks alone; returns the head."""
        head = self.sign_head(time)
        heads = [found._asdict() for found in self._heads() if found.size <= head.size]
        with path.open("w", encoding="utf-8") as file, self._store.read() as connection:
            file.write(canonical_json({"format": FORMAT, "v": 1, "origin": ORIGIN, "heads": heads}) + "\n")
            for record in _records(connection):
                if record.seq > head.size:
                    break
                file.write(json.dumps(record._asdict(), sort_keys=True, separators=(",", ":")) + "\n")
        return head

    def _leaf(self, seq: int) -> str:
        with self._store.read() as connection:
            return str(connection.execute(select(ledger.c.leaf_hash).where(ledger.c.seq == seq)).scalar_one())

    def _heads(self) -> list[Head]:
        with self._store.read() as connection:
            return [Head(*row) for row in connection.execute(select(ledger_heads).order_by(ledger_heads.c.size))]

    def _grow(self) -> None:
        """Takes committed records into the tree in memory."""
        with self._store.read() as connection:
            for (leaf,) in _FRESH.rows(connection, len(self._tree)):
                self._tree.append(bytes.fromhex(str(leaf)))


def _envelope(entry: Entry, seq: int, prev: str) -> bytes:
    return canonical_bytes(
        {
            "v": VERSION,
            "seq": seq,
            "kind": entry.kind,
            "subject_id": entry.subject_id,
            "event_time": entry.event_time,
            "knowledge_time": entry.knowledge_time,
            "prev": prev,
            "body": entry.body,
            "payload": None if entry.payload is None else b64encode(entry.payload).decode(),
        }
    )


def _column_fault(connection: Connection) -> Bad | None:
    """The first record whose columns say other than its envelope."""
    for row in connection.execution_options(yield_per=1_000).execute(select(ledger).order_by(ledger.c.seq)):
        plain = json.loads(row.envelope)
        if (row.kind, row.subject_id) != (plain["kind"], plain["subject_id"]):
            return {"seq": row.seq, "why": "its kind or subject in the store differs from its envelope"}
    return None


def _records(connection: Connection) -> Iterator[Stored]:
    columns = select(ledger.c.seq, ledger.c.envelope, ledger.c.leaf_hash).order_by(ledger.c.seq)
    for row in connection.execution_options(yield_per=1_000).execute(columns):
        yield Stored(row.seq, row.envelope, row.leaf_hash)
