"""The journal: every order, fill and seed in the order they happened; the order's own record.

A record is one line, `CRC32 JSON`: eight hexadecimal digits, a space, canonical JSON
`{"body","event_time","kind","knowledge_time","seq","subject_id","v"}`. Sequence numbers count
from 1 without gaps, across segment files `journal-<first seq>.log`. Appending is a buffer write;
one writer thread writes and syncs whatever has gathered (group commit).
"""

from __future__ import annotations

import json
import os
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from desk.errors import DataFolderError
from desk.ledger.canonical import canonical_json
from desk.trading.segments import SegmentFile, hold_folder, open_segment

VERSION = 1
Opener = Callable[[Path], SegmentFile]


@dataclass(frozen=True)
class Record:
    """One journal record; times are ISO 8601 UTC, `body` holds plain JSON values, no floats."""

    seq: int
    kind: str
    subject_id: str
    event_time: str
    knowledge_time: str
    body: Mapping[str, object]

    def line(self) -> bytes:
        """The record as it stands in a segment, line end included."""
        text = canonical_json(
            {
                "v": VERSION,
                "seq": self.seq,
                "kind": self.kind,
                "subject_id": self.subject_id,
                "event_time": self.event_time,
                "knowledge_time": self.knowledge_time,
                "body": self.body,
            }
        ).encode()
        return b"%08x %s\n" % (zlib.crc32(text), text)


Hook = Callable[[list[Record]], None]


class Journal(Protocol):
    """What the gate writes to."""

    def append(
        self, kind: str, body: Mapping[str, object], *, subject_id: str, event_time: str, knowledge_time: str
    ) -> Record:
        """Takes one record into the buffer and numbers it; returns before it is on disk."""
        ...

    def wait_durable(self, seq: int, timeout: float) -> bool:
        """Waits until `seq` is on disk and every hook has seen it; False when time ran out."""
        ...

    def replay(self, after: int = 0) -> Iterator[Record]:
        """Every durable record after `after`, oldest first."""
        ...


class MemoryJournal:
    """A journal that keeps nothing: for backtests, simulations and benches. Durable at once."""

    def __init__(self) -> None:
        self._seq = 0

    def append(
        self, kind: str, body: Mapping[str, object], *, subject_id: str, event_time: str, knowledge_time: str
    ) -> Record:
        """See `Journal.append`; the record is numbered and forgotten."""
        self._seq += 1
        return Record(self._seq, kind, subject_id, event_time, knowledge_time, body)

    def wait_durable(self, seq: int, timeout: float) -> bool:
        """Always true for a record it numbered."""
        return seq <= self._seq

    def replay(self, after: int = 0) -> Iterator[Record]:
        """Nothing: it keeps no records."""
        return iter(())


