"""The table of recorded runs; the rules of `desk.store.tables` hold."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table

from desk.store.tables import metadata

run_bundles = Table(
    "run_bundles",
    metadata,
    Column("run", String(64), primary_key=True),
    Column("thread", String(64), nullable=False, index=True),
    Column("person", String(64), nullable=False, index=True),
    Column("at", String(32), nullable=False, index=True),
    Column("hash", String(64), nullable=False),  # SHA-256 of the canonical bundle, as the audit log has it
    Column("body", LargeBinary, nullable=False),  # canonical JSON, zlib
)
