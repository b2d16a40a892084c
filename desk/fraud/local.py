"""The transaction graph in this process: numpy and scipy, no server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from desk.fraud.columnar import expand, group_median
from desk.fraud.graph import Columns, Flags, Ints, Links, Path, Transfer, extend_columns

FEW = 5
"""Below this many payments a sender's own spread says little; the typical sender's stands in."""
MOST_PATHS = 400_000
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
        c = self.columns
        _, inverse, counts = np.unique(
            np.stack([c.source, c.target, c.at]), axis=1, return_inverse=True, return_counts=True
        )
        many: Flags = counts[inverse.ravel()] > 1
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

    def chains(self, rows: Ints, keep: tuple[float, float], seconds: int, hops: int) -> list[Path]:
        """See `TransactionGraph.chains`; longest extensions of a path are listed beside the path."""
        follow_from, follow_to = self._successors(rows, keep, seconds)
        paths = np.stack([follow_from, follow_to], axis=1) if len(follow_from) else np.zeros((0, 2), np.int64)
        found: list[Path] = []
        starts = np.searchsorted(follow_from, np.arange(len(self.columns) + 1))
        while len(paths):
            paths = paths[self._simple(paths)][:MOST_PATHS]
            found += [tuple(int(row) for row in path) for path in paths]
            if paths.shape[1] >= hops:
                break
            still_open = paths[self.columns.target[paths[:, -1]] != self.columns.source[paths[:, 0]]]
            left, right = expand(starts[still_open[:, -1]], starts[still_open[:, -1] + 1])
            paths = np.concatenate([still_open[left], follow_to[right][:, None]], axis=1)
        return found

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
        c = self.columns
        _, first = np.unique(np.stack([c.source, c.target, c.at]), axis=1, return_index=True)
        again = np.ones(len(c), dtype=np.bool_)
        again[first] = False
        return again

    def _successors(self, rows: Ints, keep: tuple[float, float], seconds: int) -> tuple[Ints, Ints]:
        """All pairs (row, next row), sorted by row."""
        c = self.columns
        by_place = rows[np.lexsort((c.at[rows], c.source[rows]))]
        span = int(c.at.max() - c.at.min()) + seconds + 2 if len(c) else 1
        base = int(c.at.min()) if len(c) else 0
        keys = c.source[by_place] * span + (c.at[by_place] - base)
        ahead = np.sort(rows)
        low = np.searchsorted(keys, c.target[ahead] * span + (c.at[ahead] - base) + 1)
        high = np.searchsorted(keys, c.target[ahead] * span + (c.at[ahead] - base) + seconds, side="right")
        left, right = expand(low, high)
        one, two = ahead[left], by_place[right]
        share = c.minor[two] / c.minor[one]
        good = (share >= keep[0]) & (share <= keep[1])
        return one[good], two[good]

    def _simple(self, paths: Ints) -> Flags:
        """Paths that visit no account twice, except that the last may be the first."""
        c = self.columns
        visited = np.sort(c.source[paths], axis=1)
        distinct = (np.diff(visited, axis=1) != 0).all(axis=1)
        last = c.target[paths[:, -1]][:, None]
        inner: Flags = distinct & (c.source[paths[:, 1:]] != last).all(axis=1)
        return inner


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
