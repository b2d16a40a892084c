from pathlib import Path

import pytest

from desk.errors import DataFolderError, NotFound
from desk.store.engine import Store
from desk.store.keys import SubjectKeys, load_key, seal, unseal

NOW = "2026-01-01T00:00:00.000000Z"


def test_a_secret_file_is_made_once_private_and_kept(tmp_path: Path):
    first = load_key(tmp_path / "keys" / "a.key")
    assert load_key(tmp_path / "keys" / "a.key") == first
    assert (tmp_path / "keys" / "a.key").stat().st_mode & 0o077 == 0
    (tmp_path / "keys" / "a.key").write_bytes(b"short")
    with pytest.raises(DataFolderError, match="5 bytes"):
        load_key(tmp_path / "keys" / "a.key")


def test_a_sealed_value_opens_only_whole_and_for_what_it_was_sealed():
    key = bytes(32)
    sealed = seal(key, b"name", b"record 7")
    assert unseal(key, sealed, b"record 7") == b"name"
    for wrong in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed):
        with pytest.raises(DataFolderError):
            unseal(key, wrong, b"record 8")


def test_an_erased_subject_cannot_be_read_and_the_wrapped_key_is_gone(tmp_path: Path):
    store, keys = Store.in_folder(tmp_path), SubjectKeys(bytes(32))
    with store.begin() as connection:
        first = keys.key(connection, "clara", NOW)
        assert keys.key(connection, "clara", NOW) == first
        keys.erase(connection, "clara", NOW)
        keys.erase(connection, "clara", NOW)
        with pytest.raises(NotFound, match="erased"):
            keys.key(connection, "clara", NOW)
    store.close()
