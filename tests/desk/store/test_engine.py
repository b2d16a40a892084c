from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from desk.errors import DataFolderError, StoreBusy
from desk.store.engine import HEAD, Store
from desk.store.tables import ledger, metadata
from desk.store.trading_tables import bots


def test_the_migrations_make_exactly_the_tables_of_the_code(tmp_path: Path):
    store = Store.in_folder(tmp_path)
    assert store.version() == HEAD
    assert bots.metadata is metadata
    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    store.close()


def test_a_store_from_a_newer_version_is_refused_and_untouched(tmp_path: Path):
    store = Store.in_folder(tmp_path)
    with store.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    store.close()
    with pytest.raises(DataFolderError, match="9999"):
        Store.in_folder(tmp_path)


def test_a_damaged_store_is_one_sentence(tmp_path: Path):
    (tmp_path / "tenor.db").write_bytes(b"this is no database, and has never been one" * 40)
    with pytest.raises(DataFolderError, match="store"):
        Store.in_folder(tmp_path)


def test_nobody_rewrites_the_ledger(tmp_path: Path):
    store = Store.in_folder(tmp_path)
    row = {"seq": 1, "kind": "k", "subject_id": "s", "envelope": "{}", "leaf_hash": "0"}
    with store.begin() as connection:
        connection.execute(insert(ledger).values(row))
    for statement in ("update ledger set kind = 'x'", "delete from ledger"):
        with pytest.raises(IntegrityError, match="append-only"), store.begin() as connection:
            connection.execute(text(statement))
    store.close()


def test_what_fails_in_a_transaction_never_was(tmp_path: Path):
    store = Store.in_folder(tmp_path)
    row = {"seq": 1, "kind": "k", "subject_id": "s", "envelope": "{}", "leaf_hash": "0"}
    with pytest.raises(IntegrityError), store.begin() as connection:
        connection.execute(insert(ledger).values(row))
        connection.execute(insert(ledger).values(row))
    with store.read() as connection:
        assert connection.execute(text("select count(*) from ledger")).scalar_one() == 0
    store.close()


def test_a_store_held_by_other_work_says_so_and_works_after_it(tmp_path: Path):
    store, other = Store.in_folder(tmp_path), Store(f"sqlite:///{tmp_path / 'tenor.db'}", patience_ms=20)
    with store.begin(), pytest.raises(StoreBusy, match=r"in use for 0\.02 s.*ask again"), other.begin():
        pytest.fail("two transactions wrote at once")
    with other.begin() as connection:
        assert connection.execute(text("select count(*) from ledger")).scalar_one() == 0
    other.close()
    store.close()
