from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from desk.clock import FrozenClock
from desk.ledger.log import Entry, Ledger
from desk.store.engine import Store
from desk.store.tables import ledger, outbox
from desk.trading.journal import Record, SegmentJournal
from desk.trading.recorder import SIGN_EVERY, Recorder
from tests.desk.trading.fake_feed import START

TIME = "2024-03-01T15:00:00.000000Z"


class Stumbling(Ledger):
    """A ledger that fails as often as it is told to."""

    failures = 0

    def append_all(self, connection: Connection, entries: Sequence[Entry]) -> list[int]:
        if self.failures:
            self.failures -= 1
            raise OSError("the store is full")
        return super().append_all(connection, entries)


def write(journal: SegmentJournal, n: int, route: str = "broker") -> Record:
    body = {"order": {"client_id": f"o-{n}", "by": "tess"}, "route": route, "token": "t"}
    return journal.append("order.accepted", body, subject_id="desk", event_time=TIME, knowledge_time=TIME)


def test_a_failure_is_caught_up_by_the_next_group(tmp_path: Path) -> None:
    store, journal, told = Store.in_folder(tmp_path), SegmentJournal(tmp_path / "journal"), list[str]()
    log = Stumbling(store, bytes(32))
    recorder = Recorder(store=store, ledger=log, journal=journal, wall=FrozenClock(START), dispatch=told.append)
    journal.on_durable(recorder.record)
    log.failures = 2
    for n in range(2):
        assert journal.wait_durable(write(journal, n).seq, 10)
    assert (recorder.recorded, told) == (0, [])
    assert journal.wait_durable(write(journal, 2, route="venue").seq, 10)
    assert (recorder.recorded, told) == (3, ["o-0", "o-1"])
    assert recorder.catch_up() == 0
    recorder.record(list(journal.replay()))
    with store.read() as connection:
        assert list(connection.execute(select(ledger.c.journal_seq)).scalars()) == [1, 2, 3]
        assert list(connection.execute(select(outbox.c.client_id)).scalars()) == ["o-0", "o-1"]
    assert log.verify()["ok"]
    journal.close()
    store.close()


@pytest.mark.parametrize("fresh", [False, True])
def test_what_the_store_lacks_is_added_at_start_and_heads_are_signed(tmp_path: Path, fresh: bool) -> None:
    store, journal = Store.in_folder(tmp_path), SegmentJournal(tmp_path / "journal")
    log = Ledger(store, bytes(32))
    last = [write(journal, n) for n in range(SIGN_EVERY + 5)][-1]
    assert journal.wait_durable(last.seq, 10)
    if fresh:
        journal.close()
        journal = SegmentJournal(tmp_path / "journal")
    recorder = Recorder(store=store, ledger=log, journal=journal, wall=FrozenClock(START), dispatch=lambda _: None)
    assert recorder.catch_up() == SIGN_EVERY + 5
    head = log.head()
    assert head is not None
    assert head.size >= SIGN_EVERY
    journal.close()
    store.close()
