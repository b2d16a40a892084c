"""Measures of a transaction graph's accounts: what a learner may use beside the rules.

Every function takes `Columns` and gives one value an account, in the order of `columns.accounts`; a graph without
transfers gives an empty array. Parallel transfers count each; deterministic.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from desk.errors import InputError
from desk.fraud.graph import Columns, Floats, Ints

try:
    from desk import _core
except ImportError:
    _NATIVE = False
else:
    _NATIVE = True

MOST_LINKS = 200_000
"""Pairs of accounts above which communities are not looked for: so many took Louvain, in Python, 25 s of CPU."""
HUB = 200
"""Neighbours from which on an account is left out of motifs: what passes through a hub is no pattern of a few."""


class Motifs(NamedTuple):
    """Per account (n,): triangles it starts with a short cut (a to b to c, and a to c), rings of three, pairs that pay
    each other.
    """

    forward: Ints
    rings: Ints
    mutual: Ints


class Rows(NamedTuple):
    """Transfers by the account they reach, the account with most of them first.

    `starts` (n + 1) cuts `sources` (m) into rows; `shares` (n): 1 / transfers sent, 0 for none; `order` (n): the
    account of each row. Sources are slots: senders by how much they send; `slots` (n) is the slot of a row's account,
    the same behind all others for every account that sends nothing.
    """

    starts: NDArray[np.int64]
    sources: NDArray[np.uint32]
    slots: NDArray[np.uint32]
    shares: Floats
    order: Ints


def build_rows(columns: Columns) -> Rows:
    """The rows of a graph; once for any number of rankings."""
    n = len(columns.accounts)
    received, sent = (np.bincount(ends, minlength=n) for ends in (columns.target, columns.source))
    order = np.argsort(-received, kind="stable")
    row, slot = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    row[order] = np.arange(n)
    slot[np.argsort(-sent, kind="stable")] = np.arange(n)
    slot = np.minimum(slot, int((sent > 0).sum()))
    by_row = np.argsort(row[columns.target] * (n + 1) + slot[columns.source])
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(received[order])])
    sources = slot[columns.source[by_row]].astype(np.uint32)
    shares = np.where(sent[order] > 0, 1.0 / np.maximum(sent[order], 1), 0.0)
    return Rows(starts, sources, slot[order].astype(np.uint32), shares, order)


def pagerank(columns: Columns, damping: float = 0.85, iterations: int = 20, native: bool = _NATIVE) -> Floats:
    """The probability (n,) of being at an account after `iterations` steps of a walk along transfers; sums to 1.

    With probability 1 - `damping`, and always from an account that sends nothing, the walk goes on anywhere (Page,
    Brin, Motwani and Winograd 1999). `native` False asks for the twin; both agree to 1e-6 of a rank.
    InputError for a damping outside 0 to 1 or iterations outside 0 to 1,000.
    """
    return rank(build_rows(columns), damping, iterations, native)


def rank(rows: Rows, damping: float = 0.85, iterations: int = 20, native: bool = _NATIVE) -> Floats:
    """`pagerank` of rows built before."""
    if not 0 <= damping <= 1 or not 0 <= iterations <= 1000:
        raise InputError(f"damping is 0 to 1 and iterations 0 to 1,000, not {damping} and {iterations}")
    found = np.zeros(len(rows.shares))
    if not len(found):
        return found
    ranked = np.zeros(len(found))
    if native:
        own = rows.slots.data, rows.shares.data
        _core.rank_rows(rows.starts.data, rows.sources.data, *own, damping, iterations, ranked.data)
    else:
        ranked = rank_rows(rows, damping, iterations)
    found[rows.order] = ranked
    return found


def rank_rows(rows: Rows, damping: float, iterations: int) -> Floats:
    """The twin of the kernel: power iteration, one sum a row."""
    n = len(rows.shares)
    targets = np.repeat(np.arange(n), np.diff(rows.starts))
    idle = rows.shares == 0
    ranks: Floats = np.full(n, 1 / n)
    for _ in range(iterations):
        slots = np.zeros(n + 1)
        slots[rows.slots] = ranks * rows.shares
        handed = np.bincount(targets, slots[rows.sources], n)
        ranks = (1 - damping + damping * ranks[idle].sum()) / n + damping * handed
    return ranks


def native_ranking() -> bool:
    """Whether the C kernel is there."""
    return _NATIVE


def components(columns: Columns) -> Ints:
    """The weakly connected component (n,) of each account, numbered from 0 by its first account."""
    n = len(columns.accounts)
    if not n:
        return np.zeros(0, dtype=np.int64)
    ones = np.ones(len(columns), dtype=np.int8)
    graph = coo_array((ones, (columns.source, columns.target)), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    numbers = np.empty(len(first), dtype=np.int64)
    numbers[np.argsort(first)] = np.arange(len(first))
    return numbers[inverse]


def betweenness(columns: Columns, pivots: int = 64, seed: int = 0) -> Floats:
    """How much of the shortest paths from other accounts runs through each (n,), estimated from `pivots` of them.

    Dependencies of Brandes (2001) from pivots drawn without replacement, times n / pivots (Brandes and Pich 2007);
    exact when all accounts are pivots. Parallel transfers are one edge. One pass over the edges a level of distance.
    """
    n = len(columns.accounts)
    total = np.zeros(n)
    if not n:
        return total
    keys = np.unique(columns.source * n + columns.target)
    source, target = keys // n, keys % n
    chosen = np.random.default_rng(seed).permutation(n)[:pivots]
    for pivot in chosen:
        total += _dependencies(int(pivot), source, target, n)
    return total * (n / len(chosen))


def communities(columns: Columns, seed: int = 0) -> Ints:
    """The community (n,) of each account, numbered from 0 by its first account.

    Louvain's method (Blondel et al. 2008) on the undirected graph, a link weighing as many transfers as it has; a seed
    gives the same communities. InputError above `MOST_LINKS` pairs.
    """
    n = len(columns.accounts)
    low, high = np.minimum(columns.source, columns.target), np.maximum(columns.source, columns.target)
    pairs, weights = np.unique(low * n + high, return_counts=True)
    if len(pairs) > MOST_LINKS:
        raise InputError(f"{len(pairs):,} pairs of accounts are too many for communities; the most is {MOST_LINKS:,}")
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(zip((pairs // n).tolist(), (pairs % n).tolist(), weights.tolist(), strict=True))
    found = np.zeros(n, dtype=np.int64)
    groups = networkx.community.louvain_communities(graph, seed=seed) if n else []
    for number, group in enumerate(sorted(groups, key=min)):
        found[list(group)] = number
    return found


def count_motifs(columns: Columns) -> Motifs:
    """Motifs of two and three accounts (Milo et al. 2002), without accounts of `HUB` neighbours or more."""
    n = len(columns.accounts)
    other = columns.source != columns.target
    keys = np.unique(columns.source[other] * n + columns.target[other])
    source, target = keys // max(n, 1), keys % max(n, 1)
    small = np.bincount(source, minlength=n) + np.bincount(target, minlength=n) < HUB
    kept = small[source] & small[target]
    ones = np.ones(int(kept.sum()), dtype=np.int64)
    links = coo_array((ones, (source[kept], target[kept])), shape=(n, n)).tocsr()
    back, two = links.T.tocsr(), links @ links
    found = [np.asarray(some.sum(axis=1), dtype=np.int64).ravel() for some in (two * links, two * back, links * back)]
    return Motifs(*found)


def _dependencies(pivot: int, source: Ints, target: Ints, n: int) -> Floats:
    distance = np.full(n, -1, dtype=np.int64)
    paths, share = np.zeros(n), np.zeros(n)
    distance[pivot], paths[pivot] = 0, 1.0
    levels: list[Ints] = []
    while True:
        onward = np.flatnonzero((distance[source] == len(levels)) & (distance[target] < 0))
        if not len(onward):
            break
        distance[target[onward]] = len(levels) + 1
        paths += np.bincount(target[onward], paths[source[onward]], n)
        levels.append(onward)
    for onward in reversed(levels):
        near, far = source[onward], target[onward]
        share += np.bincount(near, paths[near] / paths[far] * (1 + share[far]), n)
    share[pivot] = 0.0
    return share
