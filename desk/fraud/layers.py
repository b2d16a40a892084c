"""The rules over layers: the same senders to the same receivers (bipartite), and such layers in a row (stack)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from desk.fraud.alerts import Finding
from desk.fraud.columnar import expand_in_blocks
from desk.fraud.graph import Columns, Flags, Floats, Ints
from desk.fraud.scene import Scene

BLOCK, REMAINDERS = 4_000_000, 16_777_213
"""Pairs looked at in one go; a prime, so that keys spread over it."""


class _Block(NamedTuple):
    """Senders that share receivers: its rows and the sum of their surprise."""

    givers: frozenset[int]
    takers: frozenset[int]
    rows: tuple[int, ...]
    surprise: float


def find_layers(scene: Scene, taken: Flags) -> list[Finding]:
    """Blocks of stray payments; two of which one pays what the other paid to are a stack."""
    _c, t = scene.columns, scene.t
    blocks = _blocks(scene, np.flatnonzero(scene.ready & ~taken))
    found, joined = [], set[int]()
    for n, block in enumerate(blocks):
        after = [
            m
            for m, other in enumerate(blocks)
            if m != n and {m, n}.isdisjoint(joined) and len(block.takers & other.givers) >= t.layer_shared
        ]
        if after and n not in joined:
            joined |= {n, *after}
            rows = tuple(sorted({row for m in (n, *after) for row in blocks[m].rows}))
            alarms = np.log(scene.rates.rows) - sum(blocks[m].surprise for m in (n, *after))
            found.append(Finding("stack", rows, ("stack", "stray_edges", "beyond_chance"), t.score_of(alarms)))
    for n, block in enumerate(blocks):
        if n not in joined:
            alarms = np.log(scene.rates.rows) - block.surprise
            rules = ("bipartite", "stray_edges", "beyond_chance")
            found.append(Finding("bipartite", block.rows, rules, t.score_of(alarms)))
    return found


def _blocks(scene: Scene, rows: Ints) -> list[_Block]:
    """Groups of at least three senders and three receivers, nearly all paying all, no account on both sides."""
    c, t = scene.columns, scene.t
    weight = _surprise(scene, rows)
    keep = weight >= t.layer_surprise
    rows, weight = rows[keep], weight[keep]
    order = np.lexsort((c.at[rows], c.target[rows]))
    rows, weight = rows[order], weight[order]
    span = int(c.at[-1] - c.at[0]) + scene.longest + 2
    keys = c.target[rows] * span + (c.at[rows] - c.at[0])
    here = np.arange(len(rows))
    until = np.searchsorted(keys, keys + scene.longest, side="right")
    one, two, key = _pairs(c, rows, weight, (here + 1, np.minimum(until, here + 1 + t.fan_most)), t.layer_together)
    # a pair counts once per shared receiver
    shared, first = np.unique(key * len(c.accounts) + c.target[rows[one]], return_index=True)
    pairs, place, count = np.unique(shared // len(c.accounts), return_inverse=True, return_counts=True)
    together = np.bincount(place, weight[one[first]] + weight[two[first]])
    strong = pairs[(count >= t.layer_shared) & (together >= t.layer_together)]
    inside = np.isin(key, strong)
    near = np.unique(np.concatenate([rows[one[inside]], rows[two[inside]]]))
    surprise_of = np.zeros(len(c))
    surprise_of[rows] = weight
    return _grown(scene, near, strong, surprise_of)


def _pairs(
    c: Columns, rows: Ints, weight: Floats, spans: tuple[Ints, Ints], together: float
) -> tuple[Ints, Ints, Ints]:
    """Pairs of places that share a receiver, and a key of their two senders; those too weak together are left out.

    The first pass sums weights by a remainder of the key, where several pairs may meet: no sum is below its pair's.
    """
    sums = np.zeros(REMAINDERS)
    for one, _, key, both in _pairs_in_blocks(c, rows, weight, spans):
        if len(one):
            sums += np.bincount(key % REMAINDERS, both, REMAINDERS)
    parts = [np.zeros((3, 0), dtype=np.int64)]
    for one, two, key, _ in _pairs_in_blocks(c, rows, weight, spans):
        parts.append(np.stack([one, two, key])[:, sums[key % REMAINDERS] >= together * (1 - 1e-9)])
    one, two, key = np.concatenate(parts, axis=1)
    return one, two, key


def _pairs_in_blocks(
    c: Columns, rows: Ints, weight: Floats, spans: tuple[Ints, Ints]
) -> Iterator[tuple[Ints, Ints, Ints, Floats]]:
    for one, two in expand_in_blocks(*spans, BLOCK):
        low, high = c.source[rows[one]], c.source[rows[two]]
        apart = low != high
        key = np.minimum(low, high) * len(c.accounts) + np.maximum(low, high)
        yield one[apart], two[apart], key[apart], (weight[one] + weight[two])[apart]


def _surprise(scene: Scene, rows: Ints) -> Floats:
    """How unlikely chance makes each payment's pair of accounts within a window, as a logarithm."""
    c, rates = scene.columns, scene.rates
    share = min(1.0, scene.longest / rates.seconds)
    expected = rates.sent[c.source[rows]].astype(np.float64) * rates.received[c.target[rows]] / rates.rows * share
    out: Floats = -np.log(np.maximum(expected, 1e-12))
    return out


def _grown(scene: Scene, rows: Ints, strong: Ints, surprise: Floats) -> list[_Block]:
    """Senders joined through strong pairs, with the receivers that most of them paid."""
    c, t, n = scene.columns, scene.t, len(scene.columns.accounts)
    parent: dict[int, int] = {}

    def root(account: int) -> int:
        while parent.setdefault(account, account) != account:
            account = parent[account]
        return account

    for low, high in zip((strong // n).tolist(), (strong % n).tolist(), strict=True):
        parent[max(root(low), root(high))] = min(root(low), root(high))
    groups: dict[int, list[int]] = {}
    for row in rows.tolist():
        groups.setdefault(root(int(c.source[row])), []).append(row)
    blocks = []
    for group in groups.values():
        mine = np.array(group, dtype=np.int64)
        givers = np.unique(c.source[mine])
        pairs = np.unique(np.stack([c.target[mine], c.source[mine]]), axis=1)
        takers, count = np.unique(pairs[0], return_counts=True)
        takers = takers[count >= max(t.layer_shared, len(givers) / 2)]
        mine = _fullest(c, mine[np.isin(c.target[mine], takers)], scene.longest)
        givers, takers = np.unique(c.source[mine]), np.unique(c.target[mine])
        filled = len(np.unique(c.source[mine] * n + c.target[mine])) >= t.layer_filled * len(givers) * len(takers)
        if filled and len(givers) >= t.layer_members and len(takers) >= t.layer_members:
            ends = frozenset(givers.tolist()), frozenset(takers.tolist())
            blocks.append(_Block(*ends, tuple(mine.tolist()), float(surprise[mine].sum())))
    return blocks


def _fullest(c: Columns, rows: Ints, window: int) -> Ints:
    """The rows of the fullest window, the earliest of equals."""
    until = np.searchsorted(c.at[rows], c.at[rows] + window, side="right")
    start = int(np.argmax(until - np.arange(len(rows)))) if len(rows) else 0
    return rows[start : int(until[start])] if len(rows) else rows
