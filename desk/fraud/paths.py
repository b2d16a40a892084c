"""The rules over money that moves on: rings, splits that are collected again, chains."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np

from desk.fraud.alerts import Finding
from desk.fraud.chance import hop_chance
from desk.fraud.columnar import Floats
from desk.fraud.graph import Flags, Ints, Path
from desk.fraud.scene import Scene


def find_rings(scene: Scene, taken: Flags) -> list[Finding]:
    """Rings in order of time, each account passing on nearly all it got, along stray edges; a tight one mostly so."""
    c, t = scene.columns, scene.t
    stray = scene.ready & ~taken
    open_rows = ~taken & (scene.odd if scene.amounts_tell else scene.warm)
    rings = [
        *_rings(scene, np.flatnonzero(stray), t.pass_keep, t.ring_hop),
        *(
            path
            for path in _rings(scene, np.flatnonzero(open_rows), t.tight_keep, t.tight_hop)
            if stray[list(path)].mean() >= t.ring_stray
        ),
    ]
    closing = np.log(len(c.accounts))
    found = []
    for path, alarms in _surprising(scene, list(dict.fromkeys(rings)), -closing):
        fee = all(c.minor[b] < c.minor[a] for a, b in pairwise(path))
        rules = ("ring", "stray_edges", *(["small_fee"] if fee else []), "beyond_chance")
        found.append(Finding("cycle", path, rules, t.score_of(alarms)))
    return found


def _rings(scene: Scene, rows: Ints, keep: tuple[float, float], hop: int) -> list[Path]:
    c, t = scene.columns, scene.t
    return [
        path
        for path in scene.graph.chains(rows, keep, hop, t.ring_longest)
        if len(path) >= t.ring_shortest and c.target[path[-1]] == c.source[path[0]]
    ]


def find_scatter_gather(scene: Scene, taken: Flags) -> list[Finding]:
    """One sender's money through several accounts into one collector, all along stray edges."""
    c, t = scene.columns, scene.t
    rows = np.flatnonzero(scene.ready & ~taken)
    halves: dict[tuple[int, int], list[Path]] = defaultdict(list)
    for path in scene.graph.chains(rows, t.pass_keep, scene.longest, 2):
        if c.source[path[0]] != c.target[path[1]]:
            halves[int(c.source[path[0]]), int(c.target[path[1]])].append(path)
    found = []
    for paths in sorted(halves.values()):
        pairs = sorted({int(c.target[path[0]]): path for path in reversed(paths)}.values())
        spread = max(c.at[p[0]] for p in pairs) - min(c.at[p[0]] for p in pairs)
        if len(pairs) < t.scatter_mids or spread > scene.longest:
            continue
        alarms = float(np.log(scene.rates.rows) + _hops(scene, pairs).sum())
        if alarms <= t.most_alarms:
            in_order = (*(p[0] for p in pairs), *(p[1] for p in pairs))
            rules = ("scatter_gather", "stray_edges", "beyond_chance")
            found.append(Finding("scatter_gather", in_order, rules, t.score_of(alarms)))
    return _free(found)


def find_chains(scene: Scene, taken: Flags) -> list[Finding]:
    """Accounts in a row that hand money on, along stray edges."""
    t = scene.t
    rows = np.flatnonzero(scene.ready & ~taken)
    chains = [
        path
        for path in scene.graph.chains(rows, t.pass_keep, t.pass_within, t.ring_longest)
        if len(path) >= t.pass_rows
    ]
    rules = ("pass_through", "stray_edges", "beyond_chance")
    return [
        Finding("pass_through", path, rules, t.score_of(alarms)) for path, alarms in _surprising(scene, chains, 0.0)
    ]


def _surprising(scene: Scene, paths: list[Path], besides: float) -> list[tuple[Path, float]]:
    """Paths with the logarithm of their false alarms, the least first, each using rows that no other uses."""
    by_length: dict[int, list[Path]] = defaultdict(list)
    for path in paths:
        by_length[len(path)].append(path)
    scored: list[tuple[float, Path]] = []
    for same in by_length.values():
        alarms = np.log(scene.rates.rows) + besides + _hops(scene, same)
        scored += [(round(float(a), 9), p) for a, p in zip(alarms, same, strict=True) if a <= scene.t.most_alarms]
    used: set[int] = set()
    kept = []
    for alarms_of, path in sorted(scored):
        if used.isdisjoint(path):
            used.update(path)
            kept.append((path, alarms_of))
    return kept


def _hops(scene: Scene, paths: list[Path]) -> Floats:
    """Per path of one length, the logarithm of the chance of all its hops."""
    table = np.array(paths, dtype=np.int64)
    flat = hop_chance(
        scene.columns, scene.habits, scene.rates, table[:, :-1].ravel(), table[:, 1:].ravel(), scene.t.pass_keep
    )
    out: Floats = flat.reshape(len(paths), -1).sum(axis=1)
    return out


def _free(found: list[Finding]) -> list[Finding]:
    """The most surprising first, each using rows that no other uses."""
    used: set[int] = set()
    kept = []
    for finding in sorted(found, key=lambda f: (-f.score, -len(f.rows), f.rows)):
        if used.isdisjoint(finding.rows):
            used.update(finding.rows)
            kept.append(finding)
    return kept
