"""Remembered rows: read once, anew after a change, and never older than the last change."""

from __future__ import annotations

import threading

import pytest

from desk.errors import NotFound
from desk.store.known import Known


def test_a_value_is_read_once_until_it_changes():
    known, reads = Known[str](), list[str]()

    def read() -> str:
        reads.append("read")
        return f"value {len(reads)}"

    assert [known.get("a", read) for _ in range(3)] == ["value 1"] * 3
    with known.changing("b"):
        pass
    assert known.get("a", read) == "value 1"
    with pytest.raises(ValueError, match="fails"), known.changing("a"):
        raise ValueError("the transaction fails")
    assert known.get("a", read) == "value 2"


def test_what_cannot_be_read_is_not_kept():
    known = Known[str]()

    def fails() -> str:
        raise NotFound("no such row")

    for _ in range(2):
        with pytest.raises(NotFound):
            known.get("a", fails)
    assert known.get("a", lambda: "there") == "there"


def test_readers_beside_a_writer_never_see_a_value_older_than_the_last_change():
    known, row, stale, over = Known[int](), [0], list[tuple[int, int]](), threading.Event()

    def look() -> None:
        while not over.is_set():
            least = row[1] if len(row) > 1 else 0
            seen = known.get("a", lambda: row[0])
            if seen < least:
                stale.append((least, seen))

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 2_000):
        with known.changing("a"):
            row[0] = number
        row[1:] = [number]
    over.set()
    for reader in readers:
        reader.join()
    assert stale == []
    assert known.get("a", lambda: row[0]) == 1_999
