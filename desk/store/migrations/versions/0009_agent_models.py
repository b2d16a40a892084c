"""Which model each agent asks first, and one row for each turn of an agent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "agent_models",
        sa.Column("agent", sa.String(length=64), primary_key=True),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
    )
    op.create_table(
        "agent_turns",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("prompt", sa.String(length=128), nullable=False),
        sa.Column("asked", sa.String(length=128), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_micros", sa.BigInteger(), nullable=True),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("nanos", sa.BigInteger(), nullable=False),
    )
