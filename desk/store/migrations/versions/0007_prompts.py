"""Which prompt versions a desk uses, and how runs under each went."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "prompt_labels",
        sa.Column("agent", sa.String(length=64), primary_key=True),
        sa.Column("production", sa.String(length=96), nullable=False),
        sa.Column("candidate", sa.String(length=96), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("stopped", sa.Text(), nullable=False),
    )
    op.create_table(
        "prompt_tallies",
        sa.Column("prompt", sa.String(length=96), primary_key=True),
        sa.Column("since", sa.String(length=32), primary_key=True),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("micro_usd", sa.BigInteger(), nullable=False),
    )
