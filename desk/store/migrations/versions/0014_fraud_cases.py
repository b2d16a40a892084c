"""Fraud cases that go on while their alert grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "fraud_cases",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.Column("into", sa.String(length=64), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("closing", sa.Text(), nullable=False),
    )
