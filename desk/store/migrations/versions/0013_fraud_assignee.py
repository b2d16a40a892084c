"""Who has a fraud case after it was taken or handed on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("fraud_actions", sa.Column("assignee", sa.String(length=64), nullable=False, server_default=""))
