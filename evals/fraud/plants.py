"""Planted patterns: ten typologies over ordinary accounts, without any repeated payment to give them away.

A pattern takes 1 to 15 days (log-uniform), three times that when slow. Each account that passes money on keeps 1 to
10 % of it. Amounts are around 900 dollars a payment against a usual 150; where they are to be usual, the members are
accounts of nearly the same habits and the entering payments are what those usually pay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from desk.fraud.typologies import Typology
from evals.fraud.worlds import PLANTED, Plant, Rows, Town

EARLIEST = 50
"""The first day of a plant: before, everybody is new."""
KNOWN_SHARE = 0.4
Edge = tuple[int, int, float, float]
"""Source, target, amount in dollars, time as a share of the pattern's duration."""


@dataclass
class _Stage:
    """Draws members and amounts for one plant after another."""

    town: Town
    rng: np.random.Generator
    free: list[int] = field(default_factory=list)

    def cast(self, count: int) -> list[int]:
        """Accounts that are in no plant yet; of like habits where amounts are to be usual."""
        if self.town.plan.variant == "usual":
            start = int(self.rng.integers(0, len(self.free) - count))
            return [self.free.pop(start) for _ in range(count)]
        return [self.free.pop(int(self.rng.integers(0, len(self.free)))) for _ in range(count)]

    def entry(self, members: list[int]) -> float:
        """What an entering payment of this plant is around."""
        if self.town.plan.variant == "usual":
            return float(np.median(self.town.scale[members]))
        return 900 * float(self.rng.lognormal(0, 0.4))

    def spread(self) -> float:
        return float(self.rng.lognormal(0, 0.25))

    def keep(self) -> float:
        """The share that an account passes on."""
        return float(self.rng.uniform(0.90, 0.99))

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def count(self, low: int, high: int) -> int:
        """From low to high, both included."""
        return int(self.rng.integers(low, high + 1))


def build_plants(town: Town, rng: np.random.Generator) -> tuple[list[Rows], list[Plant]]:
    """The rows of all plants and what each is."""
    able = town.people[town.activity[town.people] > 0.03]
    free = able[np.argsort(town.scale[able])] if town.plan.variant == "usual" else rng.permutation(able)
    stage = _Stage(town, rng, free.tolist())
    sleepers = town.sleepers[::2].tolist()
    parts: list[Rows] = []
    plants: list[Plant] = []
    for _ in range(town.plan.per_typology):
        for typology in PLANTED:
            edges = _dormant(stage, sleepers) if typology == "dormant" else SHAPES[typology](stage)
            parts += _on_stage(stage, edges, typology, len(plants))
            plants.append(Plant(typology, frozenset(end for edge in edges for end in edge[:2])))
    return parts, plants


def _on_stage(stage: _Stage, edges: list[Edge], typology: Typology, number: int) -> list[Rows]:
    """The plant's rows at a time of its own, and the innocent earlier payments where its edges are to be known."""
    town, rng, days = stage.town, stage.rng, stage.town.plan.days
    slow = 3.0 if town.plan.variant == "slow" else 1.0
    lasts = slow * float(np.exp(rng.uniform(0, np.log(15))))
    first = 125 * days / 180 if typology == "dormant" else EARLIEST
    begin = float(rng.uniform(first, max(first + 1, days - lasts - 0.5)))
    source, target = (np.array([edge[end] for edge in edges], dtype=np.int64) for end in (0, 1))
    amount, when = (np.array([edge[k] for edge in edges], dtype=np.float64) for k in (2, 3))
    rows = [Rows.of(source, target, amount, begin + when * min(lasts, days - begin - 0.01), number)]
    if town.plan.variant == "known":
        known = rng.random(len(edges)) < KNOWN_SHARE
        if typology == "dormant":
            known &= ~np.isin(source, town.sleepers)
        before = rng.uniform(1, np.maximum(begin - 3, 2), int(known.sum()))
        usual = town.scale[source[known]] * rng.lognormal(0, 0.5, int(known.sum()))
        rows.append(Rows.of(source[known], target[known], usual, before))
    return rows


def _fan_in(s: _Stage) -> list[Edge]:
    hub, out, *senders = s.cast(s.count(7, 11))
    size = s.entry(senders)
    edges: list[Edge] = [(a, hub, size * s.spread(), s.between(0, 0.8)) for a in senders]
    return [*edges, (hub, out, sum(e[2] for e in edges) * s.keep(), s.between(0.85, 1))]


