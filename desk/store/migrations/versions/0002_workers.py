"""Workers in other processes: the outbox carries the signed order there and the venue's word back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name, kind in (
        ("canonical", sa.Text()),
        ("token", sa.Text()),
        ("worker", sa.String(length=96)),
        ("placement", sa.Text()),
    ):
        op.add_column("outbox", sa.Column(name, kind, nullable=False, server_default=""))
