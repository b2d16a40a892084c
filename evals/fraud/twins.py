"""Seven kinds of benign twin: what ordinary business does that looks like a pattern.

Payroll with joiners, merchant settlement, treasury sweeps with morning funding, market makers' round trips, monthly
remittances, cash businesses around the reporting limit, accounts that wake for a house sale.
"""

from __future__ import annotations

import numpy as np

from desk.fraud.graph import Ints
from evals.fraud.worlds import Floats, Rows, Town, clock_days

MONTH = 30.4


def build_twins(town: Town, rng: np.random.Generator) -> list[Rows]:
    """The rows of every twin."""
    makers = (_payroll, _settlement, _treasury, _market_makers, _remittances, _cash, _wake_ups)
    return [make(town, rng) for make in makers]


def _rows(parts: list[tuple[Ints | int, Ints | int, Floats | float, Floats | float]]) -> Rows:
    """Rows from tuples of source, target, amount, day, each an array or one value for all."""
    wide = [np.broadcast_arrays(*part) for part in parts]
    source, target, amount, day = (np.concatenate([np.atleast_1d(p[k]) for p in wide]) for k in range(4))
    return Rows.of(source.astype(np.int64), target.astype(np.int64), amount.astype(np.float64), day.astype(np.float64))


def _months(town: Town, rng: np.random.Generator) -> Floats:
    return np.arange(rng.uniform(0, MONTH), town.plan.days, MONTH)


def _payroll(town: Town, rng: np.random.Generator) -> Rows:
    """Each employer is funded, then pays everybody within hours; one in eight joined during the time."""
    parts: list[tuple[Ints | int, Ints | int, Floats | float, Floats | float]] = []
    for firm in town.employers.tolist():
        staff = rng.choice(town.people, int(rng.integers(6, 40)), replace=False)
        wage = rng.lognormal(np.log(1_800), 0.35, len(staff))
        joined = np.where(rng.random(len(staff)) < 0.12, rng.uniform(0, town.plan.days, len(staff)), -1)
        funder = int(rng.choice(town.people))
        for day in _months(town, rng):
            here = joined <= day
            paid = wage[here] * rng.lognormal(0, 0.02, int(here.sum()))
            parts.append((funder, firm, float(paid.sum()) * float(rng.uniform(1.0, 1.1)), day - 0.3))
            parts.append((firm, staff[here], paid, day + rng.uniform(0, 0.2, len(paid))))
    return _rows(parts)


def _settlement(town: Town, rng: np.random.Generator) -> Rows:
    """Shops take money from regulars and from new customers, and sweep it out every few days."""
    parts: list[tuple[Ints | int, Ints | int, Floats | float, Floats | float]] = []
    days = town.plan.days
    for shop in town.merchants.tolist():
        count = int(rng.poisson(rng.lognormal(np.log(0.9), 0.6) * days))
        customers = rng.choice(town.people, count)
        day = np.sort(clock_days(rng, count, days))
        price = rng.lognormal(np.log(90), 0.8) * rng.lognormal(0, 0.5, count)
        parts.append((customers, shop, price, day))
        bank, every = int(rng.choice(town.merchants)), float(rng.choice([1.0, 3.5, 7.0]))
        if bank == shop or not count:
            continue
        takings = np.bincount((day / every).astype(np.int64), price)
        some = np.flatnonzero(takings)
        swept = takings[some] * rng.uniform(0.92, 0.99, len(some))
        parts.append((shop, bank, swept, (some + 1) * every + rng.uniform(0.02, 0.2, len(some))))
    return _rows(parts)


