"""What was found odd in live market data, and the headlines that came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "market_findings",
        sa.Column("key", sa.String(length=160), primary_key=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("instrument", sa.String(length=64), nullable=False, index=True),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("begins", sa.String(length=32), nullable=False),
        sa.Column("ends", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("found_at", sa.String(length=32), nullable=False, index=True),
        sa.Column("closed_at", sa.String(length=32), nullable=False),
    )
    op.create_table(
        "live_headlines",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("known", sa.String(length=32), nullable=False, index=True),
        sa.Column("story", sa.String(length=64), nullable=False, index=True),
        sa.Column("headline", sa.Text(), nullable=False),
    )
