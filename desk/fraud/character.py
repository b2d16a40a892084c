"""The rule over amounts: payments out of character, grouped and named by their shape.

On sparse graphs this finds rings and collectors whose hops lie weeks apart, in any order of time.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from desk.fraud.alerts import Alert, build_alert
from desk.fraud.graph import Flags, Ints, TransactionGraph
from desk.fraud.thresholds import Thresholds

Pair = tuple[int, int]


def find_unusual(graph: TransactionGraph, new: Flags, taken: Flags, t: Thresholds) -> list[Alert]:
    """Rings and chains of one equal amount, several senders or receivers out of character, lone payments."""
    c = graph.columns
    odd, twice = graph.out_of_character(t.unusual_ratio, t.unusual_spreads), graph.repeated()
    rows = np.flatnonzero((odd | twice) & ~taken)
    why = _Why(odd, twice)
    alerts: list[Alert] = []
    for group in _equal_groups(graph, rows):
        ring = _is_ring(graph, group)
        rules = ["equal_ring" if ring else "equal_chain", *why.rules(group)]
        score = 0.9 if ring else 0.7
        alerts.append(build_alert(c, "cycle", _walk(graph, group), rules, score, t))
    rest = np.setdiff1d(rows, _rows_of(graph, alerts))
    for group in _stars(c.target, c.source, rest):
        score = 0.55 + 0.05 * len(np.unique(c.source[group]))
        alerts.append(build_alert(c, "fan_in", group.tolist(), ["senders", *why.rules(group)], score, t))
    rest = np.setdiff1d(rows, _rows_of(graph, alerts))
    for group in _stars(c.source, c.target, rest):
        score = 0.55 + 0.05 * len(np.unique(c.target[group]))
        alerts.append(build_alert(c, "fan_out", group.tolist(), ["receivers", *why.rules(group)], score, t))
    rest = np.setdiff1d(rows, _rows_of(graph, alerts))
    for pair in _by_pair(graph, rest).values():
        group = np.array(pair, dtype=np.int64)
        alerts.append(build_alert(c, "unusual", pair, why.rules(group), 0.4 + 0.1 * bool(twice[group].any()), t))
    return alerts


class _Why:
    """Which of the two reasons holds for some rows."""

    def __init__(self, odd: Flags, twice: Flags) -> None:
        self._odd, self._twice = odd, twice

    def rules(self, rows: Ints) -> list[str]:
        """The rules that fired, by name."""
        fired = [("unusual_amount", self._odd), ("same_instant", self._twice)]
        return [name for name, flags in fired if bool(flags[rows].any())]


def _equal_groups(graph: TransactionGraph, rows: Ints) -> list[Ints]:
    """Rows of one exact amount that touch, where some account both gets and gives it."""
    c = graph.columns
    order = rows[np.argsort(c.minor[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(c.minor[order])) + 1
    found = []
    for same in np.split(order, cuts):
        if len(same) > 1 and len(np.intersect1d(c.source[same], c.target[same])):
            groups = graph.components(np.sort(same))
            found += [g for g in groups if len(np.intersect1d(c.source[g], c.target[g]))]
    return found


def _is_ring(graph: TransactionGraph, rows: Ints) -> bool:
    c = graph.columns
    pairs = np.unique(np.stack([c.source[rows], c.target[rows]]), axis=1)
    one_each = all(len(np.unique(end)) == pairs.shape[1] for end in pairs)
    return one_each and set(pairs[0].tolist()) == set(pairs[1].tolist())


def _walk(graph: TransactionGraph, rows: Ints) -> list[int]:
    """The rows head to tail, from where nothing arrives (or from the earliest row)."""
    left = _by_pair(graph, rows)
    heads = {source for source, _ in left} - {target for _, target in left}
    out: list[int] = []
    here: int | None = min(heads) if heads else None
    while left:
        pair = next((p for p in left if p[0] == here), None) or min(left, key=lambda p: (p[0] not in heads, left[p]))
        out += left.pop(pair)
        here = pair[1]
    return out


def _by_pair(graph: TransactionGraph, rows: Ints) -> dict[Pair, list[int]]:
    c = graph.columns
    pairs: dict[Pair, list[int]] = defaultdict(list)
    for row in rows.tolist():
        pairs[int(c.source[row]), int(c.target[row])].append(row)
    return dict(pairs)


def _stars(hub: Ints, member: Ints, rows: Ints) -> list[Ints]:
    """Rows that share a hub and have at least two members."""
    order = rows[np.argsort(hub[rows], kind="stable")]
    groups = np.split(order, np.flatnonzero(np.diff(hub[order])) + 1) if len(order) else []
    return [np.sort(group) for group in groups if len(np.unique(member[group])) > 1]


def _rows_of(graph: TransactionGraph, alerts: list[Alert]) -> Ints:
    known = {edge.id for alert in alerts for edge in alert.edges}
    return np.array([row for row, id in enumerate(graph.columns.ids) if id in known], dtype=np.int64)