def _treasury(town: Town, rng: np.random.Generator) -> Rows:
    """Subsidiaries send their money up in the evening of some days and are funded on the next morning."""
    parts: list[tuple[Ints | int, Ints | int, Floats | float, Floats | float]] = []
    groups = np.array_split(town.treasuries, max(1, len(town.treasuries) // 7))
    for head, *arms in (group.tolist() for group in groups):
        firms = np.array(arms, dtype=np.int64)
        for week in range(town.plan.days // 7):
            day = week * 7 + float(rng.integers(0, 5))
            money = rng.lognormal(np.log(4_000), 0.5, len(firms))
            parts.append((firms, head, money, day + rng.uniform(0.74, 0.8, len(firms))))
            parts.append(
                (head, firms, money * rng.uniform(0.9, 1.0, len(firms)), day + 1 + rng.uniform(0.3, 0.36, len(firms)))
            )
    return _rows(parts)


def _market_makers(town: Town, rng: np.random.Generator) -> Rows:
    """Round trips with a counterparty within hours, and hedges that go round three desks."""
    parts: list[tuple[Ints | int, Ints | int, Floats | float, Floats | float]] = []
    desks = town.makers
    for desk in desks.tolist():
        others = rng.choice(desks[desks != desk], min(4, len(desks) - 1), replace=False)
        count = int(rng.integers(10, 30))
        first, money = rng.choice(others, count), rng.lognormal(np.log(3_000), 0.5, count)
        day = clock_days(rng, count, town.plan.days)
        back = day + rng.uniform(0.05, 0.6, count)
        parts += [(desk, first, money, day), (first, desk, money * rng.uniform(0.97, 1.02, count), back)]
        if len(others) >= 2:
            one, two, trips = int(others[0]), int(others[1]), int(rng.integers(3, 9))
            when, sum_ = clock_days(rng, trips, town.plan.days), rng.lognormal(np.log(5_000), 0.4, trips)
            for hop, (giver, taker) in enumerate(((desk, one), (one, two), (two, desk))):
                parts.append((giver, taker, sum_ * 0.99**hop, when + 0.3 * hop + rng.uniform(0, 0.2, trips)))
    return _rows(parts)


def _remittances(town: Town, rng: np.random.Generator) -> Rows:
    """Relatives send to one of them each month, who sends it home at once."""
    parts: list[tuple[Ints | int, Ints | int, Floats | float, Floats | float]] = []
    for _ in range(town.some(60)):
        hub, home, *rest = rng.choice(town.people, int(rng.integers(6, 13)), replace=False).tolist()
        family = np.array(rest, dtype=np.int64)
        begins = float(rng.uniform(0, town.plan.days * 0.6)) if rng.random() < 0.3 else 0.0
        for day in _months(town, rng):
            if day < begins:
                continue
            here = family[rng.random(len(family)) < 0.9]
            money = 220 * rng.lognormal(0, 0.3, len(here))
            parts.append((here, hub, money, day + rng.uniform(0, 2.5, len(here))))
            parts.append((hub, home, float(money.sum()) * float(rng.uniform(0.93, 1.0)), day + 3.0))
    return _rows(parts)


def _cash(town: Town, rng: np.random.Generator) -> Rows:
    """Takings paid in two or three times a week, spread around the reporting limit."""
    parts: list[tuple[Ints | int, Ints | int, Floats | float, Floats | float]] = []
    for shop in town.shops.tolist():
        count = int(rng.poisson(town.plan.days * 0.35))
        bank = int(rng.choice(town.merchants))
        parts.append((shop, bank, 9_700 * rng.lognormal(0, 0.13, count), clock_days(rng, count, town.plan.days)))
    return _rows(parts)


def _wake_ups(town: Town, rng: np.random.Generator) -> Rows:
    """A sleeper sells a house: a large payment in, part of it on to one or two, then ordinary life."""
    parts: list[tuple[Ints | int, Ints | int, Floats | float, Floats | float]] = []
    for sleeper in town.sleepers[1::2].tolist():
        day = float(rng.uniform(125, 172)) * town.plan.days / 180
        notary, price = int(rng.choice(town.merchants)), float(rng.lognormal(np.log(6_000), 0.6))
        parts.append((notary, sleeper, price, day))
        takers = rng.choice(town.people, int(rng.integers(1, 4)))
        shares = rng.uniform(0.15, 0.95) * rng.dirichlet(np.full(len(takers), 4.0))
        parts.append((sleeper, takers, price * shares, day + rng.uniform(0.2, 3.0, len(takers))))
        later = int(rng.poisson(8))
        parts.append(
            (
                sleeper,
                rng.choice(town.people, later),
                150 * rng.lognormal(0, 0.7, later),
                day + rng.uniform(3, 50, later),
            )
        )
    return _rows(parts)
