"""Statements at the driver: same rows, same errors, same text in both dialects as SQLAlchemy writes."""

from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import IntegrityError

from desk.store.engine import Store
from desk.store.statements import Statement, _Written
from desk.store.tables import subject_keys

ADD = Statement(insert(subject_keys), "created_at", "subject_id", "wrapped")
FIND = Statement(
    select(subject_keys.c.wrapped, subject_keys.c.erased_at)
    .where(subject_keys.c.subject_id > bindparam("after"))
    .order_by(subject_keys.c.subject_id)
    .limit(2),
    "after",
)


def test_writes_and_reads(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path)
    with store.begin() as connection:
        ADD.run(connection, "now", "a", b"\x00\xff")
        ADD.run_all(connection, [("now", "b", None), ("now", "c", b"c"), ("now", "d", b"d")])
        ADD.run_all(connection, [])
    with store.read() as connection:
        assert FIND.rows(connection, "") == [(b"\x00\xff", None), (None, None)]
        assert FIND.rows(connection, "b") == [(b"c", None), (b"d", None)]
        assert FIND.rows(connection, "d") == []
    store.close()


def test_a_rolled_back_row_is_gone_and_the_error_is_sqlalchemys(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path)
    with pytest.raises(IntegrityError), store.begin() as connection:
        ADD.run(connection, "now", "a", None)
        ADD.run(connection, "now", "a", None)
    with store.read() as connection:
        assert FIND.rows(connection, "") == []
    store.close()


def test_postgresql_takes_its_values_by_name() -> None:
    written = _Written(FIND._statement, ("after",), PGDialect_psycopg())
    assert "%(after)s" in written.text
    assert written.values([("a",)]) == [{"after": "a", "param_1": 2}]
