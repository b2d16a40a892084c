"""One strategy on one instrument over history: whole units, cash, commission, next-day execution.

A decision made after close t is traded at close t + 1. Long or flat: what is held is never more than the
cash pays for. An adjusted close is not a price at which anybody traded; results are comparisons, not income.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from desk.backtest.costs import Costs
from desk.errors import DataError, InputError
from desk.risk.measures import TRADING_DAYS, Vector, max_drawdown, sharpe, sortino, volatility

CASH = 100_000.0
BAND = 0.05
"""A holding that is off its target by less than this share of wealth is left alone."""


class Executed(NamedTuple):
    """What a trade did: units (negative when sold), the cash paid for them (negative when received), the fee."""

    units: float
    paid: float
    fee: float


class Venue(Protocol):
    """Where a backtest trades: at a given day's close, at once or not at all."""

    def trade(self, day: int, close: float, units: float) -> Executed:
        """Trades `units` (negative sells); less, or nothing, when the venue or a gate says so."""
        ...


class PlainVenue:
    """Fills everything at the close, half the spread and the commission added."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs

    def trade(self, day: int, close: float, units: float) -> Executed:
        """See `Venue.trade`."""
        at = self._costs.price(close, 1 if units > 0 else -1)
        return Executed(units, units * at, self._costs.commission(abs(units) * at))


class Measures(NamedTuple):
    """Of daily returns. Shares, not percent; `sharpe` and `sortino` are None when wealth never moved or fell.

    `turnover` is traded value a year per mean wealth.
    """

    total: float
    yearly: float
    volatility: float
    sharpe: float | None
    sortino: float | None
    drawdown: float
    turnover: float
    trades: int
    costs: float


@dataclass(frozen=True)
class Run:
    """Wealth (T,) at each close, its daily returns (T - 1,), and the measures."""

    wealth: Vector
    returns: Vector
    measures: Measures


def run_backtest(
    closes: Vector,
    decisions: Vector,
    costs: Costs,
    *,
    lot: float = 1.0,
    cash: float = CASH,
    delay: int = 1,
    venue: Venue | None = None,
    periods: int = TRADING_DAYS,
) -> Run:
    """Wealth of following `decisions` (T,) over `closes` (T,), both of the same days.

    A decision is a share of wealth in [0, 1]. `delay` of at least one day: nothing trades at the close that
    decided it. Without a venue everything fills at the close plus costs; `periods` are the closes of a year.
    InputError for shapes or decisions that do not fit; DataError for closes that are no prices.
    """
    _check(closes, decisions, delay)
    market = venue or PlainVenue(costs)
    units, traded, paid, trades = 0.0, 0.0, 0.0, 0
    wealth = np.empty(closes.size)
    wishes = decisions.tolist()
    for day, price in enumerate(closes.tolist()):
        wanted = _change(wishes[day - delay], units, cash, price, costs, lot) if day >= delay else 0.0
        if wanted:
            done = market.trade(day, price, wanted)
            cash, units = cash - done.paid - done.fee, units + done.units
            traded, paid = traded + abs(done.paid), paid + done.fee + abs(done.paid - done.units * price)
            trades += bool(done.units)
        wealth[day] = cash + units * price
    returns = wealth[1:] / wealth[:-1] - 1.0
    turnover = traded / float(wealth.mean()) / (closes.size / periods)
    return Run(wealth, returns, _measure(returns, periods)._replace(turnover=turnover, trades=trades, costs=paid))


def find_lookahead(decide: Callable[[Vector], Vector], closes: Vector, days: list[int], seed: int = 7) -> int | None:
    """The first of `days` whose past changes when the future does; None when the strategy cannot see ahead.

    After each day t all later closes are replaced by another path; decisions at or before t must not change.
    """
    truth, source = decide(closes), np.random.default_rng(seed)
    for day in days:
        poisoned = closes.copy()
        later = closes.size - day - 1
        poisoned[day + 1 :] = closes[day] * np.exp(np.cumsum(source.normal(0.0, 0.08, later)))
        if not np.array_equal(decide(poisoned)[: day + 1], truth[: day + 1]):
            return day
    return None


def _change(wish: float, units: float, cash: float, price: float, costs: Costs, lot: float) -> float:
    """Units to trade now: negative sells; whole lots; never more than the cash pays for with its costs."""
    wealth = cash + units * price
    target = wish * wealth
    if abs(target - units * price) < BAND * wealth and wish > 0:
        return 0.0
    if target <= units * price:
        left = np.floor(target / price / lot + 1e-9) * lot
        return float(min(left, units) - units)
    room = min(target - units * price, cash)
    at = costs.price(price, 1)
    most = (room - costs.least) / (at * (1 + costs.commission_bps / 10_000))
    return float(max(0.0, np.floor(most / lot) * lot))


def _measure(returns: Vector, periods: int) -> Measures:
    moved = bool(returns.std() > 1e-15)
    total = float(np.prod(1 + returns)) - 1
    return Measures(
        total=total,
        yearly=float((1 + total) ** (periods / returns.size) - 1),
        volatility=volatility(returns, periods),
        sharpe=sharpe(returns, periods=periods) if moved else None,
        sortino=sortino(returns, periods=periods) if moved and returns.min() < 0 else None,
        drawdown=max_drawdown(returns),
        turnover=0.0,
        trades=0,
        costs=0.0,
    )


def _check(closes: Vector, decisions: Vector, delay: int) -> None:
    if closes.shape != decisions.shape or closes.ndim != 1 or closes.size < 3:
        raise InputError(f"closes of shape {closes.shape} and decisions of shape {decisions.shape} are not one history")
    if not np.isfinite(closes).all() or closes.min() <= 0:
        raise DataError("a close is not a positive number; mend the history first")
    if not _shares(decisions):
        raise InputError("a decision is not a share of wealth between 0 and 1")
    if delay < 1:
        raise InputError(f"a delay of {delay} days would trade at the close that decided it; give at least 1")


def _shares(decisions: NDArray[np.float64]) -> bool:
    return bool(np.isfinite(decisions).all() and decisions.min() >= 0 and decisions.max() <= 1)
