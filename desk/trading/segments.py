"""One segment file of the journal: append, sync, roll back to what was synced."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Protocol

from desk.errors import HolderBusy


class SegmentFile(Protocol):
    """An append-only file. `write` and `sync` raise OSError when the disk fails or is full."""

    def write(self, data: bytes | bytearray) -> None:
        """Appends all of `data`."""
        ...

    def sync(self) -> None:
        """Returns when everything written is on the disk."""
        ...

    def size(self) -> int:
        """Bytes written so far."""
        ...

    def roll_back(self) -> None:
        """Forgets what was written after the last sync, as far as the disk lets it."""
        ...

    def close(self) -> None:
        """Closes the file; a second call does nothing."""
        ...


class DiskSegment:
    """A segment on a real disk (fdatasync, and fsync of the folder for a new file)."""

    def __init__(self, path: Path) -> None:
        fresh = not path.exists()
        self._handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        self._size = self._synced = os.fstat(self._handle).st_size
        self._open = True
        if fresh:
            sync_folder(path.parent)

    def write(self, data: bytes | bytearray) -> None:
        """See `SegmentFile.write`."""
        rest = memoryview(data)
        while rest:
            done = os.write(self._handle, rest)
            self._size += done
            rest = rest[done:]

    def sync(self) -> None:
        """See `SegmentFile.sync`."""
        getattr(os, "fdatasync", os.fsync)(self._handle)
        self._synced = self._size

    def size(self) -> int:
        """See `SegmentFile.size`."""
        return self._size

    def roll_back(self) -> None:
        """See `SegmentFile.roll_back`; a disk that refuses leaves a torn tail, cut at the next open."""
        try:
            os.ftruncate(self._handle, self._synced)
        except OSError:
            return
        self._size = self._synced

    def close(self) -> None:
        """See `SegmentFile.close`."""
        if self._open:
            self._open = False
            os.close(self._handle)


def open_segment(path: Path) -> DiskSegment:
    """Opens the segment for appending, making it when it is not there."""
    return DiskSegment(path)


def hold_folder(folder: Path) -> int:
    """Takes the folder for this process until the returned handle is closed or the process ends.

    Raises HolderBusy when another holder has it. Without file locks (Windows) it takes nothing.
    """
    handle = os.open(folder / "holder.lock", os.O_CREAT | os.O_RDWR, 0o600)
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise HolderBusy(f"another process writes the journal in {folder}; stop it, or ask it instead") from None
    return handle


def sync_folder(folder: Path) -> None:
    """Makes a new, renamed or removed entry of `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomically(path: Path, data: bytes) -> None:
    """Replaces the file's contents: after a crash it holds the old bytes or the new, whole."""
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)
