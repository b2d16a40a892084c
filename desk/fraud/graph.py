"""The graph of transfers: its columns, and the questions every rule is made of.

Amounts are integer minor units of one currency, times whole seconds since 1970-01-01 UTC. Edges
are referred to by their row in the columns. Empty means there is nothing; damaged input raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from desk.errors import InputError

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Path = tuple[int, ...]
DAY = 86_400


class Transfer(NamedTuple):
    """One payment between two accounts."""

    id: str
    source: str
    target: str
    minor: int
    currency: str
    at: datetime


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

    def chains(self, rows: Ints, keep: tuple[float, float], seconds: int, hops: int) -> list[Path]:
        """Paths of 2 to `hops` of these rows, on which no account stands twice; rings are closed paths.

        Each row leaves where the last arrived, later by at most `seconds`, with a share of its
        amount within `keep`.
        """
        ...

    def components(self, rows: Ints) -> list[Ints]:
        """The weakly connected groups of these rows, by their first row."""
        ...
