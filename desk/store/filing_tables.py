"""Tables of watched filers and of what they filed."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, String, Table, Text

from desk.store.tables import metadata

watched_filers = Table(
    "watched_filers",
    metadata,
    Column("cik", String(10), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("ticker", String(16), nullable=False),
    Column("added_by", String(64), nullable=False),
    Column("since", String(32), nullable=False),
    Column("last_accepted", String(32), nullable=False),  # of the newest submission seen
    Column("known", Text, nullable=False),  # accessions of the days before, when it was added
)

filing_notices = Table(
    "filing_notices",
    metadata,
    Column("id", String(64), primary_key=True),  # the accession, or what is overdue
    Column("cik", String(10), nullable=False, index=True),
    Column("seen_at", String(32), nullable=False, index=True),
    Column("told", Boolean, nullable=False),  # false: a crash came between keeping and telling
    Column("notice", Text, nullable=False),
)
