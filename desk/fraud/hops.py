"""Money that moves on from account to account, followed only as far as chance does not explain it.

A hop counts only while its account is expected to pay on less than one such sum in that time. A path is followed only
while its hops, with the best that may still come, can reach the surprise asked for: the bound is exact, and the paths
are those that a search of all would keep. On a random graph hops get fewer with every account, so the search ends.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from desk.fraud.chance import hop_chance, longest_gaps
from desk.fraud.columnar import expand
from desk.fraud.graph import Columns, Flags, Floats, Ints
from desk.fraud.scene import Scene

MOST_PATHS = 400_000
"""Paths of one length that are followed; beyond it those that may become the most surprising."""
SLACK = 1e-9


class Hops(NamedTuple):
    """Pairs of rows sorted by the first: the row that brought money, the row it left by, the logarithm of chance."""

    before: Ints
    after: Ints
    chance: Floats


class Paths(NamedTuple):
    """Paths of one length as rows of a table (n, length), and the sum of their hops' chances (n,)."""

    rows: Ints
    chance: Floats

    def kept(self, which: Flags | Ints) -> Paths:
        """Some of them."""
        return Paths(self.rows[which], self.chance[which])


def find_hops(scene: Scene, rows: Ints, keep: tuple[float, float], seconds: int) -> Hops:
    """Hops between these rows of which chance would bring less than one."""
    c, habits, rates, usual = scene.columns, scene.habits, scene.rates, scene.t.pass_keep
    within = np.zeros(len(c), dtype=np.int64)
    within[rows] = np.minimum(longest_gaps(c, habits, rates, rows, usual), seconds)
    before, after = scene.graph.steps(rows, keep, within)
    return Hops(before, after, hop_chance(c, habits, rates, before, after, usual))


def follow(c: Columns, hops: Hops, lengths: tuple[int, int], most: float) -> list[Paths]:
    """Paths of at least and at most so many rows whose hops sum to `most` or less; rings are closed and end there.

    No account stands twice on a path, except that the last may be the first.
    """
    least, longest = lengths
    ahead = _best_ahead(hops, len(c), longest - 2)
    starts = np.searchsorted(hops.before, np.arange(len(c) + 1))
    paths, found = Paths(np.stack([hops.before, hops.after], axis=1), hops.chance), []
    for length in range(2, longest + 1):
        paths = paths.kept(paths.chance + ahead[longest - length][paths.rows[:, -1]] <= most + SLACK)
        paths = _fewest(paths.kept(_simple(c, paths.rows)), ahead[longest - length])
        if length >= least:
            found.append(paths.kept(paths.chance <= most + SLACK))
        still = paths.kept(c.target[paths.rows[:, -1]] != c.source[paths.rows[:, 0]])
        left, right = expand(starts[still.rows[:, -1]], starts[still.rows[:, -1] + 1])
        longer = np.concatenate([still.rows[left], hops.after[right][:, None]], axis=1)
        paths = Paths(longer, still.chance[left] + hops.chance[right])
    return found


def _best_ahead(hops: Hops, rows: int, most: int) -> list[Floats]:
    """Per number of further hops up to `most`, and per row, the least that so many or fewer hops can sum to."""
    best = [np.zeros(rows)]
    heads = np.flatnonzero(np.diff(hops.before, prepend=-1)) if len(hops.before) else hops.before
    for _ in range(most):
        sums = np.zeros(rows)
        if len(heads):
            least = np.minimum.reduceat(hops.chance + best[-1][hops.after], heads)
            sums[hops.before[heads]] = np.minimum(least, 0.0)
        best.append(sums)
    return best


def _fewest(paths: Paths, ahead: Floats) -> Paths:
    """At most `MOST_PATHS`, the most promising of them, in their order."""
    if len(paths.rows) <= MOST_PATHS:
        return paths
    promise = paths.chance + ahead[paths.rows[:, -1]]
    return paths.kept(np.sort(np.argsort(promise, kind="stable")[:MOST_PATHS]))


def _simple(c: Columns, paths: Ints) -> Flags:
    """Paths that visit no account twice, except that the last may be the first."""
    visited = np.sort(c.source[paths], axis=1)
    distinct = (np.diff(visited, axis=1) != 0).all(axis=1)
    last = c.target[paths[:, -1]][:, None]
    inner: Flags = distinct & (c.source[paths[:, 1:]] != last).all(axis=1)
    return inner
