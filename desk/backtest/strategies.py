"""Portfolio strategies by name, each with the values of its knobs that a search may try.

A strategy decides step by step from what it is shown (`desk.backtest.portfolio.Seen`) and leaves out what has no price
now. Adding one here adds it to the look-ahead proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.backtest.learned import learned
from desk.backtest.market import Market, filled
from desk.backtest.optimised import equal_risk, minimum_variance
from desk.backtest.portfolio import Decide, Seen
from desk.backtest.sight import HOLES, Knobs, alive, due, shared, trailing_returns
from desk.errors import InputError
from desk.risk.measures import Vector

MOST_KNOB = 2_000
MOST_TRIALS = 64
"""A search tries at most so many sets of knobs."""


class Strategy(NamedTuple):
    """`build` makes a fresh decider from knobs; `usual` are those nobody asked for, `grid` what a search tries.

    The market is given to `build` for the instruments' ticks, and for what only works on whole columns; the proof
    holds for every strategy.
    """

    name: str
    title: str
    usual: Knobs
    grid: Mapping[str, tuple[int, ...]]
    build: Callable[[Knobs, Market], Decide]
    sensible: Callable[[Knobs], bool] = lambda _: True

    def turned(self, asked: Iterable[tuple[str, int]]) -> Knobs:
        """The usual knobs with these values. InputError for an unknown knob or a value that makes no sense."""
        knobs = dict(self.usual)
        for name, value in asked:
            if name not in knobs:
                raise InputError(f"{self.title} has no knob {name!r}; it has: {', '.join(knobs) or 'none'}")
            if not (0 if name == "every" else 2) <= value <= MOST_KNOB:
                raise InputError(f"{name}={value} of {self.title} is not between 2 and {MOST_KNOB} (every: from 0)")
            knobs[name] = value
        if not self.sensible(knobs):
            raise InputError(f"{', '.join(f'{k}={v}' for k, v in knobs.items())} makes no sense for {self.title}")
        return knobs

    def sets(self) -> list[Knobs]:
        """Every sensible set of the grid, at most MOST_TRIALS, in a fixed order; the usual one where there is none."""
        found: list[Knobs] = [dict(zip(self.grid, values, strict=True)) for values in product(*self.grid.values())]
        return [knobs for knobs in found if self.sensible(knobs)][:MOST_TRIALS] or [self.usual]


def equal_weight(knobs: Knobs, _: Market) -> Decide:
    """The same share in everything that has a price (1/N: DeMiguel, Garlappi and Uppal 2009)."""

    def decide(seen: Seen) -> Vector | None:
        return shared(alive(seen).astype(np.float64)) if due(seen, knobs["every"]) else None

    return decide


def inverse_volatility(knobs: Knobs, _: Market) -> Decide:
    """Shares in inverse proportion to the deviation of the last `window` daily returns; nothing before there are."""

    def decide(seen: Seen) -> Vector | None:
        if not due(seen, knobs["every"]):
            return None
        returns = trailing_returns(seen, knobs["window"])
        if returns is None:
            return np.zeros(seen.closes.shape[1])
        sigma = returns.std(axis=0, ddof=1)
        return shared(np.where(alive(seen) & (sigma > 1e-9), 1.0 / np.maximum(sigma, 1e-9), 0.0))

    return decide


def long_short_momentum(knobs: Knobs, _: Market) -> Decide:
    """Long the third that rose most over `window` rows, the last 21 left out, short the third that rose least.

    Half of wealth on each side (Jegadeesh and Titman 1993); nothing with fewer than three instruments or rows.
    """

    def decide(seen: Seen) -> Vector | None:
        if not due(seen, knobs["every"]):
            return None
        weights = np.zeros(seen.closes.shape[1])
        if len(seen.days) <= knobs["window"]:
            return weights
        table = filled(seen.closes[-knobs["window"] - 1 :])
        with np.errstate(invalid="ignore", divide="ignore"):
            rose = np.where(alive(seen) & (table[0] > 0), table[-22] / table[0] - 1.0, np.nan)
        ranked = [n for n in np.argsort(rose, kind="stable").tolist() if np.isfinite(rose[n])]
        third = len(ranked) // 3
        if third:
            weights[ranked[-third:]], weights[ranked[:third]] = 0.5 / third, -0.5 / third
        return weights

    return decide


def buy_and_hold(_: Knobs, __: Market) -> Decide:
    """The same share in everything that has a price, bought once for each and kept: the baseline."""
    known: list[NDArray[np.bool_]] = []

    def decide(seen: Seen) -> Vector | None:
        now = alive(seen)
        if known and not (now & ~known[-1]).any():
            return None
        known.append(now | known[-1] if known else now)
        return shared(now.astype(np.float64))

    return decide


def moving_average(knobs: Knobs, market: Market) -> Decide:
    """An even share in each while the mean of its last `fast` closes is above that of the last `slow`, else cash.

    Sums are of whole ticks, so a tie is a tie (Brock, Lakonishok and LeBaron 1992). Holes count as the price before;
    nothing before the first full slow window. Everything is rebalanced when any signal changes.
    """
    fast, slow = knobs["fast"], knobs["slow"]
    ticks = np.array([float(one.tick) for one in market.instruments])
    held: list[Vector] = []

    def decide(seen: Seen) -> Vector | None:
        if len(seen.days) < slow:
            return None
        table = filled(seen.closes[-slow - HOLES :])[-slow:] / ticks
        whole = np.rint(np.where(np.isnan(table), 0.0, table)).astype(np.int64)
        above = whole[-fast:].sum(axis=0) * slow > whole.sum(axis=0) * fast
        now = (above & alive(seen) & ~np.isnan(table[0])).astype(np.float64)
        if held and np.array_equal(held[-1], now):
            return None
        held.append(now)
        share: Vector = now / now.size
        return share

    return decide


STRATEGIES: dict[str, Strategy] = {
    one.name: one
    for one in (
        Strategy("buy_and_hold", "buy and hold", {}, {}, buy_and_hold),
        Strategy(
            "moving_average",
            "moving-average crossover",
            {"fast": 20, "slow": 100},
            {"fast": (5, 10, 20, 50), "slow": (30, 60, 100, 200)},
            moving_average,
            lambda knobs: knobs["fast"] < knobs["slow"],
        ),
        Strategy("equal_weight", "equal weight", {"every": 0}, {"every": (0, 1, 5, 63, 252)}, equal_weight),
        Strategy(
            "inverse_volatility",
            "inverse volatility",
            {"window": 63, "every": 0},
            {"window": (21, 63, 126, 252), "every": (0, 5, 63)},
            inverse_volatility,
        ),
        Strategy(
            "minimum_variance",
            "minimum variance",
            {"window": 252, "every": 0},
            {"window": (126, 252, 504), "every": (0, 21, 63)},
            minimum_variance,
        ),
        Strategy(
            "risk_parity",
            "risk parity",
            {"window": 252, "every": 0},
            {"window": (126, 252, 504), "every": (0, 21, 63)},
            equal_risk,
        ),
        Strategy(
            "long_short_momentum",
            "long-short momentum",
            {"window": 252, "every": 0},
            {"window": (63, 126, 189, 252), "every": (0, 21, 63)},
            long_short_momentum,
        ),
        Strategy("rl", "learned policy (PPO)", {"every": 0}, {"every": (0, 5, 63)}, learned),
    )
}


def find_strategy(name: str, strategies: Mapping[str, Strategy]) -> Strategy:
    """By name, hyphens and spaces allowed; InputError names those there are."""
    key = name.strip().casefold().replace("-", "_").replace(" ", "_")
    if key not in strategies:
        raise InputError(f"strategy {name!r} is not known; there are: {', '.join(strategies)}")
    return strategies[key]
