"""Alembic's entry: runs migrations on the connection that `desk.store.engine` hands over."""

from __future__ import annotations

from alembic import context

import desk.store.bundle_tables
import desk.store.filing_tables
import desk.store.market_tables
import desk.store.model_tables
import desk.store.study_tables
import desk.store.trading_tables  # noqa: F401 - its tables join the others
from desk.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
