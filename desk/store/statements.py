"""Statements of the hot paths: written out once for each dialect, then handed to the driver as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import CompilerElement

Row = tuple[object, ...]
"""Values in the order of a statement's names, or of the columns it selects."""


class Statement:
    """A statement with named values, run at the driver in a connection's transaction.

    SQLAlchemy looks up, merges and converts at every execution, which for a short statement costs
    several times what the database does. Here nothing is converted on the way: only for columns whose
    values every driver takes and gives as Python has them (whole numbers, text, bytes, None). Errors are
    SQLAlchemy's (`DBAPIError` and below), as for any statement.
    """

    def __init__(self, statement: CompilerElement, *names: str) -> None:
        self._statement, self._names = statement, names
        self._written: dict[str, _Written] = {}

    def run(self, connection: Connection, *row: object) -> None:
        """Runs it once, for what it changes."""
        written = self._for(connection.dialect)
        with _cursor(connection, written.text) as cursor:
            cursor.execute(written.text, written.values([row])[0])

    def run_all(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Runs it for each row; nothing happens for none."""
        written = self._for(connection.dialect)
        with _cursor(connection, written.text) as cursor:
            cursor.executemany(written.text, written.values(rows))

    def rows(self, connection: Connection, *row: object) -> Sequence[Row]:
        """Runs it once; what it selects."""
        written = self._for(connection.dialect)
        with _cursor(connection, written.text) as cursor:
            cursor.execute(written.text, written.values([row])[0])
            return cursor.fetchall()

    def _for(self, dialect: Dialect) -> _Written:
        found = self._written.get(dialect.name)
        if found is None:
            found = self._written[dialect.name] = _Written(self._statement, self._names, dialect)
        return found


class _Written:
    """A statement in one dialect: its text, and how its values are passed there."""

    def __init__(self, statement: CompilerElement, names: tuple[str, ...], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=names or None)
        self.text, self._names = str(compiled), names
        self._fixed: Mapping[str, object] = {
            name: value for name, value in (compiled.params or {}).items() if name not in names
        }
        order = getattr(compiled, "positiontup", None)
        self._order: list[str] | None = order
        self._straight = order is not None and tuple(order) == names

    def values(self, rows: Sequence[Row]) -> Sequence[Row] | Sequence[dict[str, object]]:
        if self._straight:
            return rows
        named = [{**self._fixed, **dict(zip(self._names, row, strict=True))} for row in rows]
        return named if self._order is None else [tuple(row[name] for name in self._order) for row in named]


@contextmanager
def _cursor(connection: Connection, text: str) -> Iterator[DBAPICursor]:
    driver = connection.dialect.loaded_dbapi
    cursor = connection.connection.cursor()
    try:
        yield cursor
    except driver.Error as error:
        raise DBAPIError.instance(text, None, error, driver.Error, dialect=connection.dialect) from error
    finally:
        cursor.close()
