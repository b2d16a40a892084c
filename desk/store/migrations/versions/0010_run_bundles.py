"""Recorded runs, so that they can be replayed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "run_bundles",
        sa.Column("run", sa.String(length=64), primary_key=True),
        sa.Column("thread", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    for name in ("thread", "person", "at"):
        op.create_index(f"ix_run_bundles_{name}", "run_bundles", [name])
