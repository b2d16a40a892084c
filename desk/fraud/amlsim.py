"""Files of transfers: AMLSim samples (`.tgz`) and plain CSV with source, target, amount, time.

Times are ISO 8601 instants or whole steps; a step counts as a day, and stays a number when shown.
"""

from __future__ import annotations

import csv
import io
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np

from desk.clock import from_iso, to_iso
from desk.errors import InputError
from desk.fraud.graph import DAY, Columns, build_columns, moment_of

MOST_BYTES = 512 * 2**20
NAMES = {
    "source": ("source", "sourceNodeId", "SENDER_ACCOUNT_ID", "orig"),
    "target": ("target", "targetNodeId", "RECEIVER_ACCOUNT_ID", "bene"),
    "amount": ("amount", "value", "TX_AMOUNT"),
    "time": ("time", "timestamp", "TIMESTAMP"),
}


@dataclass(frozen=True)
class TransferFile:
    """What a file held; labels that an archive may hold are not read."""

    columns: Columns
    show_time: Callable[[int], str]


def read_transfers(path: Path) -> TransferFile:
    """Reads a `.tgz` sample or a CSV file. InputError names the file, the line and what is wrong."""
    if not path.is_file():
        raise InputError(f"there is no file {path}; give an AMLSim .tgz or a CSV with source,target,amount,time")
    try:
        if path.suffix in {".tgz", ".gz"}:
            texts = _unpack(path)
        else:
            texts = {"transactions.csv": path.read_text(encoding="utf-8-sig")}
    except (tarfile.TarError, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} cannot be read as transfers: {error}") from None
    if "transactions.csv" not in texts:
        raise InputError(f"{path.name} holds no transactions.csv")
    columns, steps = _read_rows(texts["transactions.csv"], path.name)
    show = (lambda at: str(at // DAY)) if steps else (lambda at: to_iso(moment_of(at)))
    return TransferFile(columns, show)


def _unpack(path: Path) -> dict[str, str]:
    texts = {}
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            name = Path(member.name).name
            if member.isfile() and name == "transactions.csv" and member.size <= MOST_BYTES:
                stream = archive.extractfile(member)
                if stream is not None:
                    texts[name] = stream.read().decode("utf-8-sig")
    return texts


def _read_rows(text: str, file: str) -> tuple[Columns, bool]:
    reader = csv.reader(io.StringIO(text))
    header = [name.strip() for name in next(reader, [])]
    places = [_place(header, wanted, file) for wanted in ("source", "target", "amount", "time")]
    sources, targets, minor, times = [], [], [], []
    try:
        for row in reader:
            source, target, amount, time = (row[place].strip() for place in places)
            sources.append(source)
            targets.append(target)
            minor.append(round(Decimal(amount) * 100))
            times.append(time)
    except (IndexError, InvalidOperation, ValueError, csv.Error) as error:
        raise InputError(f"line {reader.line_num} of {file} is not a transfer: {error or 'an empty field'}") from None
    steps = all(time.isdigit() for time in times)
    at = _seconds(times, steps, file)
    ids = [f"t{n}" for n in range(1, len(sources) + 1)]
    amounts = np.array(minor, dtype=np.int64)
    return build_columns(ids, sources, targets, amounts, np.array(at, dtype=np.int64)), steps


def _place(header: list[str], wanted: str, file: str) -> int:
    found = next((header.index(name) for name in NAMES[wanted] if name in header), None)
    if found is None:
        raise InputError(f"{file} has no column {wanted!r}; its columns are {', '.join(header) or 'missing'}")
    return found


def _seconds(times: Iterable[str], steps: bool, file: str) -> list[int]:
    try:
        return [int(time) * DAY if steps else int(from_iso(time).timestamp()) for time in times]
    except ValueError as error:
        raise InputError(f"{file} has a time that is neither a step nor an ISO instant: {error}") from None
