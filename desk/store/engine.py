"""The engine and the unit of work.

SQLite embedded (write-ahead log, full fsync on commit, foreign keys on), PostgreSQL by URL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from desk.errors import BackEndUnreachable, DataFolderError, StoreBusy
from desk.store.statements import Statement

_BEGIN = Statement(text("BEGIN IMMEDIATE"))
PATIENCE_MS = 5_000
"""How long a transaction waits for the one before it."""

HEAD = "0019"
"""The newest migration; a store that says anything newer was written by a newer version."""


class Store:
    """Opens the database and brings it to the newest schema.

    Raises DataFolderError for a store from a newer version, BackEndUnreachable for a configured
    server that does not answer. `close` is safe to call twice. `patience_ms` is how long a transaction
    of the embedded store waits for the one before it.
    """

    def __init__(self, url: str, patience_ms: int = PATIENCE_MS) -> None:
        self.url, self._patience_ms = url, patience_ms
        self.engine: Engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
        if url.startswith("sqlite"):
            event.listen(self.engine, "connect", self._tune_sqlite)
        self._migrate()

    @classmethod
    def in_folder(cls, folder: Path) -> Store:
        """The embedded store of a data folder."""
        return cls(f"sqlite:///{folder / 'tenor.db'}")

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction: commits on leaving, rolls back on any exception.

        On SQLite it takes the write lock at once, so that what it read cannot change under it;
        StoreBusy when other work holds that for too long.
        """
        with self.engine.begin() as connection:
            if self.url.startswith("sqlite"):
                self._lock(connection)
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading."""
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Releases every connection."""
        self.engine.dispose()

    def version(self) -> str | None:
        """The migration the store stands at; None when it is empty."""
        try:
            with self.engine.connect() as connection:
                if not inspect(connection).has_table("alembic_version"):
                    return None
                found = connection.execute(text("select version_num from alembic_version")).scalar_one_or_none()
        except DatabaseError as error:
            if self.url.startswith("sqlite"):
                raise DataFolderError(f"cannot open the store {self.engine.url.database}: {error.orig}") from None
            where = self.engine.url.render_as_string(hide_password=True)
            raise BackEndUnreachable(f"TENOR_DATABASE_URL={where} does not answer: {error.orig}") from None
        return None if found is None else str(found)

    def _migrate(self) -> None:
        present = self.version()
        if present == HEAD:
            return
        if present is not None and present > HEAD:
            raise DataFolderError(
                f"the store is at migration {present}, this version knows {HEAD}; "
                "install the newer version that wrote it, or name another folder with --home"
            )
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        try:
            with self.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, HEAD)
        except SQLAlchemyError as error:
            raise DataFolderError(f"cannot bring the store to migration {HEAD}: {error}") from error

    def _lock(self, connection: Connection) -> None:
        try:
            _BEGIN.run(connection)
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
                raise
            waited = f"the store was in use for {self._patience_ms / 1000:g} s by other work"
            raise StoreBusy(f"{waited}; nothing was changed, so ask again in a moment") from None

    def _tune_sqlite(self, connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` does
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={self._patience_ms}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
