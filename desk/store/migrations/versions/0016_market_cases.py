"""Cases of market abuse: the alert as it has grown, and as it was when closing was last proposed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "market_cases",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("instrument", sa.String(length=64), nullable=False, index=True),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("closing", sa.Text(), nullable=False),
    )