class SegmentJournal:
    """The journal of a data folder. One holder opens it at a time; a second gets HolderBusy.

    Opening cuts off a torn last line; damage anywhere else raises DataFolderError naming the
    segment and the line. When the disk fails or is full, what was durable stays, everything
    later is given up, and `append` and `wait_durable` raise DataFolderError from then on.
    """

    def __init__(self, folder: Path, *, segment_bytes: int = 64 << 20, opener: Opener = open_segment) -> None:
        self._folder, self._segment_bytes, self._opener = folder, segment_bytes, opener
        folder.mkdir(parents=True, exist_ok=True)
        self._moved = threading.Condition()
        self._hooks: list[Hook] = []
        self._waiting: list[tuple[Record, bytes]] = []
        self._failure = ""
        self._closing = False
        self._segment: SegmentFile | None = None
        self._hold = hold_folder(folder)
        try:
            self._seq = self._synced = self._durable = _mend(folder)
        except BaseException:
            os.close(self._hold)
            raise
        self._writer = threading.Thread(target=self._write_forever, name="journal", daemon=True)
        self._writer.start()

    @property
    def last_seq(self) -> int:
        """The newest record that reached the disk."""
        return self._synced

    def on_durable(self, hook: Hook) -> None:
        """`hook` is called from the writer thread with each group that reached the disk.

        A hook that raises is logged; its group still counts as durable, and the hook must find
        what it missed by `replay`.
        """
        self._hooks.append(hook)

    def append(
        self, kind: str, body: Mapping[str, object], *, subject_id: str, event_time: str, knowledge_time: str
    ) -> Record:
        """See `Journal.append`. Raises DataFolderError once the disk has failed, and
        ValueError for a float in `body` (nothing is numbered then).
        """
        with self._moved:
            self._check_open()
            record = Record(self._seq + 1, kind, subject_id, event_time, knowledge_time, body)
            self._waiting.append((record, record.line()))
            self._seq += 1
            self._moved.notify_all()
            return record

    def wait_durable(self, seq: int, timeout: float) -> bool:
        """See `Journal.wait_durable`. Raises DataFolderError when the disk failed before `seq`."""
        with self._moved:
            self._moved.wait_for(lambda: self._durable >= seq or bool(self._failure), timeout)
            if self._durable < seq and self._failure:
                self._check_open()
            return self._durable >= seq

    def replay(self, after: int = 0) -> Iterator[Record]:
        """See `Journal.replay`. Damage raises DataFolderError naming segment and line."""
        top = self._synced
        segments = _segments(self._folder)
        for index, path in enumerate(segments):
            if index + 1 < len(segments) and _first_seq(segments[index + 1]) <= after + 1:
                continue
            for record in _read(path, _first_seq(path)):
                if record.seq > top:
                    return
                if record.seq > after:
                    yield record

    def close(self) -> None:
        """Writes what waits and stops the writer; safe to call twice."""
        with self._moved:
            self._closing = True
            self._moved.notify_all()
        if self._writer is not threading.current_thread():
            self._writer.join()

    def _check_open(self) -> None:
        if self._failure:
            raise DataFolderError(self._failure)
        if self._closing:
            raise DataFolderError("the journal is closed; start the desk again")

    def _write_forever(self) -> None:
        while True:
            with self._moved:
                self._moved.wait_for(lambda: bool(self._waiting) or self._closing)
                waiting, self._waiting = self._waiting, []
            if not waiting:
                break
            group = [record for record, _ in waiting]
            try:
                self._write(group, b"".join(line for _, line in waiting))
            except Exception as error:  # noqa: BLE001 - a writer that dies in silence would lose orders
                self._fail(error)
                break
            self._tell(group)
        if self._segment is not None:
            self._segment.close()
        os.close(self._hold)

    def _write(self, group: list[Record], lines: bytes) -> None:
        if self._segment is None or self._segment.size() >= self._segment_bytes:
            if self._segment is not None:
                self._segment.close()
            name = f"journal-{group[0].seq:012d}.log"
            paths = _segments(self._folder)
            fresh = self._segment is not None or not paths
            self._segment = self._opener(self._folder / name if fresh else paths[-1])
        self._segment.write(lines)
        self._segment.sync()
        self._synced = group[-1].seq

    def _tell(self, group: list[Record]) -> None:
        for hook in self._hooks:
            try:
                hook(group)
            except Exception:  # noqa: BLE001 - the records are durable; the hook catches up by replay
                structlog.get_logger("journal").exception("hook failed", first=group[0].seq, last=group[-1].seq)
        with self._moved:
            self._durable = group[-1].seq
            self._moved.notify_all()

    def _fail(self, error: Exception) -> None:
        if self._segment is not None:
            self._segment.roll_back()
        with self._moved:
            self._failure = (
                f"the journal in {self._folder} cannot be written ({getattr(error, 'strerror', None) or error}); "
                f"records up to {self._synced} are safe; free space on that disk and start the desk again"
            )
            self._moved.notify_all()


def _segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("journal-*.log"))


def _first_seq(path: Path) -> int:
    return int(path.stem.partition("-")[2])


def _mend(folder: Path) -> int:
    """Checks every segment, cuts off a torn last line, returns the last sequence number."""
    last = 0
    segments = _segments(folder)
    for index, path in enumerate(segments):
        if _first_seq(path) != last + 1:
            raise DataFolderError(f"journal segment {path.name} does not follow record {last}; restore the one between")
        if index + 1 == len(segments):
            _cut_torn_line(path)
        for record in _read(path, last + 1):
            last = record.seq
    return last


def _cut_torn_line(path: Path) -> None:
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        with path.open("r+b") as file:
            file.truncate(whole)
            os.fsync(file.fileno())
        structlog.get_logger("journal").warning("cut a torn line", segment=path.name, bytes=len(data) - whole)


def _read(path: Path, first: int) -> Iterator[Record]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return  # being written now, or torn: the opener cuts it
            yield _parse(line, path, number, first + number - 1)


def _parse(line: bytes, path: Path, number: int, expected: int) -> Record:
    where = f"journal segment {path.name} line {number}"
    crc, _, text = line.rstrip(b"\n").partition(b" ")
    if crc != b"%08x" % zlib.crc32(text):
        raise DataFolderError(f"{where} is damaged (its checksum differs); restore the segment from a backup")
    plain = json.loads(text)
    if plain["v"] > VERSION:
        raise DataFolderError(f"{where} has version {plain['v']}, this program knows {VERSION}; install the newer one")
    if plain["seq"] != expected:
        raise DataFolderError(f"{where} is record {plain['seq']}, not {expected}; restore the segment from a backup")
    return Record(
        plain["seq"], plain["kind"], plain["subject_id"], plain["event_time"], plain["knowledge_time"], plain["body"]
    )
