"""Tables of prompt versions: what a desk uses of each agent, and how its runs went."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from desk.store.tables import metadata

prompt_labels = Table(
    "prompt_labels",
    metadata,
    Column("agent", String(64), primary_key=True),
    Column("production", String(96), nullable=False),
    Column("candidate", String(96), nullable=False),  # empty: no trial
    Column("share", Integer, nullable=False),  # per cent of people
    Column("since", String(32), nullable=False),
    Column("set_by", String(64), nullable=False),
    Column("stopped", Text, nullable=False),  # why the last trial ended
)

prompt_tallies = Table(
    "prompt_tallies",
    metadata,
    Column("prompt", String(96), primary_key=True),
    Column("since", String(32), primary_key=True),
    Column("runs", Integer, nullable=False),
    Column("faults", Integer, nullable=False),
    Column("micros", BigInteger, nullable=False),
    Column("micro_usd", BigInteger, nullable=False),
)
