"""The transaction graph in this process: numpy and scipy, no server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from desk.fraud.columnar import expand_in_blocks, group_median
from desk.fraud.graph import Columns, Flags, Floats, Ints, Links, Transfer, extend_columns

FEW = 5
"""Below this many payments a sender's own spread says little; the typical sender's stands in."""
BLOCK = 2_000_000
"""Pairs of rows looked at in one go."""
SLACK = 1e-6
NOTHING = Links()


class LocalGraph:
    """TransactionGraph over columns in memory."""

    def __init__(self, columns: Columns, links: Links = NOTHING) -> None:
        self.columns, self.links = columns, links

    def append(self, transfers: Iterable[Transfer]) -> int:
        """Adds transfers and returns how many were new; one that is known already changes nothing.

        InputError for a known id with another content, and for another currency: nothing is added.
        """
        before, self.columns = len(self.columns), extend_columns(self.columns, transfers)
        return len(self.columns) - before

    def link(self, links: Links) -> None:
        """Adds to `links`; what is known already changes nothing."""
        self.links = self.links.joined(links)

    def out_of_character(self, ratio: float, spreads: float) -> Flags:
        """See `TransactionGraph.out_of_character`; a burst at one instant counts as one payment."""
        c = self.columns
        if not len(c):
            return np.zeros(0, dtype=np.bool_)
        single = ~self._repeats_earlier_row()
        logs, senders, n = np.log(c.minor.astype(np.float64)), c.source, len(c.accounts)
        usual = np.log(group_median(senders[single], c.minor[single].astype(np.float64), n))
        away = np.abs(logs - usual[senders])
        spread = group_median(senders[single], away[single], n) * 1.4826
        counts = np.bincount(senders[single], minlength=n)
        known = spread[counts >= FEW]
        spread[counts < FEW] = float(np.median(known)) if len(known) else 0.0
        far: Flags = away > np.maximum(np.log(ratio), spreads * spread[senders])
        return far

    def repeated(self) -> Flags:
        """See `TransactionGraph.repeated`."""
        order, again = self._by_instant()
        many: Flags = np.zeros(len(order), dtype=np.bool_)
        many[order] = again | np.append(again[1:], False)
        return many

    def new_edges(self, since: int) -> Flags:
        """See `TransactionGraph.new_edges`."""
        c = self.columns
        if not len(c):
            return np.zeros(0, dtype=np.bool_)
        key, back = self._edge_keys(), c.target * len(c.accounts) + c.source
        edges, first = np.unique(key, return_index=True)
        first_at = c.at[first]
        age = c.at - first_at[np.searchsorted(edges, key)]
        place = np.minimum(np.searchsorted(edges, back), len(edges) - 1)
        reversed_before = (edges[place] == back) & (first_at[place] < c.at)
        new: Flags = (age <= since) & ~reversed_before
        return new

    def steps(self, rows: Ints, keep: tuple[float, float], within: Ints) -> tuple[Ints, Ints]:
        """See `TransactionGraph.steps`.

        Rows stand by account, by amount in bands as wide as `keep`, and by time: a row looks into three bands only.
        """
        c = self.columns
        if not len(rows):
            return rows, rows
        width = float(np.log(keep[1] / keep[0]))
        logs, least = np.log(c.minor[rows]), float(np.log(c.minor[rows].min())) - 3 * width
        bands = int((logs.max() - least) / width) + 4
        span = int(c.at[-1] - c.at[0]) + 1
        came, left = _Placed.of(rows, c, c.target, (logs - least) / width, bands), rows[within[rows] > 0]
        lows = (np.log(c.minor[left]) - least - np.log(keep[1])) / width - SLACK
        order = np.lexsort((c.at[left], lows.astype(np.int64), c.source[left]))
        left, lows = left[order], lows[order].astype(np.int64)
        later = c.at[left] - c.at[0]
        found = [np.zeros((2, 0), dtype=np.int64)]
        for band in range(3):
            begin = (c.source[left] * bands + lows + band) * span
            low = np.searchsorted(came.keys, begin + np.maximum(later - within[left], 0))
            high = np.searchsorted(came.keys, begin + later)
            for two, one in expand_in_blocks(low, high, BLOCK):
                share = c.minor[left[two]] / c.minor[came.rows[one]]
                good = (share >= keep[0]) & (share <= keep[1])
                found.append(np.stack([came.rows[one[good]], left[two[good]]]))
        pairs = np.concatenate(found, axis=1)
        pairs = pairs[:, np.lexsort((pairs[1], pairs[0]))]
        return pairs[0], pairs[1]

    def components(self, rows: Ints) -> list[Ints]:
        """See `TransactionGraph.components`."""
        if not len(rows):
            return []
        c = self.columns
        n = len(c.accounts)
        ones = np.ones(len(rows), dtype=np.int8)
        _, labels = connected_components(coo_array((ones, (c.source[rows], c.target[rows])), shape=(n, n)), False)
        return group_rows(rows, labels[c.source[rows]])

    def _edge_keys(self) -> Ints:
        return self.columns.source * len(self.columns.accounts) + self.columns.target

    def _repeats_earlier_row(self) -> Flags:
        order, again = self._by_instant()
        flags: Flags = np.zeros(len(order), dtype=np.bool_)
        flags[order] = again
        return flags

    def _by_instant(self) -> tuple[Ints, Flags]:
        """Rows by pair and instant, each kind in order, and whether each is like the one before it."""
        c, key = self.columns, self._edge_keys()
        order = np.argsort(key, kind="stable")
        key, at = key[order], c.at[order]
        again: Flags = np.zeros(len(order), dtype=np.bool_)
        again[1:] = (key[1:] == key[:-1]) & (at[1:] == at[:-1])
        return order, again


class _Placed(NamedTuple):
    """Rows sorted by key: account, band of the amount, time."""

    rows: Ints
    keys: Ints

    @classmethod
    def of(cls, rows: Ints, c: Columns, ends: Ints, place: Floats, bands: int) -> _Placed:
        span = int(c.at[-1] - c.at[0]) + 1
        keys = (ends[rows] * bands + place.astype(np.int64)) * span + (c.at[rows] - c.at[0])
        order = np.argsort(keys, kind="stable")
        return cls(rows[order], keys[order])


class LocalGraphs:
    """Graphs in this process."""

    def hold(self, columns: Columns) -> LocalGraph:
        """See `TransactionGraphs.hold`."""
        return LocalGraph(columns)

    @contextmanager
    def visit(self, columns: Columns) -> Iterator[LocalGraph]:
        """See `TransactionGraphs.visit`."""
        yield LocalGraph(columns)

    def close(self) -> None:
        """Nothing is open."""


def group_rows(rows: Ints, label: NDArray[np.generic]) -> list[Ints]:
    """The rows by their label, each group in order, the groups by their first row."""
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(label[order][1:] != label[order][:-1]) + 1
    groups = [np.sort(rows[part]) for part in np.split(order, cuts)]
    return sorted(groups, key=lambda group: int(group[0]))
