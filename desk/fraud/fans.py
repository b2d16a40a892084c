"""The rules over one account's window of time: fan-in, fan-out, structuring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from desk.fraud.alerts import Alert, Typology, build_alert
from desk.fraud.graph import Flags, Ints, TransactionGraph
from desk.fraud.thresholds import Thresholds


@dataclass(frozen=True)
class _Side:
    """One way of looking at an account's transfers: `hub` is the account, `member` the other end."""

    hub: Ints
    member: Ints
    rows: Ints
    starts: Ints

    @classmethod
    def of(cls, graph: TransactionGraph, way: Literal["in", "out"]) -> _Side:
        c = graph.columns
        hub, member = (c.target, c.source) if way == "in" else (c.source, c.target)
        rows = np.argsort(hub, kind="stable")
        return cls(hub, member, rows, np.searchsorted(hub[rows], np.arange(len(c.accounts) + 1)))

    def of_account(self, account: int) -> Ints:
        """The account's rows, oldest first."""
        return self.rows[self.starts[account] : self.starts[account + 1]]


def find_fans(graph: TransactionGraph, new: Flags, taken: Flags, t: Thresholds) -> list[Alert]:
    """Many new senders into one account that passes the money on, and the same outwards."""
    c = graph.columns
    ins, outs = _Side.of(graph, "in"), _Side.of(graph, "out")
    ready = new & ~taken & warm(graph, t)
    tells = novelty_tells(graph, new, t)
    alerts = []
    sides: tuple[tuple[Typology, _Side, _Side], ...] = (("fan_in", ins, outs), ("fan_out", outs, ins))
    for typology, side, other in sides:
        for account, rows in _bursts(graph, side, ready, t.fan_members, t.fan_window):
            members = len(np.unique(side.member[rows]))
            if members < t.fan_members:
                continue
            flow = other.of_account(account)
            if not (_conserved(graph, rows, flow, typology, t) and (tells or _carried_at_once(graph, rows, flow, t))):
                continue
            if _bursting(graph, rows, side.of_account(account), t.fan_window, t):
                rules = [typology, "new_edges" if tells else "at_once", "conserved", "burst"]
                alerts.append(build_alert(c, typology, rows.tolist(), rules, 0.7 + 0.02 * members, t))
    return alerts


def find_structuring(graph: TransactionGraph, new: Flags, taken: Flags, t: Thresholds) -> list[Alert]:
    """Several payments just below the reporting limit, none just above, unlike the account's own past."""
    c = graph.columns
    below = (c.minor >= t.near_limit * t.limit) & (c.minor < t.limit)
    above = (c.minor >= t.limit) & (c.minor < t.above_limit * t.limit)
    alerts: list[Alert] = []
    claimed: set[int] = set()
    for side in (_Side.of(graph, "out"), _Side.of(graph, "in")):
        for account, rows in _bursts(graph, side, below & ~taken, t.limit_count, t.limit_window):
            mine = side.of_account(account)
            around = mine[(c.at[mine] >= c.at[rows[0]]) & (c.at[mine] <= c.at[rows[-1]])]
            usual = mine[below[mine] | above[mine]]
            if above[around].any() or c.minor[rows].sum() <= t.limit or not claimed.isdisjoint(rows.tolist()):
                continue
            if _bursting(graph, rows, usual, t.limit_window, t):
                claimed.update(rows.tolist())
                rules = ["below_limit", "none_above", "burst"]
                alerts.append(build_alert(c, "structuring", rows.tolist(), rules, 0.7 + 0.02 * len(rows), t))
    return alerts


def warm(graph: TransactionGraph, t: Thresholds) -> Flags:
    """Rows after the warm-up; all of them where the data is too short to have one."""
    at = graph.columns.at
    late: Flags = at >= at[0] + (t.warm_up if at[-1] - at[0] >= 2 * t.warm_up else 0)
    return late


def novelty_tells(graph: TransactionGraph, new: Flags, t: Thresholds) -> bool:
    """Whether new edges are rare enough, after the warm-up, for one to mean anything."""
    return float(new[warm(graph, t)].mean()) <= t.most_new


def _bursts(graph: TransactionGraph, side: _Side, ready: Flags, least: int, window: int) -> Iterator[tuple[int, Ints]]:
    """Per account the fullest windows of at least `least` ready rows that do not overlap, oldest first."""
    at = graph.columns.at
    rows = side.rows[ready[side.rows]]
    hub = side.hub[rows]
    dense = np.flatnonzero(
        (hub[least - 1 :] == hub[: len(hub) - least + 1])
        & (at[rows[least - 1 :]] - at[rows[: len(rows) - least + 1]] <= window)
    )
    done_account, done_until = -1, -1
    for start in dense.tolist():
        account, begin = int(hub[start]), int(at[rows[start]])
        if account == done_account and begin <= done_until:
            continue
        stop = start
        while stop < len(rows) and hub[stop] == account and at[rows[stop]] <= begin + window:
            stop += 1
        done_account, done_until = account, int(at[rows[stop - 1]])
        yield account, rows[start:stop]


def _conserved(graph: TransactionGraph, rows: Ints, flow: Ints, typology: Typology, t: Thresholds) -> bool:
    """Whether the hub's flow the other way, beside these rows, moves about the same money."""
    c = graph.columns
    first, last = int(c.at[rows[0]]), int(c.at[rows[-1]])
    low, high = (first, last + t.fan_window) if typology == "fan_in" else (first - t.fan_window, last)
    other = int(c.minor[flow[(c.at[flow] >= low) & (c.at[flow] <= high)]].sum())
    moved = int(c.minor[rows].sum())
    share = other / moved if typology == "fan_in" else (moved / other if other else 0.0)
    return t.fan_flow[0] <= share <= t.fan_flow[1]


def _carried_at_once(graph: TransactionGraph, rows: Ints, flow: Ints, t: Thresholds) -> bool:
    """Whether one payment the other way carries the money, far larger than that way's usual one."""
    c = graph.columns
    near = (c.at[flow] >= c.at[rows[0]] - t.fan_window) & (c.at[flow] <= c.at[rows[-1]] + t.fan_window)
    share = c.minor[flow] / c.minor[rows].sum()
    carriers = near & (share >= t.fan_flow[0]) & (share <= 1 / t.fan_flow[0])
    others = c.minor[flow[~carriers]]
    usual = float(np.median(others)) if len(others) else 0.0
    return bool((c.minor[flow[carriers]] >= t.pass_ratio * usual).any())


def _bursting(graph: TransactionGraph, rows: Ints, own: Ints, window: int, t: Thresholds) -> bool:
    """Whether these rows carry several times what the account's own other rows carry per window."""
    c = graph.columns
    rest = np.setdiff1d(own, rows)
    length = max(int(c.at[-1] - c.at[0]) - window, window)
    usual = float(c.minor[rest].sum()) * window / length
    return float(c.minor[rows].sum()) >= t.burst * usual
