"""The tables of recorded runs and of what a scan found in them; the rules of `desk.store.tables` hold."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, LargeBinary, String, Table, Text

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

run_scans = Table(
    "run_scans",
    metadata,
    Column("run", String(64), primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    Column("at", String(32), nullable=False),
    Column("library", String(64), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("findings", Text, nullable=False),  # JSON, a list of `agents.scan.finding.Finding`
)
