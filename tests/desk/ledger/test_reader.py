from __future__ import annotations

from pathlib import Path

import pytest

from desk.errors import NotFound
from desk.ledger.reader import load_page, try_tampering
from desk.store.engine import Store
from tests.desk.ledger.test_log import make_ledger


def test_pages_go_back_in_time(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path)
    make_ledger(store, 5)
    first = load_page(store, limit=2)
    assert [record.seq for record in first] == [5, 4]
    assert [record.seq for record in load_page(store, before=4)] == [3, 2, 1]
    assert load_page(store, before=1) == []
    assert load_page(store, kind="other") == []
    assert first[0].body == {"n": 4, "price": "180.02"}
    store.close()


def test_one_changed_byte_of_any_record_is_found(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path)
    ledger = make_ledger(store, 5)
    for seq in range(1, 6):
        found = try_tampering(store, seq)
        assert found["first_bad"] is not None
        assert found["first_bad"]["seq"] == seq
    assert ledger.verify()["ok"]
    with pytest.raises(NotFound):
        try_tampering(store, 6)
    store.close()
