"""The first schema: every table as it stood at 0.1.0, and a ledger nobody can rewrite."""

from __future__ import annotations

from alembic import op

from desk.store.tables import metadata

revision = "0001"
down_revision = None

_GUARD = (
    "CREATE TRIGGER ledger_no_{verb} BEFORE {verb} ON ledger "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
)


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection)
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(_GUARD.format(verb=verb))
