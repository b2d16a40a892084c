"""The rules over one account's window of time: fan-in, fan-out, gather-scatter, and a sleeper that wakes.

What an account receives and sends along stray edges within a window must agree in sum, and be more than chance would
bring to this account. The shape gives the name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from desk.fraud.alerts import Finding
from desk.fraud.chance import LEAST, MATCH, log_tail
from desk.fraud.columnar import expand
from desk.fraud.graph import Columns, Flags, Floats, Ints
from desk.fraud.scene import Scene
from desk.fraud.thresholds import Thresholds
from desk.fraud.typologies import Typology


class _Window(NamedTuple):
    """What an account received and sent in a window, oldest first, and the logarithm of its false alarms."""

    received: Ints
    sent: Ints
    alarms: float


@dataclass(frozen=True)
class _Way:
    """Ready rows by account and time, one way, with running sums of amounts and of their oddness."""

    rows: Ints
    keys: Ints
    money: Floats
    oddness: Floats

    @classmethod
    def of(cls, scene: Scene, hub: Ints, rows: Ints, span: int) -> _Way:
        c = scene.columns
        order = rows[np.lexsort((rows, c.at[rows], hub[rows]))]
        odd = scene.habits.oddness(c.source[order], c.minor[order])
        zero = np.zeros(1)
        return cls(
            order,
            hub[order] * span + (c.at[order] - c.at[0]),
            np.concatenate([zero, np.cumsum(c.minor[order].astype(np.float64))]),
            np.concatenate([zero, np.cumsum(odd)]),
        )


def find_hubs(scene: Scene, taken: Flags) -> list[Finding]:
    """The most surprising windows first, each using rows that no other uses."""
    c, t = scene.columns, scene.t
    used = taken.copy()
    found = []
    for window in _windows(scene, taken):
        window = _without_small(c, window, t)
        rows = np.concatenate([window.received, window.sent])
        if used[rows].any() or scene.single[rows].mean() < t.single_share or not _covered(c, window, t):
            continue
        named = _name(scene, window)
        if named is None:
            continue
        used[rows] = True
        typology, rules = named
        found.append(Finding(typology, tuple(rows.tolist()), rules, t.score_of(window.alarms)))
    return found


def _windows(scene: Scene, taken: Flags) -> Iterator[_Window]:
    c, t = scene.columns, scene.t
    busy = np.maximum(scene.rates.sent, scene.rates.received) > t.hub_most
    rows = np.flatnonzero(scene.ready & ~taken)
    span = int(c.at[-1] - c.at[0]) + scene.longest + 2
    ins = _Way.of(scene, c.target, rows[~busy[c.target[rows]]], span)
    outs = _Way.of(scene, c.source, rows[~busy[c.source[rows]]], span)
    low = np.searchsorted(outs.keys, ins.keys, side="right")
    high = np.searchsorted(outs.keys, ins.keys + scene.longest, side="right")
    first, last = expand(low, np.minimum(high, low + t.fan_most))
    until = np.searchsorted(ins.keys, outs.keys[last], side="right")
    inflow, outflow = ins.money[until] - ins.money[first], outs.money[last + 1] - outs.money[low[first]]
    hubs = c.target[ins.rows[first]]
    places = np.bincount(hubs, minlength=len(c.accounts))
    tests = np.log(max(int(np.count_nonzero(places)), 1)) + np.log(np.maximum(places, 1))[hubs]
    agree = (outflow >= t.fan_flow[0] * inflow) & (outflow <= t.fan_flow[1] * inflow)
    many = np.maximum(until - first, last + 1 - low[first]) >= t.dormant_members
    fit = np.flatnonzero(agree & many)
    first, last, until, start = first[fit], last[fit], until[fit], low[first[fit]]
    alarms = tests[fit] + _chance(scene, ins, outs, (first, until), (start, last + 1))
    good = np.flatnonzero(alarms <= t.most_alarms)
    for place in good[np.lexsort((first[good], np.round(alarms[good], 9)))].tolist():
        received, sent = ins.rows[first[place] : until[place]], outs.rows[start[place] : last[place] + 1]
        yield _Window(received, sent, float(alarms[place]))


def _chance(scene: Scene, ins: _Way, outs: _Way, came: tuple[Ints, Ints], went: tuple[Ints, Ints]) -> Floats:
    """The logarithm of the chance of windows given as ranges of both ways; 0 where neither way is a burst."""
    c, rates = scene.columns, scene.rates
    hub = c.target[ins.rows[came[0]]]
    lasts = (c.at[outs.rows[went[1] - 1]] - c.at[ins.rows[came[0]]]).astype(np.float64)
    number_in, number_out = came[1] - came[0], went[1] - went[0]
    rate_in = (np.maximum(rates.received[hub] - number_in, 0) + 1) / rates.seconds
    rate_out = (np.maximum(rates.sent[hub] - number_out, 0) + 1) / rates.seconds
    tails = log_tail(number_in, rate_in * lasts) + log_tail(number_out, rate_out * lasts)
    burst_in, burst_out = (
        number / (rate * lasts + LEAST) >= scene.t.burst
        for number, rate in ((number_in, rate_in), (number_out, rate_out))
    )
    both = np.minimum(number_in, number_out) >= scene.t.both_members
    bursts = np.where(both, burst_in & burst_out, burst_in | burst_out)
    out: Floats = np.where(bursts, tails + MATCH, 0.0)
    return out


def _without_small(c: Columns, window: _Window, t: Thresholds) -> _Window:
    """Without payments that are small beside the largest of their way: they happened to fall into the window."""
    received, sent = (
        rows[c.minor[rows] >= t.fan_small * c.minor[rows].max()] for rows in (window.received, window.sent)
    )
    return _Window(received, sent, window.alarms)


def _covered(c: Columns, window: _Window, t: Thresholds) -> bool:
    """Whether the account never sent more than it had got by then: nobody passes on what has not come yet."""
    came, went = np.cumsum(c.minor[window.received]), np.cumsum(c.minor[window.sent])
    before = np.searchsorted(c.at[window.received], c.at[window.sent], side="right")
    had = np.concatenate([np.zeros(1, np.int64), came])[before]
    return bool((went <= t.fan_flow[1] * had).all())


def _name(scene: Scene, window: _Window) -> tuple[Typology, tuple[str, ...]] | None:
    c, t = scene.columns, scene.t
    givers, takers = len(np.unique(c.source[window.received])), len(np.unique(c.target[window.sent]))
    why = ("stray_edges", "conserved", "beyond_chance")
    if givers <= t.fan_carriers and _slept(scene, window):
        sleeps = takers >= t.dormant_members and _sent_after(scene, window) <= t.dormant_after
        return ("dormant", ("dormant", *why)) if sleeps else None
    if givers >= t.both_members and takers >= t.both_members:
        return ("gather_scatter", ("gather_scatter", *why)) if _in_turn(c, window) >= t.both_in_turn else None
    if givers >= t.fan_members and takers <= t.fan_carriers:
        return "fan_in", ("fan_in", *why)
    if takers >= t.fan_members and givers <= t.fan_carriers:
        return "fan_out", ("fan_out", *why)
    return None


def _in_turn(c: Columns, window: _Window) -> float:
    """Of all pairs of a payment received and one sent, the share in which the money came first."""
    earlier = np.searchsorted(np.sort(c.at[window.received]), c.at[window.sent])
    return float(earlier.mean()) / len(window.received)


def _slept(scene: Scene, window: _Window) -> bool:
    """Whether the account, though it existed, started no payment for long before it sent this."""
    c = scene.columns
    hub, woke = int(c.source[window.sent[0]]), int(c.at[window.sent[0]])
    own, seen = scene.sent_by(hub), scene.received_by(hub)
    before = own[c.at[own] < woke]
    since = int(c.at[before[-1]]) if len(before) else int(c.at[seen[0]]) if len(seen) else woke
    return woke - since >= scene.t.dormant_silence


def _sent_after(scene: Scene, window: _Window) -> int:
    """How many payments the account started later: one that woke for good has a life of its own."""
    c = scene.columns
    own = scene.sent_by(int(c.source[window.sent[0]]))
    return int((c.at[own] > c.at[window.sent[-1]]).sum())
