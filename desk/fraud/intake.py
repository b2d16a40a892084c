"""Rows of text into columns of transfers, with the checks a file from outside needs.

Wrong data raises, naming the line: a missing column, an amount that is none, not above zero or beyond any transfer, a
time that is none, one id for two different transfers, several currencies. What is merely odd is put right and counted:
rows out of order, rows dated after now, payments to oneself, the same row twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import numpy as np

from desk.clock import from_iso
from desk.errors import InputError
from desk.fraud.graph import DAY, Columns, Flags, Ints, build_columns
from desk.money import minor_digits

MOST_MINOR = 10**15
"""No transfer moves more minor units; beyond it sums could overflow."""
NAMES = {
    "source": ("source", "sourceNodeId", "SENDER_ACCOUNT_ID", "orig"),
    "target": ("target", "targetNodeId", "RECEIVER_ACCOUNT_ID", "bene"),
    "amount": ("amount", "value", "TX_AMOUNT"),
    "time": ("time", "timestamp", "TIMESTAMP"),
    "id": ("id", "transfer_id", "TX_ID"),
    "currency": ("currency",),
}
NEEDED = ("source", "target", "amount", "time")


@dataclass(frozen=True)
class Counts:
    """What was read and what was put right: rows left out are none of `transfers`."""

    transfers: int
    unordered: int = 0
    future: int = 0
    to_oneself: int = 0
    repeated: int = 0


@dataclass
class Taken:
    """Rows gathered from a file. `first_line` is the line of the first row, for messages."""

    file: str
    first_line: int = 2
    ids: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    amounts: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    currencies: set[str] = field(default_factory=set)

    def line(self, row: int) -> str:
        """Where a row stands."""
        return f"line {row + self.first_line} of {self.file}"


def find_columns(header: Sequence[str], chosen: dict[str, str], file: str) -> dict[str, int]:
    """The place of each column, `chosen` names first. InputError names every column that is missing."""
    for role, name in chosen.items():
        if role not in NAMES:
            raise InputError(f"--columns {role}={name}: the columns are {', '.join(NAMES)}")
        if name not in header:
            raise InputError(f"{file} has no column {name!r} for {role}; its columns are {_listed(header)}")
    names = {role: (chosen[role],) if role in chosen else known for role, known in NAMES.items()}
    places = {role: next((header.index(n) for n in known if n in header), -1) for role, known in names.items()}
    missing = [repr(role) for role in NEEDED if places[role] < 0]
    if missing:
        raise InputError(
            f"{file} has no column {' or '.join(missing)}; its columns are {_listed(header)}; "
            "name them with --columns source=…,target=…,amount=…,time=…"
        )
    return {role: place for role, place in places.items() if place >= 0}


def take_in(taken: Taken, now: datetime | None) -> tuple[Columns, bool, Counts]:
    """The transfers as columns, whether times are steps, and the counts. `now` None means any time is past."""
    currency = _currency(taken)
    minor = _minor(taken, currency)
    steps = all(time.isdigit() for time in taken.times)
    at = _seconds(taken, steps)
    again = _repeated(taken, minor, at)
    late = np.zeros(len(at), np.bool_) if steps or now is None else at > int(now.timestamp())
    own = np.array([s == t for s, t in zip(taken.sources, taken.targets, strict=True)], dtype=np.bool_)
    keep = np.flatnonzero(~(again | late | own)).tolist()
    counts = Counts(
        transfers=len(keep),
        unordered=int((np.diff(at) < 0).sum()),
        future=int(late.sum()),
        to_oneself=int((own & ~late & ~again).sum()),
        repeated=int(again.sum()),
    )
    ids, sources, targets = ([names[row] for row in keep] for names in (taken.ids, taken.sources, taken.targets))
    return build_columns(ids, sources, targets, minor[keep], at[keep], currency), steps, counts


def _currency(taken: Taken) -> str:
    found = sorted(taken.currencies - {""})
    if len(found) > 1:
        raise InputError(
            f"{taken.file} is in {' and '.join(found[:5])} without rates; convert it, or scan one currency at a time"
        )
    return found[0] if found else "USD"


def _minor(taken: Taken, currency: str) -> Ints:
    scale = 10 ** minor_digits(currency)
    minor = np.zeros(len(taken.amounts), dtype=np.int64)
    for row, text in enumerate(taken.amounts):
        try:
            exact = Decimal(text) * scale
            if exact > MOST_MINOR:
                raise InputError(f"{taken.line(row)} moves {text}, more than any transfer can")
            minor[row] = round(exact)
        except (ArithmeticError, ValueError):
            raise InputError(f"{taken.line(row)} is not a transfer: amount {text!r} is no number it can move") from None
        if minor[row] <= 0:
            raise InputError(f"{taken.line(row)} has no amount above zero: {text}")
    return minor


def _seconds(taken: Taken, steps: bool) -> Ints:
    at = np.zeros(len(taken.times), dtype=np.int64)
    for row, time in enumerate(taken.times):
        try:
            at[row] = int(time) * DAY if steps else int(from_iso(time).timestamp())
        except (ValueError, OverflowError) as error:
            fault = f"{taken.line(row)} has a time that is neither a step nor an ISO instant: {error}"
            raise InputError(fault) from None
    return at


def _repeated(taken: Taken, minor: Ints, at: Ints) -> Flags:
    """Rows that stand there before, to the letter. InputError for one id with two meanings."""
    again = np.zeros(len(taken.ids), dtype=np.bool_)
    first: dict[str, int] = {}
    columns = (taken.sources, taken.targets, minor, at)
    for row, id in enumerate(taken.ids):
        before = first.setdefault(id, row)
        if before == row:
            continue
        if any(column[before] != column[row] for column in columns):
            raise InputError(f"{taken.line(row)}: id {id!r} stands in {taken.line(before)} for another transfer")
        again[row] = True
    return again


def _listed(header: Sequence[str]) -> str:
    return ", ".join(header) or "missing"
