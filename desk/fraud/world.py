"""The demonstration's transfers: a seeded small town with one ring and one structuring hidden in it.

All of it is simulated and labelled so. Ordinary life is lognormal in size and Zipf in contacts;
around it stand the innocent twins of what the rules look for: payroll, rents, shop settlement,
remittances to one relative, takings near the reporting limit, a house sale, firms that trade in a
circle. Which transfers are planted is not stored anywhere.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, insert, select

from desk.clock import to_iso
from desk.fraud.graph import DAY, Transfer, moment_of
from desk.store.engine import Store
from desk.store.tables import transfers as table

LABEL = "simulated transfers"
PLANTS = frozenset({"ring", "structuring"})
Row = tuple[int, int, float, float]
"""Source, target, amount in USD, time in days since the world began."""


@dataclass(frozen=True)
class _Town:
    """Who is who, by account number."""

    days: int
    employers: range
    merchants: range
    landlords: range
    takers: range
    bank: int
    notary: int
    people: range


def build_world(seed: int, accounts: int, days: int, end: datetime, plants: Collection[str] = PLANTS) -> list[Transfer]:
    """The transfers of the last `days` days before `end`, oldest first. Same arguments, same world.

    `accounts` is at least 80; without a plant in `plants` the rest of the world stays the same.
    """
    rng = np.random.default_rng(seed)
    town = _found(max(accounts, 80), days)
    rows = [*_payroll(town, rng), *_rents(town, rng), *_shopping(town, rng), *_friends(town, rng)]
    rows += [*_sweeps(town, rows, rng), *_twins(town, rng)]
    hidden = np.random.default_rng([seed, 1])
    ring, split = _ring(town, hidden), _structuring(town, hidden)
    rows += [*(ring if "ring" in plants else []), *(split if "structuring" in plants else [])]
    names = np.random.default_rng([seed, 2]).permutation(9_000)[: max(accounts, 80)] + 1_000
    rows.sort(key=lambda row: (row[3], row[0], row[1]))
    begin = end.timestamp() - days * DAY
    return [
        Transfer(
            f"tr-{n:06d}",
            f"AC-{names[source]}",
            f"AC-{names[target]}",
            max(1, round(amount * 100)),
            "USD",
            moment_of(int(begin + at * DAY)),
        )
        for n, (source, target, amount, at) in enumerate(rows, 1)
        if at < days
    ]


def seed_transfers(store: Store, seed: int, accounts: int, days: int, end: datetime) -> int:
    """Fills an empty table of transfers; returns how many were added, 0 when it was not empty."""
    with store.read() as connection:
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            return 0
    rows = [
        {
            "id": row.id,
            "source": row.source,
            "target": row.target,
            "minor": row.minor,
            "currency": row.currency,
            "at": to_iso(row.at),
            "label": LABEL,
        }
        for row in build_world(seed, accounts, days, end)
    ]
    with store.begin() as connection:
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            return 0
        connection.execute(insert(table), rows)
    return len(rows)


def day_start(moment: datetime) -> datetime:
    """Half past one in the afternoon of the market clock's day: before its session can begin."""
    return moment.replace(hour=13, minute=30, second=0, microsecond=0)


