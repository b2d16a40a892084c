from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from desk.errors import DataFolderError, HolderBusy
from desk.trading.journal import Record, SegmentJournal
from desk.trading.lines import SEALS, load_seals
from desk.trading.segments import DiskSegment

TIME = "2024-03-01T15:00:00.000000Z"


def write(journal: SegmentJournal, n: int, size: int = 0) -> Record:
    body = {"n": n, "pad": "é" * size}
    return journal.append("test.kind", body, subject_id="desk", event_time=TIME, knowledge_time=TIME)


def fill(folder: Path, count: int, segment_bytes: int = 1 << 20) -> None:
    journal = SegmentJournal(folder, segment_bytes=segment_bytes)
    for n in range(count):
        assert journal.wait_durable(write(journal, n).seq, 10)
    journal.close()


def numbers(folder: Path, after: int = 0) -> list[object]:
    journal = SegmentJournal(folder)
    found = [record.body["n"] for record in journal.replay(after)]
    journal.close()
    return found


def test_what_was_written_comes_back_in_order(tmp_path: Path) -> None:
    fill(tmp_path, 10)
    assert numbers(tmp_path) == list(range(10))
    assert numbers(tmp_path, after=7) == [7, 8, 9]
    fill(tmp_path, 3)
    journal = SegmentJournal(tmp_path)
    assert journal.last_seq == 13
    last = next(iter(journal.replay(12)))
    assert (last.seq, last.kind, last.subject_id, last.event_time) == (13, "test.kind", "desk", TIME)
    journal.close()


def test_segments_rotate_and_replay_starts_in_the_right_one(tmp_path: Path) -> None:
    fill(tmp_path, 40, segment_bytes=500)
    assert len(list(tmp_path.glob("journal-*.log"))) > 5
    assert numbers(tmp_path) == list(range(40))
    assert numbers(tmp_path, after=33) == list(range(33, 40))


def test_many_threads_share_one_sync(tmp_path: Path) -> None:
    syncs: list[int] = []

    class Counting(DiskSegment):
        def sync(self) -> None:
            syncs.append(1)
            super().sync()

    journal = SegmentJournal(tmp_path, opener=Counting)
    seen: list[int] = []
    journal.on_durable(lambda group: seen.extend(record.seq for record in group))

    def work() -> None:
        for n in range(50):
            assert journal.wait_durable(write(journal, n).seq, 10)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()
    assert seen == list(range(1, 401))
    assert len(syncs) < 400


@pytest.mark.parametrize("cut", [1, 2, 9, 40])
def test_a_torn_last_line_is_cut_off(tmp_path: Path, cut: int) -> None:
    fill(tmp_path, 5)
    segment = next(tmp_path.glob("*.log"))
    data = segment.read_bytes()
    segment.write_bytes(data[:-cut])
    assert numbers(tmp_path) == [0, 1, 2, 3]
    fill(tmp_path, 1)
    assert numbers(tmp_path) == [0, 1, 2, 3, 0]


def test_damage_elsewhere_names_segment_line_and_byte(tmp_path: Path) -> None:
    fill(tmp_path, 5)
    segment = next(tmp_path.glob("*.log"))
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join([*lines[:2], lines[2].replace(b'"n":2', b'"n":7'), *lines[3:]]))
    with pytest.raises(DataFolderError, match=rf"{segment.name} line 3 at byte offset {len(lines[0]) * 2} is damaged"):
        SegmentJournal(tmp_path)
    segment.write_bytes(b"".join([*lines[:2], *lines[3:]]))
    with pytest.raises(DataFolderError, match=r"line 3 at byte offset \d+ is record 4, not 3"):
        SegmentJournal(tmp_path)


