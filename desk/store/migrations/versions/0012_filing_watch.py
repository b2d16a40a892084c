"""Watched filers, and notices of what they filed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "watched_filers",
        sa.Column("cik", sa.String(length=10), primary_key=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("ticker", sa.String(length=16), nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("last_accepted", sa.String(length=32), nullable=False),
        sa.Column("known", sa.Text(), nullable=False),
    )
    op.create_table(
        "filing_notices",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("cik", sa.String(length=10), nullable=False),
        sa.Column("seen_at", sa.String(length=32), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
    )
    op.create_index("ix_filing_notices_cik", "filing_notices", ["cik"])
    op.create_index("ix_filing_notices_seen_at", "filing_notices", ["seen_at"])
