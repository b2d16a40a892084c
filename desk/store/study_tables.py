"""The table of studies: what a person asked, and what it came to; the rules of `desk.store.tables` hold."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table, Text

from desk.store.tables import metadata

studies = Table(
    "studies",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    Column("at", String(32), nullable=False),
    Column("state", String(16), nullable=False),  # running, done, failed, cancelled
    Column("asked", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("result", Text, nullable=False),  # "" until it is done
    Column("html", LargeBinary, nullable=False),
    Column("pdf", LargeBinary, nullable=False),
)