def test_damage_is_found_with_and_without_the_seals(tmp_path: Path) -> None:
    fill(tmp_path, 40, segment_bytes=500)
    segment = sorted(tmp_path.glob("*.log"))[2]
    good = segment.read_bytes()
    assert set(load_seals(tmp_path)) == {path.name for path in tmp_path.glob("*.log")}
    for at in range(0, len(good), 37):
        segment.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises(DataFolderError, match=rf"{segment.name} line \d at byte offset \d+|does not follow"):
            SegmentJournal(tmp_path)
    segment.write_bytes(good)
    for damaged in (b"", b"00000000 {}\n", b"not even a line"):
        (tmp_path / SEALS).write_bytes(damaged)
        assert numbers(tmp_path) == list(range(40))


def test_records_behind_a_seal_are_checked_one_by_one(tmp_path: Path) -> None:
    journal = SegmentJournal(tmp_path)
    assert journal.wait_durable(write(journal, 0).seq, 10)
    journal.seal()
    kept = (tmp_path / SEALS).read_bytes()
    assert journal.wait_durable(write(journal, 1).seq, 10)
    journal.close()
    (tmp_path / SEALS).write_bytes(kept)
    assert numbers(tmp_path) == [0, 1]
    (tmp_path / SEALS).write_bytes(kept)
    segment = next(tmp_path.glob("*.log"))
    segment.write_bytes(segment.read_bytes().replace(b'"n":1', b'"n":2'))
    with pytest.raises(DataFolderError, match="line 2 at byte offset"):
        SegmentJournal(tmp_path)


def test_a_missing_segment_is_named(tmp_path: Path) -> None:
    fill(tmp_path, 40, segment_bytes=500)
    sorted(tmp_path.glob("*.log"))[2].unlink()
    with pytest.raises(DataFolderError, match="does not follow record"):
        SegmentJournal(tmp_path)


def test_a_full_disk_stops_and_keeps_what_was_durable(tmp_path: Path) -> None:
    class Small(DiskSegment):
        def write(self, data: bytes | bytearray) -> None:
            if self.size() + len(data) > 1_200:
                super().write(data[: len(data) // 2])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            super().write(data)

    journal = SegmentJournal(tmp_path, opener=Small)
    durable = 0
    while (record := write(journal, durable)).seq <= 100:
        try:
            assert journal.wait_durable(record.seq, 10)
        except DataFolderError:
            break
        durable += 1
    assert 2 < durable < 100
    with pytest.raises(DataFolderError, match=rf"No space left.*records up to {durable} are safe.*free space"):
        journal.wait_durable(durable + 1, 0)
    with pytest.raises(DataFolderError, match="No space left"):
        write(journal, 1)
    assert journal.wait_durable(durable, 0)
    journal.close()
    assert numbers(tmp_path) == list(range(durable))


def test_a_real_full_device_is_told_apart_from_success() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full (Linux)")
    segment = DiskSegment(Path("/dev/full"))
    with pytest.raises(OSError, match="No space left"):
        segment.write(b"x")
    segment.roll_back()
    segment.close()


def test_a_float_is_refused_before_it_is_numbered(tmp_path: Path) -> None:
    journal = SegmentJournal(tmp_path)
    with pytest.raises(ValueError, match="float"):
        journal.append("k", {"price": 1.5}, subject_id="s", event_time=TIME, knowledge_time=TIME)
    assert write(journal, 1).seq == 1
    journal.close()
    with pytest.raises(DataFolderError, match="closed"):
        write(journal, 2)


def test_a_hook_that_fails_does_not_stop_the_journal(tmp_path: Path) -> None:
    journal = SegmentJournal(tmp_path)

    def fail(_: list[Record]) -> None:
        raise RuntimeError("the store is away")

    journal.on_durable(fail)
    assert journal.wait_durable(write(journal, 1).seq, 10)
    assert journal.wait_durable(write(journal, 2).seq, 10)
    assert not journal.wait_durable(3, 0.01)
    journal.close()


def test_there_is_one_holder(tmp_path: Path) -> None:
    journal = SegmentJournal(tmp_path)
    with pytest.raises(HolderBusy, match="another process"):
        SegmentJournal(tmp_path)
    journal.close()
    journal.close()
    SegmentJournal(tmp_path).close()
