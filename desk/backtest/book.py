"""What a portfolio holds over a backtest: units, cash, and how a day changes them."""

from __future__ import annotations

from bisect import bisect_left
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.backtest.market import Action, Market
from desk.errors import DataError
from desk.risk.measures import Vector
from desk.trading.borrow import borrow_cost

if TYPE_CHECKING:
    from desk.backtest.portfolio import MarketVenue

RESERVE = 0.002
"""The share of wealth kept back from a fully invested target, for the costs of getting there."""


class Filled(NamedTuple):
    """Per instrument (n,): units (negative sold), what they cost and the fees, in the instrument's currency."""

    units: Vector
    paid: Vector
    fees: Vector


class Book:
    """Units (n,) and cash of one run; not safe for threads. `alive` is false once wealth is gone.

    As in the desk's accounts what is paid in another currency is owed in it, without interest, and worth the day's
    rate: a foreign purchase is financed in its own currency.
    """

    def __init__(self, market: Market, cash: float, fractional: bool, borrow_pct: Decimal) -> None:
        n = len(market.instruments)
        self._market, self._cash, self._pct = market, cash, borrow_pct
        self._lots = np.array([0.0 if fractional else float(one.lot) for one in market.instruments])
        self._units, self._last, self._rate = np.zeros(n), np.full(n, np.nan), np.full(n, np.nan)
        self._local = np.zeros(n)
        self._gone = np.zeros(n, dtype=bool)
        self._columns = {one.id: n for n, one in enumerate(market.instruments)}
        self._actions: dict[int, list[Action]] = {}
        for action in market.actions:
            if action.instrument not in self._columns:
                raise DataError(f"{action.kind} of {action.instrument} on {action.day}: not an instrument of this run")
            self._actions.setdefault(bisect_left(market.days, action.day), []).append(action)
        self.traded = self.costs = self.borrowed = 0.0
        self.trades = 0
        self.alive = True

    def open_day(self, row: int) -> None:
        """Rates of the day, what companies did, and what borrowing since the row before costs."""
        market = self._market
        self._rate = np.where(np.isnan(market.rates[row]), self._rate, market.rates[row])
        for action in self._actions.get(row, []):
            self._act(self._columns[action.instrument], action)
        if row and (self._units < 0).any():
            short = -float(np.nansum(np.minimum(self._units, 0) * self._last * self._rate))
            nights = (market.days[row] - market.days[row - 1]).days
            due = float(borrow_cost(Decimal(repr(max(short, 0.0))), self._pct, nights))
            self._cash, self.borrowed = self._cash - due, self.borrowed + due

    def _act(self, column: int, action: Action) -> None:
        held = self._units[column]
        if action.kind == "split":
            self._units[column] = held * action.value
            self._last[column] /= action.value
            return
        if held:
            self._local[column] += held * action.value
        if action.kind == "delisted":
            self._units[column], self._gone[column] = 0.0, True

    def follow(self, row: int, wish: Vector, venue: MarketVenue) -> Vector | None:
        """Trades towards shares of wealth, NaN left alone; gives back what had no price and is to be wished again."""
        prices, volumes = self._market.closes[row], self._market.volumes[row]
        open_ = ~np.isnan(prices) & ~np.isnan(self._rate) & ~self._gone & (volumes != 0)
        at = np.where(open_, prices, self._last)
        wealth = self._wealth(at)
        if wealth <= 0:
            return None
        units = self._changes(wish, at, open_, wealth)
        if units.any():
            self._take(venue.trade_all(row, prices, units), prices)
        waits = ~open_ & ~self._gone & ~np.isnan(wish) & ((wish != 0) | (self._units != 0))
        return np.where(waits, wish, np.nan) if waits.any() else None

    def _changes(self, wish: Vector, at: Vector, open_: NDArray[np.bool_], wealth: float) -> Vector:
        """Whole lots to trade, towards the whole lots inside each target: what is held never takes more than its share,
        so the cash for the others is there. What is not positive can be closed and not opened.
        """
        gross = float(np.nansum(np.abs(wish)))
        room = wealth * (1.0 if not self._lots.any() else min(1.0, (1.0 - RESERVE) / max(gross, 1e-12)))
        worth = np.where(open_, at * self._rate, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            target = np.where(worth > 0, wish * room / worth, 0.0)
        lots = np.where(self._lots > 0, self._lots, 1.0)
        inside = np.where(self._lots > 0, np.trunc(target / lots + np.sign(target) * 1e-9) * lots, target)
        return np.where(open_ & ~np.isnan(wish), inside - self._units, 0.0)

    def _take(self, done: Filled, prices: Vector) -> None:
        rate = np.where(done.units != 0, self._rate, 0.0)
        fair = np.where(done.units != 0, done.units * np.nan_to_num(prices), 0.0)
        paid, fees = done.paid * rate, done.fees * rate
        self._local -= done.paid + done.fees
        self._units = self._units + done.units
        self.traded += float(np.abs(paid).sum())
        self.costs += float((np.abs(paid - fair * rate) + fees).sum())
        self.trades += int(np.count_nonzero(done.units))

    def mark(self, row: int) -> tuple[float, Vector]:
        """Wealth at the day's close and the share of each instrument; a hole is worth its last price."""
        closes = self._market.closes[row]
        self._last = np.where(np.isnan(closes), self._last, closes)
        wealth = self._wealth(self._last)
        if wealth <= 0:
            self.alive = False
        held = np.where(self._units != 0, self._units * self._last * self._rate, 0.0)
        return wealth, held / wealth if wealth > 0 else np.zeros_like(held)

    def _wealth(self, at: Vector) -> float:
        worth = np.where(self._units != 0, self._units * at, 0.0) + self._local
        return self._cash + float(np.where(worth != 0, worth * self._rate, 0.0).sum())
