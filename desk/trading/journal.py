"""The journal: every order, fill and seed in the order they happened; the order's own record.

A record is one line, `CRC32 JSON`: eight hexadecimal digits, a space, canonical JSON
`{"body","event_time","kind","knowledge_time","seq","subject_id","v"}`. Sequence numbers count
from 1 without gaps, across segment files `journal-<first seq>.log`. Appending is a buffer write;
one writer thread writes and syncs whatever has gathered (group commit).
"""

from __future__ import annotations

import os
import sys
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog

from desk.errors import DataFolderError
from desk.ledger.canonical import canonical_bytes
from desk.trading.bells import Bells
from desk.trading.lines import VERSION, Seal, first_seq, frame, keep_seals, mend, read_lines, segments
from desk.trading.segments import SegmentFile, hold_folder, open_segment

Opener = Callable[[Path], SegmentFile]


class Record(NamedTuple):
    """One journal record; times are ISO 8601 UTC, `body` holds plain JSON values, no floats."""

    seq: int
    kind: str
    subject_id: str
    event_time: str
    knowledge_time: str
    body: Mapping[str, object]

    def text(self) -> bytes:
        """The record's canonical JSON. ValueError for a float in `body`."""
        return canonical_bytes(
            {
                "body": self.body,
                "event_time": self.event_time,
                "kind": self.kind,
                "knowledge_time": self.knowledge_time,
                "seq": self.seq,
                "subject_id": self.subject_id,
                "v": VERSION,
            }
        )


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
    segment, the line and the byte. When the disk fails or is full, what was durable stays,
    everything later is given up, and `append` and `wait_durable` raise DataFolderError from then on.
    """

    def __init__(self, folder: Path, *, segment_bytes: int = 64 << 20, opener: Opener = open_segment) -> None:
        self._folder, self._segment_bytes, self._opener = folder, segment_bytes, opener
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._bells = Bells()
        self._hooks: list[Hook] = []
        self._waiting: list[Record] = []
        self._lines = bytearray()
        self._failure = ""
        self._sealing = threading.Lock()
        self._idle = self._closing = self._stopped = False
        self._segment: SegmentFile | None = None
        self._hold = hold_folder(folder)
        try:
            self._seals = mend(folder)
        except BaseException:
            os.close(self._hold)
            raise
        self._current = next(reversed(self._seals), "")
        self._seq = self._synced = self._durable = self._seals[self._current].last if self._current else 0
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
        ValueError for a float in `body` (nothing is numbered then). The writer is woken only
        when it sleeps.
        """
        with self._lock:
            if self._stopped:
                self._check_open()
            record = Record(self._seq + 1, kind, subject_id, event_time, knowledge_time, body)
            self._lines += frame(record.text())
            self._waiting.append(record)
            self._seq = record.seq
            if self._idle:
                self._idle = False
                self._work.notify()
            return record

    def wait_durable(self, seq: int, timeout: float) -> bool:
        """See `Journal.wait_durable`. Raises DataFolderError when the disk failed before `seq`."""
        with self._lock:
            if self._durable >= seq or self._failure:
                return self._is_durable(seq)
            bell = self._bells.hang(seq)
        bell.wait(timeout)
        with self._lock:
            self._bells.take(bell)
            return self._is_durable(seq)

    def _is_durable(self, seq: int) -> bool:
        if self._durable < seq and self._failure:
            self._check_open()
        return self._durable >= seq

    def replay(self, after: int = 0) -> Iterator[Record]:
        """See `Journal.replay`. Damage raises DataFolderError naming segment, line and byte."""
        top = self._synced
        paths = segments(self._folder)
        for index, path in enumerate(paths):
            if index + 1 < len(paths) and first_seq(paths[index + 1]) <= after + 1:
                continue
            for plain in read_lines(path, after):
                record = _record(plain)
                if record.seq > top:
                    return
                yield record

    def seal(self) -> None:
        """Keeps how far the segments are whole, so that the next start need not parse so far."""
        with self._sealing:
            keep_seals(self._folder, dict(self._seals))

    def close(self) -> None:
        """Writes what waits and stops the writer; safe to call twice."""
        with self._lock:
            self._closing = self._stopped = True
            self._work.notify()
        if self._writer is not threading.current_thread():
            self._writer.join()

    def _check_open(self) -> None:
        if self._failure:
            raise DataFolderError(self._failure)
        if self._closing:
            raise DataFolderError("the journal is closed; start the desk again")

    def _write_forever(self) -> None:
        while True:
            with self._lock:
                while not self._waiting and not self._closing:
                    self._idle = True
                    self._work.wait()
                self._idle = False
                group, lines = self._waiting, self._lines
                self._waiting, self._lines = [], bytearray()
            if not group:
                self.seal()
                break
            try:
                self._write(group, lines)
            except Exception as error:  # noqa: BLE001 - a writer that dies in silence would lose orders
                self._fail(error)
                break
            self._tell(group)
            before = self._seals[self._current]
            self._seals[self._current] = Seal(before.size + len(lines), zlib.crc32(lines, before.crc), group[-1].seq)
        if self._segment is not None:
            self._segment.close()
        os.close(self._hold)

    def _write(self, group: list[Record], lines: bytearray) -> None:
        segment = self._segment
        if segment is None or segment.size() >= self._segment_bytes:
            segment = self._segment = self._next_segment(group[0].seq)
        segment.write(lines)
        segment.sync()
        self._synced = group[-1].seq

    def _next_segment(self, seq: int) -> SegmentFile:
        if self._segment is not None:
            self._segment.close()
            self.seal()
        if self._segment is not None or not self._current:
            self._current = f"journal-{seq:012d}.log"
            self._seals[self._current] = Seal(0, 0, seq - 1)
        return self._opener(self._folder / self._current)

    def _tell(self, group: list[Record]) -> None:
        for hook in self._hooks:
            try:
                hook(group)
            except Exception:  # noqa: BLE001 - the records are durable; the hook catches up by replay
                structlog.get_logger("journal").exception("hook failed", first=group[0].seq, last=group[-1].seq)
        with self._lock:
            self._durable = group[-1].seq
            self._bells.ring(self._durable)

    def _fail(self, error: Exception) -> None:
        if self._segment is not None:
            self._segment.roll_back()
        with self._lock:
            self._stopped = True
            self._failure = (
                f"the journal in {self._folder} cannot be written ({getattr(error, 'strerror', None) or error}); "
                f"records up to {self._synced} are safe; free space on that disk and start the desk again"
            )
            self._bells.ring(sys.maxsize)


def _record(plain: Mapping[str, object]) -> Record:
    body = plain["body"]
    if not isinstance(body, dict):
        raise DataFolderError(f"journal record {plain['seq']} has no body; restore the segment from a backup")
    return Record(
        int(str(plain["seq"])),
        str(plain["kind"]),
        str(plain["subject_id"]),
        str(plain["event_time"]),
        str(plain["knowledge_time"]),
        body,
    )
