"""Proof that a backtest does not see ahead: every future value is poisoned, and the past stays the same to the byte.

After each day t all later closes, rates, volumes and actions become others, and once more they are cut off; wealth,
weights and decisions up to t must be identical. `shuffle_world` makes worlds in which nobody can have an edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np

from desk.backtest.market import Action, Market, filled, mend_market
from desk.backtest.portfolio import PortfolioRun

POISONS = ("rise", "fall", "holes", "cut")
Runner = Callable[[Market, int | None], PortfolioRun]
"""Runs over a market up to a row, or all of it."""


class Leak(NamedTuple):
    """The first judged day whose past changed, and with which poison."""

    day: date
    poison: str


def find_leak(run: Runner, market: Market, rows: Iterable[int], seed: int = 7) -> Leak | None:
    """The first of `rows` after which poison changes the past; None when the run cannot see ahead.

    `market` is as read, before mending: mending is part of what is proved. Its last row cannot be poisoned after.
    """
    truth, last = run(mend_market(market), None), len(market.days) - 1
    for row in sorted({row for row in rows if row < last}):
        for poison in POISONS:
            other = run(mend_market(poison_after(market, row, poison, seed)), row)
            if _past(other, market.days[row]) != _past(truth, market.days[row]):
                return Leak(market.days[row], poison)
    return None


def poison_after(market: Market, row: int, poison: str, seed: int) -> Market:
    """The same market up to and with `row`, and another one after it.

    `rise` and `fall`: another path, each day at least 1 % that way, with other volumes and rates, a split and a
    delisting; `holes`: prices and rates are gone; `cut`: the same, and the days after the next do not exist.
    """
    if poison == "cut":
        market = market.cut(slice(0, row + 2))
    later = slice(row + 1, None)
    closes, rates, volumes = market.closes.copy(), market.rates.copy(), market.volumes.copy()
    actions = tuple(action for action in market.actions if action.day <= market.days[row])
    if poison in ("holes", "cut"):
        closes[later], rates[later], volumes[later] = np.nan, np.nan, 0.0
        return replace(market, closes=closes, rates=rates, volumes=volumes, actions=actions)
    dice, shape = np.random.default_rng(seed + row), closes[later].shape
    start = np.nan_to_num(filled(closes)[row], nan=50.0)
    way = 1.0 if poison == "rise" else -1.0
    steps = way * dice.uniform(0.01, 0.08, shape)
    closes[later] = start * np.exp(np.clip(np.cumsum(steps, axis=0), -50.0, 50.0))
    rates[later] = rates[later] * np.exp(way * dice.uniform(0.1, 0.7, shape))
    volumes[later] = dice.integers(0, 10**6, shape)
    first, gone = market.instruments[0].id, market.instruments[-1].id
    made = (Action(market.days[row + 1], first, "split", 3.0), Action(market.days[-1], gone, "delisted", 1.0))
    return replace(market, closes=closes, rates=rates, volumes=volumes, actions=(*actions, *made))


def shuffle_world(market: Market, seed: int) -> Market:
    """A market of the same days in which no day tells anything about the next, and nothing pays on average.

    Days of simple returns, their mean taken off, are drawn with replacement, all instruments together, so what moves
    together still does. Rates stand still.
    """
    table = filled(market.closes)
    table = np.where(np.isnan(table), np.nanmean(table, axis=0), table)
    returns = table[1:] / table[:-1] - 1.0
    drawn = np.random.default_rng(seed).integers(0, len(returns), len(returns))
    steps = np.maximum((returns - returns.mean(axis=0))[drawn], -0.9)
    closes = 100.0 * np.cumprod(np.concatenate((np.ones((1, table.shape[1])), 1.0 + steps)), axis=0)
    return replace(market, closes=closes, rates=np.ones_like(closes), actions=())


def _past(run: PortfolioRun, day: date) -> tuple[bytes, bytes, bytes]:
    rows = sum(one <= day for one in run.days)
    return run.wealth[:rows].tobytes(), run.weights[:rows].tobytes(), run.decided[: rows + 1].tobytes()
