"""Seeded worlds: ordinary life, its benign twins, and planted patterns, each transfer knowing its plant.

Life: lognormal activity and amounts, Zipf contacts, strangers popular by a Pareto law, weekdays and hours. The twins
(`evals/fraud/twins.py`) look like patterns and are none; the plants (`evals/fraud/plants.py`) are. A plant's accounts
are people who run no business and are in no other plant; sleepers belong to the dormant plants and the wake-ups alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from desk.fraud.graph import DAY, Columns, Ints
from desk.fraud.typologies import Typology

Floats = NDArray[np.float64]
Variant = Literal["plain", "slow", "known", "usual"]
"""`slow`: patterns take three times as long; `known`: 40 % of their edges were paid once before; `usual`: their amounts
are what their senders usually pay."""
VARIANTS: tuple[Variant, ...] = get_args(Variant)
PLANTED: tuple[Typology, ...] = (
    "fan_in",
    "fan_out",
    "cycle",
    "scatter_gather",
    "gather_scatter",
    "bipartite",
    "stack",
    "structuring",
    "pass_through",
    "dormant",
)
BEGIN = 1_640_995_200
"""2022-01-01 00:00 UTC."""
ASLEEP = 30
"""The day after which a sleeper starts no payment, unless it wakes."""
FULL = 20_000
"""The accounts of a world of full size; smaller ones have fewer of everything."""


@dataclass(frozen=True)
class Plan:
    """Which world. `per_typology` patterns of each typology are planted."""

    seed: int
    variant: Variant = "plain"
    accounts: int = FULL
    days: int = 180
    per_typology: int = 40


@dataclass(frozen=True)
class Rows:
    """Transfers: accounts by number, amounts in dollars, time in days, and the plant of each (-1 for none)."""

    source: Ints
    target: Ints
    amount: Floats
    day: Floats
    plant: Ints

    @classmethod
    def of(cls, source: Ints, target: Ints, amount: Floats, day: Floats, plant: int = -1) -> Rows:
        """Rows of one plant, or of none."""
        return cls(source, target, amount, day, np.full(len(source), plant, dtype=np.int64))


@dataclass(frozen=True)
class Town:
    """Who lives there. `scale` and `activity` per account: its usual amount in dollars, its payments per day."""

    plan: Plan
    scale: Floats
    activity: Floats
    popularity: Floats
    merchants: Ints
    employers: Ints
    treasuries: Ints
    makers: Ints
    shops: Ints
    sleepers: Ints
    people: Ints

    def some(self, share: float) -> int:
        """A number that is `share` in a world of full size."""
        return max(2, round(share * self.plan.accounts / FULL))


@dataclass(frozen=True)
class Plant:
    """A planted pattern: its typology and the accounts of it."""

    typology: Typology
    accounts: frozenset[int]


@dataclass(frozen=True)
class World:
    """The transfers as a detector gets them; per row the plant, and per plant its pattern, for scoring only."""

    columns: Columns
    plant_of: Ints
    plants: tuple[Plant, ...]

    @property
    def planted(self) -> NDArray[np.bool_]:
        """Per account whether it is in a plant."""
        found: NDArray[np.bool_] = np.zeros(len(self.columns.accounts), dtype=np.bool_)
        found[[account for plant in self.plants for account in plant.accounts]] = True
        return found


def found_town(plan: Plan, rng: np.random.Generator) -> Town:
    """Accounts and their habits; who is who is drawn anew for every seed."""
    n = plan.accounts
    order = rng.permutation(n)
    counts = [round(n * share) for share in (0.012, 0.006, 0.014, 0.004, 0.005, 0.006)]
    cuts = np.cumsum(counts)
    merchants, employers, treasuries, makers, shops, sleepers, people = np.split(order, cuts)
    popularity = rng.pareto(1.3, n) + 0.1
    popularity[merchants] *= 60
    return Town(
        plan,
        scale=150 * rng.lognormal(0, 0.7, n),
        activity=rng.lognormal(np.log(0.085), 0.75, n),
        popularity=popularity / popularity.sum(),
        merchants=merchants,
        employers=employers,
        treasuries=treasuries,
        makers=makers,
        shops=shops,
        sleepers=sleepers,
        people=people,
    )


def live(town: Town, rng: np.random.Generator) -> Rows:
    """Ordinary payments: 85 % to the few an account knows, the rest to strangers."""
    n, days = town.plan.accounts, town.plan.days
    active = town.activity.copy()
    active[np.concatenate([town.merchants, town.treasuries, town.makers])] *= 0.15
    active[town.sleepers] = 0.3
    source = np.repeat(np.arange(n), rng.poisson(active * days))
    most = 12
    known = rng.choice(n, (n, most), p=town.popularity)
    breadth = rng.integers(3, most + 1, n)
    rank = np.minimum((breadth[source] ** rng.random(len(source))).astype(np.int64), most) - 1
    strangers = rng.choice(n, len(source), p=town.popularity)
    target = np.where(rng.random(len(source)) < 0.85, known[source, rank], strangers)
    amount = town.scale[source] * rng.lognormal(0, 0.6, len(source))
    day = clock_days(rng, len(source), days)
    asleep = np.isin(source, town.sleepers) & (day > ASLEEP)
    keep = (target != source) & ~asleep
    return Rows.of(source[keep], target[keep], amount[keep], day[keep])


def clock_days(rng: np.random.Generator, count: int, days: int) -> Floats:
    """Moments spread over days and hours as people pay: half as much at weekends, mostly in the afternoon."""
    weight = np.where(np.arange(days) % 7 >= 5, 0.5, 1.0)
    day = rng.choice(days, count, p=weight / weight.sum()).astype(np.float64)
    out: Floats = day + np.clip(rng.normal(0.58, 0.14, count), 0.02, 0.98)
    return out


def join(parts: list[Rows]) -> Rows:
    """All rows, one part behind the other."""
    return Rows(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in ("source", "target", "amount", "day", "plant"))
    )


def seal(plan: Plan, rows: Rows, plants: list[Plant]) -> World:
    """Rows within the days, sorted by time, as columns."""
    keep = np.flatnonzero((rows.day >= 0) & (rows.day < plan.days))
    order = keep[np.argsort(rows.day[keep], kind="stable")]
    columns = Columns(
        accounts=tuple(f"A{n:06d}" for n in range(plan.accounts)),
        ids=tuple(f"w{n:07d}" for n in range(len(order))),
        source=rows.source[order],
        target=rows.target[order],
        minor=np.maximum(np.round(rows.amount[order] * 100), 1).astype(np.int64),
        at=(BEGIN + rows.day[order] * DAY).astype(np.int64),
    )
    return World(columns, rows.plant[order], tuple(plants))
