"""A strategy over several instruments: decided after one close, traded at the next that there is, with costs.

Each day in this order: what companies did, what borrowing costs, the orders of an earlier decision, the mark, and the
strategy's new decision. The strategy is shown a table that holds no later day: its rows are filled as they happen.
Long and short; wealth is in the base currency. What is paid in another one is owed in it, as in the desk's accounts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol

import numpy as np

from desk.backtest.book import Book, Filled
from desk.backtest.engine import CASH
from desk.backtest.market import Market
from desk.errors import InputError, TenorError
from desk.risk.measures import Matrix, Vector

ASKED = 260
"""Rows before the judged ones from which a strategy is asked: its decision of then may still stand."""
GROSS = 2.0
"""The most that long and short together may be, in shares of wealth."""
BORROW_PCT = Decimal("0.5")
"""What borrowing to sell short costs a year: an assumption for shares that are easy to borrow."""


class Seen(NamedTuple):
    """What a strategy is shown after a close: `closes` (t + 1, n) up to that day, holes NaN, not to be written to."""

    days: tuple[date, ...]
    closes: Matrix


Decide = Callable[[Seen], Vector | None]
"""Shares of wealth (n,), negative for short, or None to leave things alone."""


class MarketVenue(Protocol):
    """Where a portfolio trades at a day's close."""

    def trade_all(self, row: int, prices: Vector, units: Vector) -> Filled:
        """Trades `units` (n,), negative sells, 0 nothing; less where the venue or a gate says so."""
        ...


class Stop(NamedTuple):
    """Where a strategy raised; it holds what it held from there on and decides nothing more."""

    day: date
    error: str


@dataclass(frozen=True)
class PortfolioRun:
    """`wealth` (T,) at each close of the judged days, before them `opening`; `weights` (T, n) as held.

    `decided` (T + 1, n) are the weights wished after each close, from the last of the warm-up on, NaN for none.

    `returns` (T,). `traded`, `costs` and `borrowed` are sums in the base currency; `stopped` says where it raised.
    """

    days: tuple[date, ...]
    opening: float
    wealth: Vector
    weights: Matrix
    decided: Matrix
    traded: float
    costs: float
    borrowed: float
    trades: int
    stopped: Stop | None

    @property
    def returns(self) -> Vector:
        """Simple returns, the first against the opening cash, so the first purchase's costs are in it."""
        before = np.concatenate(([self.opening], self.wealth[:-1]))
        return self.wealth / before - 1.0


def run_portfolio(
    market: Market,
    decide: Decide,
    venue: MarketVenue,
    *,
    first: int = 1,
    last: int | None = None,
    cash: float = CASH,
    fractional: bool = False,
    borrow_pct: Decimal = BORROW_PCT,
) -> PortfolioRun:
    """Follows `decide` over the market, to `last` where given. Rows before `first` are warm-up: seen, not judged, and
    traded only on the last; the strategy is first asked ASKED rows before.

    InputError for a `first` that leaves nothing to judge, or weights that are no shares.
    """
    if not 1 <= first < len(market.days):
        raise InputError(f"{len(market.days)} days with {first} of warm-up leave nothing to judge")
    book = Book(market, cash, fractional, borrow_pct)
    shown = np.full_like(market.closes, np.nan)
    view = shown.view()
    view.flags.writeable = False
    begin, ends = max(0, first - ASKED), len(market.days) if last is None else last + 1
    shown[:begin] = market.closes[:begin]
    wealth, weights = np.full(ends, cash), np.zeros((ends, market.closes.shape[1]))
    wishes = np.full_like(weights, np.nan)
    wish: Vector | None = None
    stopped: Stop | None = None
    for row in range(begin, ends):
        book.open_day(row)
        if wish is not None and row >= first - 1:
            wish = book.follow(row, wish, venue)
        wealth[row], weights[row] = book.mark(row)
        shown[row] = market.closes[row]
        if stopped is None and book.alive:
            decided, stopped = _decided(decide, Seen(market.days[: row + 1], view[: row + 1]), market.days[row])
            if decided is not None:
                wishes[row] = wish = decided
    judged = slice(first, ends)
    totals = book.traded, book.costs, book.borrowed, book.trades
    return PortfolioRun(
        market.days[judged], cash, wealth[judged], weights[judged], wishes[first - 1 :], *totals, stopped
    )


def _decided(decide: Decide, seen: Seen, day: date) -> tuple[Vector | None, Stop | None]:
    """The decision, checked; what a strategy raises is told with the day and stops that strategy alone."""
    try:
        wish = decide(seen)
        return (None if wish is None else _checked(wish, seen.closes.shape[1])), None
    except (TenorError, ArithmeticError, LookupError, ValueError, TypeError, RuntimeError, AttributeError) as error:
        return None, Stop(day, f"{type(error).__name__}: {error}")


def _checked(wish: Vector, n: int) -> Vector:
    if wish.shape != (n,) or not np.isfinite(wish).all():
        raise InputError(f"weights of shape {wish.shape} are not {n} finite shares of wealth")
    gross = float(np.abs(wish).sum())
    if gross > GROSS + 1e-9:
        raise InputError(f"weights of {gross:.2f} times wealth are more than {GROSS:g}")
    return wish.copy()
