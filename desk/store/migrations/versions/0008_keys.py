"""API keys are hashed and may have a daily budget."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("secret_hash", sa.String(length=64), nullable=True))
    op.add_column("api_keys", sa.Column("budget_nanos", sa.BigInteger(), nullable=True))