def _fan_out(s: _Stage) -> list[Edge]:
    hub, source, *takers = s.cast(s.count(7, 11))
    size = s.entry(takers)
    edges: list[Edge] = [(hub, a, size * s.spread(), s.between(0.2, 1)) for a in takers]
    return [(source, hub, sum(e[2] for e in edges) / s.keep(), s.between(0, 0.15)), *edges]


def _chain(s: _Stage, members: list[int], times: list[float]) -> list[Edge]:
    amount, edges = s.entry(members) * s.spread(), list[Edge]()
    for giver, taker, at in zip(members[:-1], members[1:], times, strict=True):
        edges.append((giver, taker, amount, float(at)))
        amount *= s.keep()
    return edges


def _cycle(s: _Stage) -> list[Edge]:
    members = s.cast(s.count(4, 7))
    return _chain(s, [*members, members[0]], sorted(s.rng.uniform(0, 1, len(members)).tolist()))


def _pass_through(s: _Stage) -> list[Edge]:
    members = s.cast(s.count(5, 7))
    return _chain(s, members, sorted(s.rng.uniform(0, 1, len(members) - 1).tolist()))


def _scatter_gather(s: _Stage) -> list[Edge]:
    source, collector, *mids = s.cast(s.count(6, 9))
    size, edges = s.entry([source]), list[Edge]()
    for mid in mids:
        amount, at = size * s.spread(), s.between(0, 0.45)
        edges += [(source, mid, amount, at), (mid, collector, amount * s.keep(), s.between(0.5, 1))]
    return edges


def _gather_scatter(s: _Stage) -> list[Edge]:
    hub, *rest = s.cast(s.count(8, 13))
    half = len(rest) // 2
    size = s.entry(rest)
    edges: list[Edge] = [(a, hub, size * s.spread(), s.between(0, 0.45)) for a in rest[:half]]
    shares = s.rng.dirichlet(np.full(len(rest) - half, 12.0)) * sum(e[2] for e in edges) * s.keep()
    return [*edges, *((hub, a, float(x), s.between(0.5, 1)) for a, x in zip(rest[half:], shares, strict=True))]


def _layer(
    s: _Stage, givers: list[int], takers: list[int], money: list[float], span: tuple[float, float]
) -> list[Edge]:
    """Each giver splits its money over nearly all takers."""
    edges: list[Edge] = []
    for giver, total in zip(givers, money, strict=True):
        shares = s.rng.dirichlet(np.full(len(takers), 12.0))
        edges += [(giver, taker, total * float(x), s.between(*span)) for taker, x in zip(takers, shares, strict=True)]
    missing = int(s.rng.integers(0, len(edges))) if s.rng.random() < 0.5 else -1
    return [edge for place, edge in enumerate(edges) if place != missing]


def _bipartite(s: _Stage) -> list[Edge]:
    givers, takers = s.cast(s.count(3, 5)), s.cast(s.count(3, 5))
    size = s.entry(givers)
    return _layer(s, givers, takers, [size * len(takers) * s.spread() for _ in givers], (0, 1))


def _stack(s: _Stage) -> list[Edge]:
    top, middle, bottom = s.cast(s.count(3, 4)), s.cast(s.count(3, 4)), s.cast(s.count(3, 4))
    size = s.entry(top)
    first = _layer(s, top, middle, [size * len(middle) * s.spread() for _ in top], (0, 0.45))
    carried = [sum(e[2] for e in first if e[1] == mid) * s.keep() for mid in middle]
    return [*first, *_layer(s, middle, bottom, carried, (0.5, 1))]


def _structuring(s: _Stage) -> list[Edge]:
    """Just below the reporting limit, whatever the variant: the limit does not move."""
    giver, *takers = s.cast(s.count(2, 4))
    return [(giver, takers[n % len(takers)], s.between(8_200, 9_950), s.between(0, 1)) for n in range(s.count(5, 9))]


def _dormant(s: _Stage, sleepers: list[int]) -> list[Edge]:
    """A sleeper receives at once and sends nearly all of it on to several, then sleeps again."""
    hub, (source, *takers) = sleepers.pop(), s.cast(s.count(4, 6))
    size = s.entry(takers)
    edges: list[Edge] = [(hub, a, size * s.spread(), s.between(0.2, 1)) for a in takers]
    return [(source, hub, sum(e[2] for e in edges) / s.keep(), s.between(0, 0.15)), *edges]


SHAPES: dict[Typology, Callable[[_Stage], list[Edge]]] = {
    "fan_in": _fan_in,
    "fan_out": _fan_out,
    "cycle": _cycle,
    "scatter_gather": _scatter_gather,
    "gather_scatter": _gather_scatter,
    "bipartite": _bipartite,
    "stack": _stack,
    "structuring": _structuring,
    "pass_through": _pass_through,
}
