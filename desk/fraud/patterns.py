"""The rules over flows: rings, splits, chains; and the scan that runs every rule.

Each rule reads the graph, claims the transfers it explains, and leaves the rest to the next.
Only structure, time and amounts are read, never a label. Same transfers, same alerts.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np

from desk.fraud.alerts import Alert, build_alert
from desk.fraud.character import find_unusual
from desk.fraud.fans import find_fans, find_structuring, novelty_tells, warm
from desk.fraud.graph import Flags, Ints, Path, TransactionGraph
from desk.fraud.thresholds import STANDARD, Thresholds


def scan(graph: TransactionGraph, thresholds: Thresholds = STANDARD) -> list[Alert]:
    """Every alert, the highest score first, then by id; empty when nothing stands out."""
    if not len(graph.columns):
        return []
    new = graph.new_edges(thresholds.new_for)
    taken: Flags = np.zeros(len(graph.columns), dtype=np.bool_)
    found: list[Alert] = []
    place = {id: row for row, id in enumerate(graph.columns.ids)}
    for rule in (find_rings, find_scatter_gather, find_chains, find_fans, find_structuring, find_unusual):
        alerts = rule(graph, new, taken, thresholds)
        taken[[place[edge.id] for alert in alerts for edge in alert.edges]] = True
        found += alerts
    return sorted(found, key=lambda alert: (-alert.score, alert.id))


def find_rings(graph: TransactionGraph, new: Flags, taken: Flags, t: Thresholds) -> list[Alert]:
    """Rings in order of time whose amount shrinks by a fee at most, mostly along new edges."""
    c = graph.columns
    odd = graph.out_of_character(t.unusual_ratio, t.unusual_spreads)
    rows = np.flatnonzero(~taken)
    rings = [
        path
        for path in graph.chains(rows, t.ring_keep, t.ring_hop, t.ring_longest)
        if len(path) >= t.ring_shortest and c.target[path[-1]] == c.source[path[0]]
    ]
    alerts = []
    for path in _disjoint(rings):
        fresh = float(new[list(path)].mean())
        if fresh < t.ring_new and not odd[list(path)].all():
            continue
        fee = all(c.minor[b] < c.minor[a] for a, b in pairwise(path))
        rules = ["ring", "new_edges" if fresh >= t.ring_new else "unusual_amount", *(["small_fee"] if fee else [])]
        alerts.append(build_alert(c, "cycle", path, rules, 0.7 + 0.15 * fresh + 0.02 * len(path) + 0.03 * fee, t))
    return alerts


def find_scatter_gather(graph: TransactionGraph, new: Flags, taken: Flags, t: Thresholds) -> list[Alert]:
    """One sender's money through several accounts into one collector, all along new edges."""
    c = graph.columns
    rows = np.flatnonzero(new & ~taken & warm(graph, t))
    halves: dict[tuple[int, int], list[Path]] = defaultdict(list)
    for path in graph.chains(rows, t.pass_keep, t.scatter_window, 2):
        if c.source[path[0]] != c.target[path[1]]:
            halves[int(c.source[path[0]]), int(c.target[path[1]])].append(path)
    alerts = []
    for key in sorted(halves):
        by_mid = {int(c.target[path[0]]): path for path in reversed(halves[key])}
        pairs = list(by_mid.values())
        spread = max(c.at[p[0]] for p in pairs) - min(c.at[p[0]] for p in pairs)
        if len(pairs) >= t.scatter_mids and spread <= t.scatter_window:
            in_order = [p[0] for p in sorted(pairs)] + [p[1] for p in sorted(pairs)]
            rules = ["scatter_gather", "new_edges"]
            alerts.append(build_alert(c, "scatter_gather", in_order, rules, 0.75 + 0.03 * len(pairs), t))
    return alerts


def find_chains(graph: TransactionGraph, new: Flags, taken: Flags, t: Thresholds) -> list[Alert]:
    """Accounts in a row that hand money on within hours, each far above its usual payment."""
    c = graph.columns
    if not novelty_tells(graph, new, t):
        return []
    rows = np.flatnonzero(new & ~taken & warm(graph, t))
    usual = _usual_payment(graph, rows)
    chains = [
        path
        for path in graph.chains(rows, t.pass_keep, t.pass_within, t.ring_longest)
        if len(path) >= t.pass_rows and all(c.minor[row] >= t.pass_ratio * usual[row] for row in path[1:])
    ]
    return [
        build_alert(c, "pass_through", path, ["pass_through", "new_edges"], 0.7 + 0.03 * len(path), t)
        for path in _disjoint(chains)
    ]


def _disjoint(paths: list[Path]) -> list[Path]:
    """The longest paths first, then the earliest, each using rows that no other uses."""
    used: set[int] = set()
    kept = []
    for path in sorted(paths, key=lambda p: (-len(p), p)):
        if used.isdisjoint(path):
            used.update(path)
            kept.append(path)
    return sorted(kept)


def _usual_payment(graph: TransactionGraph, rows: Ints) -> dict[int, float]:
    """Per row, the median of what its sender paid before; the sender's all, when it paid nothing before."""
    c = graph.columns
    order = np.argsort(c.source, kind="stable")
    starts = np.searchsorted(c.source[order], np.arange(len(c.accounts) + 1))
    usual: dict[int, float] = {}
    for row in rows:
        mine = order[starts[c.source[row]] : starts[c.source[row] + 1]]
        before = mine[c.at[mine] < c.at[row]]
        usual[int(row)] = float(np.median(c.minor[before if len(before) else mine]))
    return usual
