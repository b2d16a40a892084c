"""The graph of transfers: its columns, and the questions every rule is made of.

Amounts are integer minor units of one currency, times whole seconds since 1970-01-01 UTC. Edges
are referred to by their row in the columns. Empty means there is nothing; damaged input raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from desk.errors import InputError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
DAY = 86_400


class Transfer(NamedTuple):
    """One payment between two accounts."""

    id: str
    source: str
    target: str
    minor: int
    currency: str
    at: datetime


class Ownership(NamedTuple):
    """A person owns an account since `at`, in seconds of the columns."""

    person: str
    account: str
    at: int


class DeviceUse(NamedTuple):
    """A device acted for an account at a time in seconds of the columns."""

    device: str
    account: str
    at: int


class Traded(NamedTuple):
    """A fill: an account's side of a trade in an instrument, with its units and its whole amount."""

    id: str
    account: str
    instrument: str
    side: Literal["buy", "sell"]
    units: int
    minor: int
    currency: str
    at: int


class Filed(NamedTuple):
    """A filing about an instrument, with its form, when it became public."""

    id: str
    instrument: str
    form: str
    at: int


@dataclass(frozen=True)
class Links:
    """What stands around the transfers; each kind sorted, nothing twice."""

    owners: tuple[Ownership, ...] = ()
    devices: tuple[DeviceUse, ...] = ()
    trades: tuple[Traded, ...] = ()
    filings: tuple[Filed, ...] = ()

    def joined(self, more: Links) -> Links:
        """Both; InputError when a trade or a filing has one id and two contents."""
        both = Links(
            tuple(sorted({*self.owners, *more.owners})),
            tuple(sorted({*self.devices, *more.devices})),
            tuple(sorted({*self.trades, *more.trades})),
            tuple(sorted({*self.filings, *more.filings})),
        )
        for ids in ([one.id for one in both.trades], [one.id for one in both.filings]):
            twice = next((a for a, b in pairwise(ids) if a == b), None)
            if twice is not None:
                raise InputError(f"{twice!r} is there with another content already; give it an id of its own")
        return both


@dataclass(frozen=True)
class Columns:
    """Transfers as columns, sorted by time; `source` and `target` are rows of `accounts`."""

    accounts: tuple[str, ...]
    ids: tuple[str, ...]
    source: Ints
    target: Ints
    minor: Ints
    at: Ints
    currency: str = "USD"

    def __len__(self) -> int:
        return len(self.ids)


def build_columns(
    ids: Sequence[str], sources: Sequence[str], targets: Sequence[str], minor: Ints, at: Ints, currency: str = "USD"
) -> Columns:
    """Columns from parallel sequences in any order. InputError for an amount that is not above zero."""
    if len(minor) and int(minor.min()) <= 0:
        raise InputError(f"transfer {ids[int(minor.argmin())]!r} has no amount above zero")
    names, codes = np.unique(np.array([*sources, *targets], dtype=str), return_inverse=True)
    order = np.lexsort((np.arange(len(at)), at))
    source, target = codes[: len(sources)].astype(np.int64), codes[len(sources) :].astype(np.int64)
    return Columns(
        accounts=tuple(str(name) for name in names),
        ids=tuple(ids[i] for i in order),
        source=source[order],
        target=target[order],
        minor=minor[order].astype(np.int64),
        at=at[order].astype(np.int64),
        currency=currency,
    )


def columns_of(transfers: Iterable[Transfer]) -> Columns:
    """Columns of transfers of one currency; InputError when there are two."""
    rows = list(transfers)
    currencies = sorted({row.currency for row in rows}) or ["USD"]
    if len(currencies) > 1:
        raise InputError(f"transfers are in {' and '.join(currencies)}; scan one currency at a time")
    minor = np.array([row.minor for row in rows], dtype=np.int64)
    at = np.array([int(row.at.timestamp()) for row in rows], dtype=np.int64)
    names = [row.source for row in rows], [row.target for row in rows]
    return build_columns([row.id for row in rows], *names, minor, at, currencies[0])


