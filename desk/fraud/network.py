"""The network around a case: who paid whom, out to the accounts nearest to it, each pair drawn once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from desk.fraud.graph import Columns, Flags, Ints

MOST_NODES, MOST_LINKS = 5_000, 20_000


class NetworkLink(NamedTuple):
    """All payments from one account to another: how many, their sum in minor units, the first and the last."""

    source: int
    target: int
    payments: int
    minor: int
    first: int
    last: int


class Network(NamedTuple):
    """Accounts by name, and links between their places in `accounts`; `hops` is each one's distance from the case.

    `left_out` counts what did not fit: accounts, and links among those shown.
    """

    accounts: tuple[str, ...]
    hops: tuple[int, ...]
    links: tuple[NetworkLink, ...]
    left_out: tuple[int, int]


def network_around(columns: Columns, begin: Sequence[str], most: int = MOST_NODES) -> Network:
    """Up to `most` accounts, the nearest to `begin` by payments either way first; of one distance the busiest.

    Without `begin` it starts at the busiest account. Empty for no transfers. At most 20,000 links are kept, the largest
    sums first. Names that never paid or were paid are not shown.
    """
    if not len(columns):
        return Network((), (), (), (0, 0))
    count = len(columns.accounts)
    busy = np.bincount(columns.source, minlength=count) + np.bincount(columns.target, minlength=count)
    places = {name: place for place, name in enumerate(columns.accounts)}
    roots = [places[name] for name in begin if name in places] or [int(busy.argmax())]
    chosen, hops = _nearest(columns, np.array(roots[:most], dtype=np.int64), busy.astype(np.int64), most)
    links, more = _links(columns, chosen)
    names = tuple(columns.accounts[place] for place in chosen.tolist())
    return Network(names, tuple(hops.tolist()), links, (int((busy > 0).sum()) - len(names), more))


def _nearest(columns: Columns, roots: Ints, busy: Ints, most: int) -> tuple[Ints, Ints]:
    """The chosen accounts, nearest first, and their distances."""
    seen: Flags = np.zeros(len(busy), dtype=bool)
    seen[roots] = True
    rings, edge = [roots], roots
    while len(edge) and sum(map(len, rings)) < most:
        inside: Flags = np.zeros(len(busy), dtype=bool)
        inside[edge] = True
        around = np.concatenate([columns.target[inside[columns.source]], columns.source[inside[columns.target]]])
        edge = np.unique(around[~seen[around]])
        edge = edge[np.lexsort((edge, -busy[edge]))][: most - sum(map(len, rings))]
        seen[edge] = True
        rings.append(edge)
    hops = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings]).astype(np.int64)
    return np.concatenate(rings), hops


def _links(columns: Columns, chosen: Ints) -> tuple[tuple[NetworkLink, ...], int]:
    place = np.full(len(columns.accounts), -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    source, target = place[columns.source], place[columns.target]
    rows = np.flatnonzero((source >= 0) & (target >= 0))
    if not len(rows):
        return (), 0
    pairs, group = np.unique(source[rows] * len(chosen) + target[rows], return_inverse=True)
    payments = np.bincount(group)
    minor = np.zeros(len(pairs), dtype=np.int64)
    np.add.at(minor, group, columns.minor[rows])
    first, last = np.full(len(pairs), np.iinfo(np.int64).max), np.zeros(len(pairs), dtype=np.int64)
    np.minimum.at(first, group, columns.at[rows])
    np.maximum.at(last, group, columns.at[rows])
    largest = np.lexsort((pairs, -minor))[:MOST_LINKS].tolist()
    found = tuple(
        NetworkLink(*divmod(int(pairs[n]), len(chosen)), int(payments[n]), int(minor[n]), int(first[n]), int(last[n]))
        for n in largest
    )
    return found, len(pairs) - len(found)
