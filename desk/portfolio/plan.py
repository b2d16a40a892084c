"""A retirement plan by Monte-Carlo, in today's money.

Each path draws its own long-run return (nobody knows it) and then monthly log-normal returns around it.
Money is saved at each month's end until retirement and withdrawn at each month's beginning after it.
Everything is linear in what is saved, so the needed saving and the affordable income are exact quantiles
of the same paths and not a search.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.errors import InputError
from desk.portfolio.assumptions import COST, Mix

PATHS = 4_000
SEED = 20_221_228
LAST_AGE = 95
WANTED_CHANCE = 0.8
BAD = 0.05

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Goal:
    """Ages in years; money in today's money: what is there, saved a month, wanted a month in retirement."""

    age: int
    retire_at: int
    wealth: float
    saving: float
    income: float


class Fan(NamedTuple):
    """Wealth by age (years,) on the 5th, 25th, 50th, 75th and 95th percentile of the paths."""

    ages: tuple[int, ...]
    bands: dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class Plan:
    """What the paths say, all in today's money.

    `chance` that the money lasts to LAST_AGE; `needed_saving` a month for a WANTED_CHANCE and
    `affordable_income` a month at WANTED_CHANCE; wealth at retirement in the middle and on the worst
    one in twenty; `worst_until` the age at which the money ends on the worst one in twenty, None
    when it lasts; `worst_year` the loss of the middle wealth at retirement in a one-in-twenty year;
    `cost` what the products' costs take from the middle wealth at retirement.
    """

    goal: Goal
    chance: float
    needed_saving: float
    affordable_income: float
    middle: float
    worst: float
    worst_until: int | None
    worst_year: float
    cost: float
    fan: Fan


def check_goal(goal: Goal) -> Goal:
    """The goal, when a plan can be made of it; InputError names the value that cannot be."""
    if not 18 <= goal.age <= 90:
        raise InputError(f"age {goal.age} is not between 18 and 90; give your age in years")
    if not goal.age < goal.retire_at < LAST_AGE:
        raise InputError(f"retirement at {goal.retire_at} is not between your age {goal.age} and {LAST_AGE}")
    for name, amount in (("wealth", goal.wealth), ("monthly saving", goal.saving), ("monthly income", goal.income)):
        if not 0 <= amount < 1e10:
            raise InputError(f"{name} {amount} is not an amount of money from zero up; give it in whole units")
    return goal


def simulate(goal: Goal, before: Mix, after: Mix, *, paths: int = PATHS, seed: int = SEED) -> Plan:
    """The plan under `before` until retirement and `after` from then on. The same inputs give the same plan."""
    check_goal(goal)
    saved, spent = (goal.retire_at - goal.age) * 12, (LAST_AGE - goal.retire_at) * 12
    growth_before, growth_after = _growth(before, after, saved, spent, paths, seed)
    lump, stream = _accumulate(growth_before)
    price = _price_of_income(growth_after)
    at_retirement = goal.wealth * lump + goal.saving * stream
    fan, ends = _fan(goal, growth_before, growth_after)
    free_of_cost = (1 + COST) ** (saved / 12)
    middle = float(np.median(at_retirement))
    return Plan(
        goal=goal,
        chance=float((at_retirement >= goal.income * price).mean()),
        needed_saving=_needed_saving(goal, lump, stream, price),
        affordable_income=float(np.quantile(at_retirement / price, 1 - WANTED_CHANCE)),
        middle=middle,
        worst=float(np.quantile(at_retirement, BAD)),
        worst_until=_worst_age(goal, ends),
        worst_year=middle * _bad_year(before),
        cost=middle * _cost_share(goal, lump, stream, free_of_cost),
        fan=fan,
    )


def _growth(before: Mix, after: Mix, saved: int, spent: int, paths: int, seed: int) -> tuple[Matrix, Matrix]:
    """Monthly real growth factors after costs, (saved, paths) and (spent, paths).

    Half the paths mirror the other half (antithetic draws), so the middle does not hang on the seed.
    """
    source = np.random.default_rng(seed)
    half = paths // 2
    doubt, noise = source.standard_normal(half), source.standard_normal((saved + spent, half))
    doubt, noise = np.concatenate((doubt, -doubt)), np.concatenate((noise, -noise), axis=1)

    def factors(mix: Mix, draws: Matrix) -> Matrix:
        drift = np.log1p(mix.mean - COST) + mix.doubt * doubt
        grown: Matrix = np.exp(drift / 12 + mix.deviation / np.sqrt(12) * draws)
        return grown

    return factors(before, noise[:saved]), factors(after, noise[saved:])


def _accumulate(growth: Matrix) -> tuple[Matrix, Matrix]:
    """What one unit now, and one unit at each month's end, are worth at retirement; (paths,) each."""
    to_end = np.cumprod(growth[::-1], axis=0)[::-1]
    return to_end[0], to_end[1:].sum(axis=0) + 1.0


def _price_of_income(growth: Matrix) -> Matrix:
    """What one unit at each month's beginning costs at retirement on each path, (paths,)."""
    discount = 1.0 / np.cumprod(growth[:-1], axis=0)
    price: Matrix = discount.sum(axis=0) + 1.0
    return price


def _needed_saving(goal: Goal, lump: Matrix, stream: Matrix, price: Matrix) -> float:
    short = (goal.income * price - goal.wealth * lump) / stream
    return max(0.0, float(np.quantile(short, WANTED_CHANCE)))


def _bad_year(mix: Mix) -> float:
    """The share lost in a one-in-twenty year: the 5 % quantile of a log-normal year, at least zero."""
    return max(0.0, 1 - float(np.exp(np.log1p(mix.mean - COST) - 1.645 * mix.deviation)))


def _cost_share(goal: Goal, lump: Matrix, stream: Matrix, free: float) -> float:
    """What costs took of the middle wealth: in full from the lump, about half as long from the savings."""
    first, later = goal.wealth * float(np.median(lump)), goal.saving * float(np.median(stream))
    if first + later == 0:
        return 0.0
    return float((first * (free - 1) + later * (free**0.5 - 1)) / (first + later))


def _fan(goal: Goal, before: Matrix, after: Matrix) -> tuple[Fan, Matrix]:
    """Percentiles of wealth at each birthday, and the month in retirement at which each path runs out (inf: never)."""
    wealth = np.full(before.shape[1], goal.wealth)
    rows, ages = [wealth.copy()], [goal.age]
    for month, factor in enumerate(before, 1):
        wealth = wealth * factor + goal.saving
        if month % 12 == 0:
            rows.append(wealth.copy())
            ages.append(goal.age + month // 12)
    ends = np.full(wealth.size, np.inf)
    for month, factor in enumerate(after, 1):
        left = wealth - goal.income
        ends[(left < 0) & np.isinf(ends)] = month - 1
        wealth = np.maximum(left, 0.0) * factor
        if month % 12 == 0:
            rows.append(wealth.copy())
            ages.append(goal.retire_at + month // 12)
    levels = np.percentile(np.array(rows), (5, 25, 50, 75, 95), axis=1)
    bands = {f"p{level}": tuple(map(float, row)) for level, row in zip((5, 25, 50, 75, 95), levels, strict=True)}
    return Fan(tuple(ages), bands), ends


def _worst_age(goal: Goal, ends: Matrix) -> int | None:
    month = float(np.sort(ends)[max(0, int(BAD * ends.size) - 1)])
    return None if np.isinf(month) else goal.retire_at + int(month) // 12
