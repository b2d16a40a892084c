"""Close groups: accounts around one common counterparty that are linked with each other far beyond chance.

Patterns are often laid among accounts that already know each other, so a group that is too dense for a random graph
of the same degrees is worth a look even before any money of a pattern moves. This reads links alone, neither amounts
nor times, and speaks only where pairs hardly ever pay twice: where people pay their friends again and again, close
groups are everywhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from desk.fraud.alerts import Finding
from desk.fraud.columnar import expand, expand_in_blocks
from desk.fraud.completion import Links, build_links
from desk.fraud.graph import Columns, Flags, Floats, Ints
from desk.fraud.scene import Scene
from desk.fraud.typologies import Typology

BLOCK, REMAINDERS = 2_000_000, 33_554_393
"""Pairs looked at in one go; a prime, so that keys spread over it."""
SHARED = 2
"""Groups that share so many accounts are one."""


class _Group(NamedTuple):
    """A close group, its score, and the first row among it."""

    members: set[int]
    score: float
    earliest: int


@dataclass(frozen=True)
class _Around:
    """Links among the neighbours of an account: `ego` of each, its two ends, its first row."""

    ego: Ints
    low: Ints
    high: Ints
    row: Ints


def add_nests(scene: Scene, found: list[Finding], taken: Flags) -> list[Finding]:
    """Findings with the close groups: one that shares accounts with a finding adds its others to it as linked."""
    if scene.novelty_tells:
        return found
    c = scene.columns
    links = build_links(c)
    around = _surprising(links, scene)
    if not len(around.ego):
        return found
    out = list(found)
    homes: dict[int, list[int]] = {}
    for place, finding in enumerate(found):
        for account in finding.accounts(c):
            homes.setdefault(account, []).append(place)
    among = _Among(c, taken)
    for group in _merged(_dense(links, around, scene)):
        near = Counter(place for account in group.members for place in homes.get(account, ()))
        home = max(near, key=lambda place: (near[place], -place), default=-1)
        if near[home] >= SHARED:
            out[home] = _joined(c, out[home], group)
            continue
        rows = among.rows(group.members)
        if len(rows):
            kind, rules = _shape(c, rows)
            linked = tuple(sorted(group.members))
            out.append(Finding(kind, tuple(rows.tolist()), rules, min(0.6, 0.3 + group.score / 100), linked))
    return out


def _joined(c: Columns, finding: Finding, group: _Group) -> Finding:
    more = sorted(group.members - set(finding.accounts(c)))
    rules = finding.rules if not more or "completed" in finding.rules else (*finding.rules, "completed")
    return finding._replace(linked=(*finding.linked, *more), rules=rules)


def _surprising(links: Links, scene: Scene) -> _Around:
    """Every pair of a surprising link and a common neighbour of its ends."""
    t, degree = scene.t, links.degree
    strong = np.flatnonzero(links.surprise(links.low, links.high) > t.nest_surprise)
    low, high = links.low[strong], links.high[strong]
    few = np.where(degree[low] > degree[high], high, low)
    many = low + high - few
    ego = (degree >= t.nest_degree[0]) & (degree <= t.nest_degree[1])
    near = ego[links.neighbour]
    start, neighbour = np.concatenate([np.zeros(1, np.int64), np.cumsum(near)])[links.start], links.neighbour[near]
    known = _Known.of(links)
    parts = [np.zeros((2, 0), dtype=np.int64)]
    for left, right in expand_in_blocks(start[few], start[few + 1], BLOCK):
        parts.append(np.stack([left, neighbour[right]])[:, known.holds(neighbour[right], many[left])])
    place, middle = np.concatenate(parts, axis=1)
    return _Around(middle, low[place], high[place], links.row[strong][place])


class _Known(NamedTuple):
    """Links by key, and which remainders of keys occur: most pairs that are none are told by that alone."""

    keys: Ints
    some: Flags
    accounts: int

    @classmethod
    def of(cls, links: Links) -> _Known:
        n, some = len(links.degree), np.zeros(REMAINDERS, dtype=np.bool_)
        keys = np.repeat(np.arange(n), links.degree) * n + links.neighbour
        some[keys % REMAINDERS] = True
        return cls(keys, some, n)

    def holds(self, one: Ints, two: Ints) -> Flags:
        """Whether the accounts of each pair are linked."""
        wanted = one * self.accounts + two
        held: Flags = self.some[wanted % REMAINDERS]
        maybe = np.flatnonzero(held)
        place = np.minimum(np.searchsorted(self.keys, wanted[maybe]), len(self.keys) - 1)
        held[maybe] = self.keys[place] == wanted[maybe]
        return held


def _dense(links: Links, around: _Around, scene: Scene) -> list[_Group]:
    """The connected groups per ego whose surprise outweighs the choice of so many among the ego's neighbours."""
    t, n = scene.t, len(links.degree)
    ends = np.concatenate([around.ego * n + around.low, around.ego * n + around.high])
    nodes, place = np.unique(ends, return_inverse=True)
    one, two = place[: len(around.ego)], place[len(around.ego) :]
    ones, shape = np.ones(len(one), np.int8), (len(nodes), len(nodes))
    _, label = connected_components(coo_array((ones, (one, two)), shape=shape), False)
    count, edges = np.bincount(label), np.bincount(label[one])
    usual = float(np.median(links.degree[links.degree > 0]))
    choice: Floats = np.zeros(len(count))
    choice[label] = np.log(links.degree[nodes // n] / usual)
    score = np.bincount(label[one], links.surprise(around.low, around.high)) - count * choice
    earliest = np.full(len(count), len(around.row) and int(around.row.max()))
    np.minimum.at(earliest, label[one], around.row)
    good = (score >= t.nest_score) & (count <= t.nest_size) & (edges >= t.nest_edges)
    order = np.argsort(label, kind="stable")
    cuts = np.searchsorted(label[order], np.arange(len(count) + 1))
    return [
        _Group(set((nodes[order[cuts[g] : cuts[g + 1]]] % n).tolist()), round(float(score[g]), 6), int(earliest[g]))
        for g in np.flatnonzero(good)
    ]


def _merged(groups: list[_Group]) -> list[_Group]:
    """The most surprising first; a group that shares accounts with one before it joins it."""
    kept: list[_Group] = []
    of_account: dict[int, list[int]] = {}
    for group in sorted(groups, key=lambda g: (-g.score, g.earliest, len(g.members))):
        near = Counter(k for account in group.members for k in of_account.get(account, ()))
        home = max(near, key=lambda k: (near[k], -k), default=-1)
        if near[home] < SHARED:
            home = len(kept)
            kept.append(_Group(set(), group.score, group.earliest))
        for account in group.members - kept[home].members:
            of_account.setdefault(account, []).append(home)
        kept[home].members.update(group.members)
    return kept


class _Among:
    """The free rows between the members of a group."""

    def __init__(self, c: Columns, taken: Flags) -> None:
        self._n = len(c.accounts)
        key = np.minimum(c.source, c.target) * self._n + np.maximum(c.source, c.target)
        free = np.flatnonzero(~taken)
        self._rows: Ints = free[np.argsort(key[free], kind="stable")]
        self._keys: Ints = key[self._rows]

    def rows(self, members: set[int]) -> Ints:
        """In order of time."""
        names = np.array(sorted(members), dtype=np.int64)
        one, two = np.triu_indices(len(names), 1)
        keys = names[one] * self._n + names[two]
        _, place = expand(np.searchsorted(self._keys, keys), np.searchsorted(self._keys, keys, side="right"))
        return np.sort(self._rows[place])


def _shape(c: Columns, rows: Ints) -> tuple[Typology, tuple[str, ...]]:
    """What the directions of a group's payments look like; a group of no clear shape is just close."""
    pairs = set(zip(c.source[rows].tolist(), c.target[rows].tolist(), strict=True))
    inward = Counter(target for _, target in pairs)
    if max(inward.values()) >= 3:
        return "fan_in", ("close_group", "inward")
    if any((b, d) in pairs and (d, a) in pairs for a, b in pairs for d in inward):
        return "cycle", ("close_group", "round")
    return "close_group", ("close_group",)
