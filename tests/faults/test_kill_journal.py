"""kill -9 during append, group commit and snapshot: nothing acknowledged is lost, the state is the replayed one."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import zlib
from pathlib import Path

import pytest

from desk.trading.accounts import AccountBook
from desk.trading.journal import Record, SegmentJournal
from desk.trading.snapshots import Snapshots
from tests.desk.trading.fake_feed import instruments
from tests.faults.crashing_journal import KILL_POINTS, apply_all, run_until_killed
from tests.sizes import FULL_FAULTS

FOLDERS, ROUNDS = (25, 40) if FULL_FAULTS else (3, 10)

pytestmark = pytest.mark.fault


def crash(folder: Path, point: str, nth: int, seed: int) -> int:
    """Runs in a forked child; minus the signal that ended it, or its exit code."""
    child = os.fork()
    if child == 0:
        code = 3
        try:
            run_until_killed(folder, point, nth, seed)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("run", range(FOLDERS))
def test_the_state_after_kills_is_what_was_acknowledged(tmp_path: Path, run: int) -> None:
    dice = random.Random(run)
    for n in range(ROUNDS):
        point = KILL_POINTS[(n + run) % len(KILL_POINTS)] if n < len(KILL_POINTS) else dice.choice(KILL_POINTS)
        nth = dice.randint(1, 4 if point.startswith("snapshot") else 25)
        ended = crash(tmp_path, point, nth, dice.randrange(1 << 30))
        assert ended == -signal.SIGKILL, f"{point}: the child ended with {ended}"
        check(tmp_path)


def check(folder: Path) -> None:
    journal = SegmentJournal(folder / "journal")
    book = AccountBook(instruments())
    snapshots = Snapshots(folder / "snapshots", journal=journal, book=book, lock=threading.RLock())
    taken = snapshots.restore()
    for record in journal.replay(book.seq):
        book.apply(record)
    journal.close()
    records = read_independently(folder / "journal")
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    assert taken <= len(records)
    assert book.state_hash() == apply_all(records).state_hash()
    notes = folder / "acknowledged"
    for line in notes.read_text().splitlines()[-3:] if notes.exists() else []:
        seq, digest = line.split()
        assert int(seq) <= len(records), f"record {seq} was acknowledged and is lost"
        assert apply_all(records[: int(seq)]).state_hash() == digest


def read_independently(folder: Path) -> list[Record]:
    """The records by the format's description alone."""
    records = []
    for path in sorted(folder.glob("journal-*.log")):
        for line in path.read_bytes().split(b"\n")[:-1]:
            assert int(line[:8], 16) == zlib.crc32(line[9:])
            plain = json.loads(line[9:])
            records.append(Record(*(plain[name] for name in Record._fields)))
    return records


def test_snapshots_are_among_what_survives(tmp_path: Path) -> None:
    """The suite above would prove little if no start ever used one."""
    for n in range(4):
        crash(tmp_path, "synced, hook not called", 25, n)
    journal = SegmentJournal(tmp_path / "journal")
    book = AccountBook(instruments())
    snapshots = Snapshots(tmp_path / "snapshots", journal=journal, book=book, lock=threading.RLock())
    assert 0 < snapshots.restore() < journal.last_seq
    journal.close()
