"""Seeded companies over three years: results days, insiders, forms, with planted abuse and what only looks like it.

Returns have fat tails and calm and restless times. Results come every 63 days and may move the price; those days are
known. Planted: purchases or sales before them by people who hardly trade, jumps on days of no news, forms filed late.
Twins: results that jump, monthly buyers, plans made before, wrong directions, small trades, forms on the last day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from desk.compliance.deadlines import add_business_days
from desk.filings.ownership import InsiderForm, Line, Owner
from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.records import Announcement, Bars, PersonTrade, Side
from desk.fraud.abuse.reports import Filed
from desk.fraud.graph import Floats
from desk.fraud.surveillance import Scene

START, DAYS, FIRST, EVERY = date(2021, 1, 1), 750, 200, 63
FORM_DAYS = {"3": 10, "4": 2, "5": 45}


@dataclass
class Companies:
    """The scene, and the truth: person and announcement, instrument and row, name of the form."""

    scene: Scene
    insiders: set[tuple[str, str]] = field(default_factory=set)
    jumps: set[tuple[str, int]] = field(default_factory=set)
    late: set[str] = field(default_factory=set)


def build_companies(seed: int, count: int = 12) -> Companies:
    """`count` companies; about two insiders, one jump and three late forms each."""
    dice = np.random.default_rng(seed)
    made = Companies(Scene())
    bars: list[Bars] = []
    trades: list[PersonTrade] = []
    news: list[Announcement] = []
    for number in range(count):
        name = f"XNAS:C{number}"
        returns, results = _returns(dice)
        for day, move in results:
            told = Announcement(f"{name}-{day}", name, START + timedelta(days=day))
            news.append(told)
            trades += _around(dice, made, told, move)
        _jump(dice, made, name, returns, [day for day, _ in results])
        close = 50 * np.exp(np.cumsum(returns))
        first = float((START - date(1970, 1, 1)).days)
        bars.append(Bars(name, (first + np.arange(DAYS, dtype=np.float64)) * DAY, close, close, close,
                         np.full(DAYS, np.nan)))  # fmt: skip
        trades += _monthly(dice, name)
    links = {one.instrument: {t.person for t in trades if t.instrument == one.instrument} for one in bars}
    known = {one.instrument: {(n.day - date(1970, 1, 1)).days for n in news if n.instrument == one.instrument}
             for one in bars}  # fmt: skip
    filed = [form for n in range(6 * count) for form in [_form(dice, made, n)]]
    made.scene = Scene(bars=bars, person_trades=trades, news=news, links=links, known_days=known, filed=filed)
    return made


def _returns(dice: np.random.Generator) -> tuple[Floats, list[tuple[int, float]]]:
    restless = np.exp(np.convolve(dice.normal(0, 0.15, DAYS + 40), np.ones(40) / 6, "valid")[:DAYS] / 2)
    returns = 0.015 * restless * dice.standard_t(5, DAYS) / np.sqrt(5 / 3)
    results = []
    for day in range(FIRST + int(dice.integers(EVERY)), DAYS - 5, EVERY):
        move = float(dice.choice([-1, 1]) * dice.uniform(0.08, 0.25)) if dice.random() < 0.5 else 0.0
        returns[day] += move
        results.append((day, move))
    return returns, results


def _around(dice: np.random.Generator, made: Companies, told: Announcement, move: float) -> list[PersonTrade]:
    """Trades before one announcement: a plant in a third of those that moved, a twin in the others."""
    paid: Side = "buy" if move > 0 else "sell"
    wrong: Side = "sell" if move > 0 else "buy"
    day = told.day - timedelta(days=int(dice.integers(1, 26)))
    units = float(dice.uniform(1_000, 20_000))
    person = f"{told.id}-p"
    if move and dice.random() < 0.35:
        made.insiders.add((person, told.id))
        parts = int(dice.integers(1, 4))
        return [
            PersonTrade(f"{person}{n}", person, told.instrument, paid, day, units / parts, 50.0) for n in range(parts)
        ]
    kind = int(dice.integers(4))
    twin = PersonTrade(f"{person}0", person, told.instrument, paid, day, units, 50.0)
    return [(
        twin._replace(planned=True),
        twin._replace(side=wrong) if move else twin,
        twin._replace(units=float(dice.uniform(5, 150))),
        twin._replace(day=told.day - timedelta(days=int(dice.integers(32, 60)))),
    )[kind]]  # fmt: skip


def _monthly(dice: np.random.Generator, name: str) -> list[PersonTrade]:
    """A director who buys about the same every month."""
    usual = float(dice.uniform(500, 3_000))
    return [
        PersonTrade(f"{name}-m{day}", f"{name}-monthly", name, "buy", START + timedelta(days=day),
                    usual * float(dice.lognormal(0, 0.25)), 50.0)
        for day in range(5, DAYS, 30)
    ]  # fmt: skip


def _jump(dice: np.random.Generator, made: Companies, name: str, returns: Floats, results: Sequence[int]) -> None:
    free = [day for day in range(FIRST, DAYS - 5) if all(abs(day - told) > 5 for told in results)]
    row = int(dice.choice(free))
    usual = float(returns[row - 60 : row].std())
    returns[row] = dice.choice([-1, 1]) * usual * dice.uniform(8, 16)
    made.jumps.add((name, row))


def _form(dice: np.random.Generator, made: Companies, number: int) -> Filed:
    """A form filed in time, up to the last day, or late by days to months."""
    form, id = str(dice.choice(["3", "4", "4", "4", "5"])), f"form-{number}"
    event = START + timedelta(days=int(dice.integers(0, 700)))
    term = FORM_DAYS[form]
    due = add_business_days(event, term) if form == "4" else event + timedelta(days=term)
    late = dice.random() < 0.5
    if late:
        made.late.add(id)
    on = (
        add_business_days(due, int(dice.geometric(0.12)) + 1)
        if late
        else due - timedelta(days=int(dice.integers(0, 2)))
    )
    line = Line("nonDerivativeTable[1]", "Common", False, event, "P", Decimal(100), Decimal(50), True, None, True)
    lines = (line,) if form == "4" else ()
    owner = Owner(f"owner {number}", "0000000001", "Director")
    return Filed(id, InsiderForm(form, "C", "0000000002", "C", (owner,), event, on, lines, ()), on)
