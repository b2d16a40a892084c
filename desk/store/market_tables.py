"""Tables of live market data: what was found odd in it, and the headlines that came."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

from desk.store.tables import metadata

market_findings = Table(
    "market_findings",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("instrument", String(64), nullable=False, index=True),
    Column("source", String(32), nullable=False),
    Column("begins", String(32), nullable=False),
    Column("ends", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("found_at", String(32), nullable=False, index=True),
    Column("closed_at", String(32), nullable=False),  # "" while it stands
)

live_headlines = Table(
    "live_headlines",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("known", String(32), nullable=False, index=True),
    Column("story", String(64), nullable=False, index=True),  # the same for one story from several sources
    Column("headline", Text, nullable=False),
)
