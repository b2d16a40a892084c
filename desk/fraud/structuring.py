"""The rule over a reporting limit: payments kept just below it."""

from __future__ import annotations

import numpy as np

from desk.fraud.alerts import Finding
from desk.fraud.graph import Flags, Ints
from desk.fraud.scene import Scene


def find_structuring(scene: Scene, taken: Flags) -> list[Finding]:
    """Several payments just below the limit, none just above, by or to an account that has few such otherwise."""
    c, t = scene.columns, scene.t
    below = (c.minor >= t.near_limit * t.limit) & (c.minor < t.limit)
    below &= scene.stray(scene.longest)
    near = np.flatnonzero((c.minor >= t.near_limit * t.limit) & (c.minor < t.above_limit * t.limit))
    used = taken.copy()
    found = []
    for hub in (c.source, c.target):
        order = near[np.argsort(hub[near], kind="stable")]
        groups = np.split(order, np.flatnonzero(np.diff(hub[order])) + 1) if len(order) else []
        for mine in sorted(groups, key=lambda group: int(group[0])):
            for window in t.limit_windows:
                rows = _fullest(scene, mine, below, window)
                if len(rows) < t.limit_count or used[rows].any() or c.minor[rows].sum() <= t.limit:
                    continue
                if len(mine) - len(rows) <= t.limit_besides * len(rows):
                    used[rows] = True
                    rules = ("below_limit", "none_above", "few_besides")
                    found.append(Finding("structuring", tuple(rows.tolist()), rules, 0.7 + 0.02 * len(rows)))
                    break
    return found


def _fullest(scene: Scene, mine: Ints, below: Flags, window: int) -> Ints:
    """The window of most rows below the limit in which none lies above it; empty when there is none."""
    at = scene.columns.at[mine]
    until = np.searchsorted(at, at + window, side="right")
    best = mine[:0]
    for start, stop in enumerate(until.tolist()):
        rows = mine[start:stop]
        if len(rows) > len(best) and below[rows].all():
            best = rows
    return best
