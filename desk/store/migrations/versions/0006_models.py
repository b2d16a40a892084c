"""Language models: budgets, decision records, kept answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "model_budgets",
        sa.Column("scope", sa.String(length=128), primary_key=True),
        sa.Column("nanos", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
    )
    op.create_table(
        "model_calls",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("at", sa.String(length=32), nullable=False, index=True),
        sa.Column("run", sa.String(length=64), nullable=False, index=True),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("task", sa.String(length=32), nullable=False),
        sa.Column("prompt", sa.String(length=128), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("deadline_micros", sa.Integer(), nullable=False),
        sa.Column("micros", sa.Integer(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), nullable=False),
        sa.Column("nanos", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Text(), nullable=False),
    )
    op.create_table(
        "model_answers",
        sa.Column("key", sa.String(length=64), primary_key=True),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False, index=True),
        sa.Column("answer", sa.Text(), nullable=False),
    )
