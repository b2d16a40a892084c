"""The rules over money that moves on: rings, splits that are collected again, chains."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from desk.fraud.alerts import Finding
from desk.fraud.graph import Flags, Ints
from desk.fraud.hops import Hops, Paths, find_hops, follow
from desk.fraud.scene import Scene

Path = tuple[int, ...]


def find_rings(scene: Scene, taken: Flags) -> list[Finding]:
    """Rings in order of time, each account passing on nearly all it got, along stray edges; a tight one mostly so."""
    c, t = scene.columns, scene.t
    stray = scene.ready & ~taken
    open_rows = ~taken & (scene.odd if scene.amounts_tell else scene.warm)
    closing = float(np.log(len(c.accounts)))
    rings = _rings(scene, np.flatnonzero(stray), t.pass_keep, t.ring_hop, closing)
    for tight in _rings(scene, np.flatnonzero(open_rows), t.tight_keep, t.tight_hop, closing):
        rings.append(tight.kept(stray[tight.rows].mean(axis=1) >= t.ring_stray))
    found = []
    for path, alarms in _surprising(scene, rings, -closing):
        fee = all(c.minor[b] < c.minor[a] for a, b in pairwise(path))
        rules = ("ring", "stray_edges", *(["small_fee"] if fee else []), "beyond_chance")
        found.append(Finding("cycle", path, rules, t.score_of(alarms)))
    return found


def _rings(scene: Scene, rows: Ints, keep: tuple[float, float], hop: int, closing: float) -> list[Paths]:
    c, t = scene.columns, scene.t
    most = t.most_alarms - float(np.log(scene.rates.rows)) + closing
    paths = follow(c, find_hops(scene, rows, keep, hop), (t.ring_shortest, t.ring_longest), most)
    return [same.kept(c.target[same.rows[:, -1]] == c.source[same.rows[:, 0]]) for same in paths]


def find_scatter_gather(scene: Scene, taken: Flags) -> list[Finding]:
    """One sender's money through several accounts into one collector, all along stray edges."""
    c, t = scene.columns, scene.t
    hops = find_hops(scene, np.flatnonzero(scene.ready & ~taken), t.pass_keep, scene.longest)
    found = []
    for pairs in _same_ends(scene, hops):
        before, after = hops.before[pairs], hops.after[pairs]
        if int(c.at[before].max() - c.at[before].min()) > scene.longest:
            continue
        alarms = float(np.log(scene.rates.rows) + hops.chance[pairs].sum())
        if alarms <= t.most_alarms:
            rules = ("scatter_gather", "stray_edges", "beyond_chance")
            rows = (*before.tolist(), *after.tolist())
            found.append(Finding("scatter_gather", rows, rules, t.score_of(alarms)))
    return _free(found)


def _same_ends(scene: Scene, hops: Hops) -> list[Ints]:
    """Places of hops from one account to another through enough different ones, one each, in order of time."""
    c = scene.columns
    first, last, middle = c.source[hops.before], c.target[hops.after], c.source[hops.after]
    apart = np.flatnonzero(first != last)
    order = apart[np.lexsort((apart, middle[apart], last[apart], first[apart]))]
    ends = first[order] * len(c.accounts) + last[order]
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[1:] = (ends[1:] != ends[:-1]) | (middle[order][1:] != middle[order][:-1])
    order, ends = order[fresh], ends[fresh]
    begin = np.flatnonzero(np.diff(ends, prepend=-1))
    count = np.diff(np.append(begin, len(ends)))
    enough = count >= scene.t.scatter_mids
    return [np.sort(order[b : b + n]) for b, n in zip(begin[enough].tolist(), count[enough].tolist(), strict=True)]


def find_chains(scene: Scene, taken: Flags) -> list[Finding]:
    """Accounts in a row that hand money on, along stray edges."""
    t = scene.t
    hops = find_hops(scene, np.flatnonzero(scene.ready & ~taken), t.pass_keep, t.pass_within)
    most = t.most_alarms - float(np.log(scene.rates.rows))
    chains = follow(scene.columns, hops, (t.pass_rows, t.ring_longest), most)
    rules = ("pass_through", "stray_edges", "beyond_chance")
    return [
        Finding("pass_through", path, rules, t.score_of(alarms)) for path, alarms in _surprising(scene, chains, 0.0)
    ]


def _surprising(scene: Scene, paths: list[Paths], besides: float) -> list[tuple[Path, float]]:
    """Paths with the logarithm of their false alarms, the least first, each using rows that no other uses."""
    scored: set[tuple[float, Path]] = set()
    for same in paths:
        alarms = np.log(scene.rates.rows) + besides + same.chance
        good = alarms <= scene.t.most_alarms
        table = zip(np.round(alarms[good], 9).tolist(), same.rows[good].tolist(), strict=True)
        scored.update((alarm, tuple(rows)) for alarm, rows in table)
    used: set[int] = set()
    kept = []
    for alarms_of, path in sorted(scored):
        if used.isdisjoint(path):
            used.update(path)
            kept.append((path, alarms_of))
    return kept


def _free(found: list[Finding]) -> list[Finding]:
    """The most surprising first, each using rows that no other uses."""
    used: set[int] = set()
    kept = []
    for finding in sorted(found, key=lambda f: (-f.score, -len(f.rows), f.rows)):
        if used.isdisjoint(finding.rows):
            used.update(finding.rows)
            kept.append(finding)
    return kept
