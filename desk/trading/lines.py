"""The lines of the journal's segments: written, read, checked and mended.

A line is `CRC32 TEXT`: eight hexadecimal digits, a space, canonical JSON. `seals.json` beside the
segments says how far each was whole when it was last closed or sealed (bytes, CRC32 of them all,
newest record), so that a start need not parse what a checksum over the whole proves unchanged.
The seals only save time: without them, or where one does not fit, every line is read.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

import orjson
import structlog

from desk.errors import DataFolderError
from desk.ledger.canonical import canonical_bytes
from desk.trading.segments import write_atomically

VERSION = 1
SEALS = "seals.json"
_CHUNK = 1 << 20


class Seal(NamedTuple):
    """The first `size` bytes of a segment have this CRC32 and end with record `last`."""

    size: int
    crc: int
    last: int


def frame(text: bytes) -> bytes:
    """The line of a canonical text, line end included."""
    return b"%08x %s\n" % (zlib.crc32(text), text)


def unframe(line: bytes) -> bytes | None:
    """The text of a line; None when its checksum differs."""
    crc, _, text = line.rstrip(b"\n").partition(b" ")
    return text if crc == b"%08x" % zlib.crc32(text) else None


def segments(folder: Path) -> list[Path]:
    """The folder's segments, oldest first."""
    return sorted(folder.glob("journal-*.log"))


def first_seq(path: Path) -> int:
    """The number of a segment's first record: it stands in the name."""
    return int(path.stem.partition("-")[2])


def read_lines(path: Path, after: int = 0) -> Iterator[dict[str, object]]:
    """The plain records of a segment after `after`; stops at a line that has no end yet.

    Damage raises DataFolderError naming segment, line and byte.
    """
    first = first_seq(path)
    with path.open("rb") as file:
        yield from _read(file, path, Seal(0, 0, first - 1), after)


def mend(folder: Path) -> dict[str, Seal]:
    """Checks every segment, cuts off a torn last line; how far each goes, by name, oldest first."""
    known, found, last = load_seals(folder), dict[str, Seal](), 0
    paths = segments(folder)
    for path in paths:
        if first_seq(path) != last + 1:
            raise DataFolderError(f"journal segment {path.name} does not follow record {last}; restore the one between")
        if path is paths[-1]:
            _cut_torn_line(path)
        found[path.name] = _check(path, known.get(path.name))
        last = found[path.name].last
    return found


def load_seals(folder: Path) -> dict[str, Seal]:
    """The seals that were kept; empty when there are none or they cannot be read (logged)."""
    try:
        text = unframe((folder / SEALS).read_bytes())
        plain = orjson.loads(text or b"")
        return {name: Seal(*seal) for name, seal in plain["seals"].items()} if plain["v"] == VERSION else {}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError):
        structlog.get_logger("journal").warning("the seals cannot be read; every record is checked", file=SEALS)
        return {}


def keep_seals(folder: Path, seals: Mapping[str, Seal]) -> None:
    """Replaces the kept seals. A disk that refuses costs the next start its shortcut, nothing else (logged)."""
    plain = {"v": VERSION, "seals": {name: list(seal) for name, seal in seals.items()}}
    try:
        write_atomically(folder / SEALS, frame(canonical_bytes(plain)))
    except OSError as error:
        structlog.get_logger("journal").warning("the seals cannot be kept", why=str(error))


def _check(path: Path, seal: Seal | None) -> Seal:
    with path.open("rb") as file:
        start = Seal(0, 0, first_seq(path) - 1)
        if seal is not None and not _fits(file, seal):
            structlog.get_logger("journal").warning("a segment is not as it was sealed", segment=path.name)
            seal = None
        last = start.last
        for plain in _read(file, path, seal or start):
            last = int(str(plain["seq"]))
        end = file.seek(0, os.SEEK_END)
        return Seal(end, _crc(file, end), last) if seal is None else _extend(file, seal, end, last)


def _extend(file: BinaryIO, seal: Seal, end: int, last: int) -> Seal:
    file.seek(seal.size)
    return Seal(end, zlib.crc32(file.read(end - seal.size), seal.crc), max(last, seal.last))


def _fits(file: BinaryIO, seal: Seal) -> bool:
    return os.fstat(file.fileno()).st_size >= seal.size and _crc(file, seal.size) == seal.crc


def _crc(file: BinaryIO, size: int) -> int:
    """CRC32 of the file's first `size` bytes."""
    file.seek(0)
    crc = 0
    while size > 0 and (chunk := file.read(min(size, _CHUNK))):
        crc = zlib.crc32(chunk, crc)
        size -= len(chunk)
    return crc


def _cut_torn_line(path: Path) -> None:
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        whole = _last_line_end(file, end)
        if whole < end:
            file.truncate(whole)
            os.fsync(file.fileno())
            structlog.get_logger("journal").warning("cut a torn line", segment=path.name, bytes=end - whole)


def _last_line_end(file: BinaryIO, end: int) -> int:
    while end > 0:
        start = max(0, end - _CHUNK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _read(file: BinaryIO, path: Path, start: Seal, after: int = 0) -> Iterator[dict[str, object]]:
    """Records behind a seal; those up to `after` are passed over unread."""
    file.seek(start.size)
    offset, seq = start.size, start.last
    for line in file:
        if not line.endswith(b"\n"):
            return  # being written now, or torn: the opener cuts it
        seq += 1
        if seq > after:
            yield _parse(line, path, seq, offset)
        offset += len(line)


def _parse(line: bytes, path: Path, expected: int, offset: int) -> dict[str, object]:
    text = unframe(line)
    plain: dict[str, object] = {} if text is None else orjson.loads(text)
    if text is not None and plain["seq"] == expected and plain["v"] == VERSION:
        return plain
    where = f"journal segment {path.name} line {expected - first_seq(path) + 1} at byte offset {offset}"
    if text is None:
        raise DataFolderError(f"{where} is damaged (its checksum differs); restore the segment from a backup")
    if int(str(plain["v"])) > VERSION:
        raise DataFolderError(f"{where} has version {plain['v']}, this program knows {VERSION}; install the newer one")
    raise DataFolderError(f"{where} is record {plain['seq']}, not {expected}; restore the segment from a backup")
