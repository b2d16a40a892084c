"""A model's last opinion on each borderline alert, and the desk's last look over bars, news and forms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "fraud_opinions",
        sa.Column("alert", sa.String(length=64), primary_key=True),
        sa.Column("opinion", sa.Text(), nullable=False),
    )
    op.create_table("fraud_looks", sa.Column("look", sa.Text(), nullable=False))