def _found(accounts: int, days: int) -> _Town:
    cuts = np.cumsum([max(4, accounts // 24), max(10, accounts // 10), max(3, accounts // 50), 3])
    a, b, c, d = (int(cut) for cut in cuts)
    return _Town(days, range(a), range(a, b), range(b, c), range(c, d), d, d + 1, range(d + 2, accounts))


def _zipf(n: int) -> NDArray[np.float64]:
    weights = 1.0 / np.arange(1, n + 1)
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def _months(days: int, day: float) -> list[float]:
    """The instants, about thirty days apart and counted back from the end, that stand for one day of the month."""
    return [at for at in np.arange(days - 30.4 + day, -31, -30.4) if 0 <= at < days]


def _payroll(town: _Town, rng: np.random.Generator) -> list[Row]:
    rows: list[Row] = []
    for person in town.people:
        employer, wage = int(rng.choice(town.employers)), float(rng.lognormal(8.2, 0.35))
        joined = float(rng.uniform(0, town.days)) if rng.random() < 0.04 else -1.0
        for at in _months(town.days, 27.0):
            if at > joined:
                rows.append((employer, person, wage * (1 + 0.02 * rng.random()), at + rng.uniform(0, 0.2)))
    return rows


def _rents(town: _Town, rng: np.random.Generator) -> list[Row]:
    rows: list[Row] = []
    for person in town.people:
        landlord, rent = int(rng.choice(town.landlords)), round(float(rng.lognormal(7.0, 0.25)))
        rows += [(person, landlord, rent, at + rng.uniform(0, 3)) for at in _months(town.days, 2.0)]
    return rows


def _shopping(town: _Town, rng: np.random.Generator) -> list[Row]:
    return _spend(town, rng, list(town.merchants), favourites=8, rate=0.28, mean=3.7)


def _friends(town: _Town, rng: np.random.Generator) -> list[Row]:
    return _spend(town, rng, list(town.people), favourites=5, rate=0.06, mean=3.9)


def _spend(
    town: _Town, rng: np.random.Generator, targets: list[int], *, favourites: int, rate: float, mean: float
) -> list[Row]:
    """People pay mostly the few they know, now and then a stranger that is popular."""
    rows: list[Row] = []
    everybody, known_share = _zipf(len(targets)), _zipf(favourites)
    for person in town.people:
        known = rng.choice(targets, favourites, replace=False)
        count = int(rng.poisson(rate * float(rng.lognormal(0, 0.5)) * town.days))
        strangers = rng.random(count) > 0.85
        to = np.where(strangers, rng.choice(targets, count, p=everybody), rng.choice(known, count, p=known_share))
        amounts, scale = rng.lognormal(mean, 0.8, count), float(rng.lognormal(0, 0.3))
        at = np.floor(rng.uniform(0, town.days, count)) + np.clip(rng.normal(0.6, 0.15, count), 0.25, 0.98)
        rows += [
            (person, int(t), float(a) * scale, float(when))
            for t, a, when in zip(to, amounts, at, strict=True)
            if t != person
        ]
    return rows


def _sweeps(town: _Town, rows: list[Row], rng: np.random.Generator) -> list[Row]:
    """Each shop sends nearly all of a week's takings to the bank account that settles for it."""
    takings: dict[tuple[int, int], float] = {}
    for _, target, amount, at in rows:
        if target in town.merchants:
            key = (target, int(at // 7))
            takings[key] = takings.get(key, 0.0) + amount
    return [
        (shop, town.bank, total * float(rng.uniform(0.9, 0.97)), week * 7 + 7.1 + float(rng.uniform(0, 0.2)))
        for (shop, week), total in sorted(takings.items())
    ]


def _twins(town: _Town, rng: np.random.Generator) -> list[Row]:
    rows: list[Row] = []
    relative, *senders = (int(x) for x in rng.choice(town.people, 9, replace=False))
    for sender in senders:
        rows += [(sender, relative, 200 + 50 * rng.random(), at + rng.uniform(0, 4)) for at in _months(town.days, 12.0)]
    for taker in town.takers:
        rows += [
            (taker, town.bank, 9_700 * float(rng.lognormal(0, 0.13)), day + 0.75)
            for day in range(town.days)
            if rng.random() < 0.5
        ]
    buyer, seller = (int(x) for x in rng.choice(town.people, 2, replace=False))
    sold = 0.62 * town.days
    rows += [(buyer, town.notary, 318_000, sold), (town.notary, seller, 311_000, sold + 1.3)]
    one, two, three = list(town.employers)[:3]
    for at in _months(town.days, 15.0):
        for giver, taker in ((one, two), (two, three), (three, one)):
            rows.append((giver, taker, 24_000 * float(rng.lognormal(0, 0.2)), at + rng.uniform(0, 6)))
    return rows


def _ring(town: _Town, rng: np.random.Generator) -> list[Row]:
    """Five accounts in the last week: about 48,000 goes round and comes back smaller by small fees."""
    members = [int(x) for x in rng.choice(town.people, 5, replace=False)]
    amount, at, rows = float(rng.uniform(44_000, 52_000)), town.days - 4.4, []
    for giver, taker in zip(members, [*members[1:], members[0]], strict=True):
        rows.append((giver, taker, amount, at))
        amount *= 1 - float(rng.uniform(0.008, 0.03))
        at += float(rng.uniform(0.3, 0.9))
    return rows


def _structuring(town: _Town, rng: np.random.Generator) -> list[Row]:
    """About four weeks before the end one account pays two others, each time just below the limit."""
    source, *targets = (int(x) for x in rng.choice(town.people, 3, replace=False))
    begin = town.days - 26
    return [
        (source, targets[n % 2], float(rng.uniform(9_120, 9_890)), begin + n * float(rng.uniform(0.9, 1.2)) + 0.4)
        for n in range(7)
    ]
