"""Files of transfers: AMLSim samples (`.tgz`), CSV, and Parquet, with source, target, amount, time.

Times are ISO 8601 instants or whole steps; a step counts as a day, and stays a number when shown. Columns of other
names are mapped. An `id` and a `currency` column are read where there are any.
"""

from __future__ import annotations

import csv
import io
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from desk.clock import to_iso
from desk.errors import InputError
from desk.fraud.graph import DAY, Columns, moment_of
from desk.fraud.intake import Counts, Taken, find_columns, take_in

MOST_BYTES = 512 * 2**20
AT_ONCE = 100_000
"""Rows between two words of progress."""
Progress = Callable[[int], None]


@dataclass(frozen=True)
class TransferFile:
    """What a file held; labels that an archive may hold are not read."""

    columns: Columns
    show_time: Callable[[int], str]
    counts: Counts


def read_transfers(
    path: Path,
    chosen: dict[str, str] | None = None,
    now: datetime | None = None,
    progress: Progress = lambda _: None,
) -> TransferFile:
    """Reads a `.tgz` sample, a CSV or a Parquet file. InputError names the file, the line and what is wrong.

    `chosen` names columns by role (source, target, amount, time, id, currency); rows after `now` are left out.
    """
    if not path.is_file():
        raise InputError(
            f"there is no file {path}; give an AMLSim .tgz, or a CSV or Parquet file with source,target,amount,time"
        )
    taken = Taken(path.name)
    try:
        header, rows = _parquet(path, taken) if path.suffix == ".parquet" else _csv(path)
        _gather(taken, find_columns(header, chosen or {}, path.name), rows, progress)
    except (tarfile.TarError, OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} cannot be read as transfers: {error}") from None
    columns, steps, counts = take_in(taken, now)
    show = (lambda at: str(at // DAY)) if steps else (lambda at: to_iso(moment_of(at)))
    return TransferFile(columns, show, counts)


def parse_columns(text: str) -> dict[str, str]:
    """`source=a,target=b` as a mapping. InputError for a part without a name on both sides."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(role.strip() and name.strip() for role, _, name in pairs):
        raise InputError(f"--columns {text!r} is not like source=from,target=to,amount=usd,time=when")
    return {role.strip(): name.strip() for role, _, name in pairs}


def _csv(path: Path) -> tuple[list[str], Iterator[Sequence[str]]]:
    text = _unpack(path) if path.suffix in {".tgz", ".gz"} else path.read_text(encoding="utf-8-sig")
    reader = csv.reader(io.StringIO(text))
    return [name.strip() for name in next(reader, [])], reader


def _unpack(path: Path) -> str:
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            if member.isfile() and Path(member.name).name == "transactions.csv":
                if member.size > MOST_BYTES:
                    raise InputError(f"{path.name}: transactions.csv is larger than {MOST_BYTES >> 20} MiB")
                stream = archive.extractfile(member)
                if stream is not None:
                    return stream.read().decode("utf-8-sig")
    raise InputError(f"{path.name} holds no transactions.csv")


def _parquet(path: Path, taken: Taken) -> tuple[list[str], Iterator[Sequence[str]]]:
    from pyarrow import ArrowException, parquet

    try:
        file = parquet.ParquetFile(path)
    except ArrowException as error:
        raise InputError(f"{path.name} cannot be read as transfers: {error}") from None
    taken.first_line = 1
    header = [str(name) for name in file.schema_arrow.names]

    def rows() -> Iterator[Sequence[str]]:
        for batch in file.iter_batches(AT_ONCE):
            columns = [[_text(value) for value in column.to_pylist()] for column in batch.columns]
            yield from zip(*columns, strict=True)

    return header, rows()


def _text(value: object) -> str:
    """A Parquet value as CSV would have it; an instant without a zone is UTC, nothing is empty."""
    if isinstance(value, datetime):
        return to_iso(value if value.tzinfo else value.replace(tzinfo=UTC))
    return "" if value is None else str(value)


def _gather(taken: Taken, places: dict[str, int], rows: Iterable[Sequence[str]], progress: Progress) -> None:
    source, target, amount, time = (places[role] for role in ("source", "target", "amount", "time"))
    id, currency = places.get("id", -1), places.get("currency", -1)
    filled = (row for row in rows if row)
    while part := list(islice(filled, AT_ONCE)):
        for row in part:
            try:
                taken.sources.append(row[source].strip())
                taken.targets.append(row[target].strip())
                taken.amounts.append(row[amount].strip())
                taken.times.append(row[time].strip())
                taken.ids.append(row[id].strip() if id >= 0 else f"t{len(taken.ids) + 1}")
                if currency >= 0:
                    taken.currencies.add(row[currency].strip())
            except IndexError:
                raise InputError(f"{taken.line(len(taken.ids))} is not a transfer: a field is missing") from None
            if not (taken.sources[-1] and taken.targets[-1] and taken.ids[-1]):
                raise InputError(f"{taken.line(len(taken.ids) - 1)} is not a transfer: an empty field")
        progress(len(taken.ids))