def extend_columns(columns: Columns, transfers: Iterable[Transfer]) -> Columns:
    """The columns with these transfers after those of the same instant; known ones change nothing.

    InputError for a known id with another content, an amount not above zero, and another currency.
    """
    place = {id: row for row, id in enumerate(columns.ids)}
    fresh: dict[str, Transfer] = {}
    for transfer in transfers:
        if transfer.id in place:
            same = transfer_of(columns, place[transfer.id])
        else:
            same = fresh.setdefault(transfer.id, transfer)
        if same._replace(at=transfer.at) != transfer or int(same.at.timestamp()) != int(transfer.at.timestamp()):
            raise InputError(
                f"transfer {transfer.id!r} is there with another content already; give it an id of its own"
            )
    new = columns_of(fresh.values())
    if not len(new):
        return columns
    if len(columns) and new.currency != columns.currency:
        raise InputError(f"transfers are in {columns.currency} and {new.currency}; scan one currency at a time")
    return _joined(columns, new)


def _joined(old: Columns, new: Columns) -> Columns:
    """Both, merged by time in one pass; of one instant the old ones first."""
    names = np.array(sorted({*old.accounts, *new.accounts}), dtype=str)
    spots = np.searchsorted(old.at, new.at, side="right")

    def both(left: Ints, right: Ints) -> Ints:
        return np.insert(left, spots, right)

    def codes(columns: Columns, ends: Ints) -> Ints:
        return np.searchsorted(names, np.array(columns.accounts, dtype=str)).astype(np.int64)[ends]

    rows = both(np.arange(len(old)), len(old) + np.arange(len(new)))
    ids = [*old.ids, *new.ids]
    return Columns(
        accounts=tuple(str(name) for name in names),
        ids=tuple(ids[row] for row in rows.tolist()),
        source=both(codes(old, old.source), codes(new, new.source)) if len(old) else codes(new, new.source),
        target=both(codes(old, old.target), codes(new, new.target)) if len(old) else codes(new, new.target),
        minor=both(old.minor, new.minor),
        at=both(old.at, new.at),
        currency=new.currency,
    )


def transfer_of(columns: Columns, row: int) -> Transfer:
    """One row of the columns."""
    source, target = (columns.accounts[end[row]] for end in (columns.source, columns.target))
    amount, at = int(columns.minor[row]), moment_of(int(columns.at[row]))
    return Transfer(columns.ids[row], source, target, amount, columns.currency, at)


def moment_of(seconds: int) -> datetime:
    """Seconds of the columns as an instant."""
    return datetime.fromtimestamp(seconds, UTC)


class TransactionGraph(Protocol):
    """What a back end of the graph can answer. All results are deterministic."""

    @property
    def columns(self) -> Columns:
        """The transfers."""
        ...

    def out_of_character(self, ratio: float, spreads: float) -> Flags:
        """Per transfer, whether its amount is far from its sender's own usual one.

        Far is a factor of more than `ratio` from the sender's median and more than `spreads`
        median absolute deviations (of logarithms) from it.
        """
        ...

    def repeated(self) -> Flags:
        """Per transfer, whether the same edge was paid more than once at the very same instant."""
        ...

    def new_edges(self, since: int) -> Flags:
        """Per transfer, whether the edge is at most `since` seconds old, and its reverse was never paid before."""
        ...

    def steps(self, rows: Ints, keep: tuple[float, float], within: Ints) -> tuple[Ints, Ints]:
        """Pairs of these rows along which money moved on: the row it came by, the row it left by; sorted by both.

        The second leaves where the first arrived, later by at most `within` of the second (seconds, one for each
        transfer of the columns; 0 for never), with a share of its amount within `keep`.
        """
        ...

    def components(self, rows: Ints) -> list[Ints]:
        """The weakly connected groups of these rows, by their first row."""
        ...


class TransactionGraphs(Protocol):
    """Where graphs are made: the back end that the settings chose."""

    def hold(self, columns: Columns) -> TransactionGraph:
        """The desk's own graph, holding exactly these transfers."""
        ...

    def visit(self, columns: Columns) -> AbstractContextManager[TransactionGraph]:
        """A graph of other transfers for as long as they are looked at; nothing of it stays."""
        ...

    def close(self) -> None:
        """Releases what is open; safe to call twice."""
        ...
