"""The same gate over a market's history: a portfolio's orders go through a private desk's limits, venue and account.

Own clock, own book, own limits, a journal in memory; not bound by the desk's halt. What the gate clamps and refuses is
counted. Impact, which the replayed book does not have, is the published model's, paid on top.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import numpy as np

from desk.backtest.book import Filled
from desk.backtest.costs import costs_of
from desk.backtest.engine import CASH
from desk.backtest.gated import ACCOUNT, TICK, scaled_limits, whole_lots
from desk.backtest.market import Market, filled
from desk.backtest.venues import impact_bps, trailing_sigma
from desk.instruments import AssetClass, Instrument, Instruments
from desk.market.feed import Bar, Quote, SessionClock
from desk.money import Money, minor_digits
from desk.orders import Chosen, Order, Side, TimeInForce
from desk.risk.measures import Vector
from desk.trading.impact import BPS
from desk.trading.private import build_private_desk
from desk.trading.seeds import Seed

RATE_TICK = Decimal("0.00000001")


class MarketDayFeed:
    """A market feed that stands on one row of a market and knows nothing later.

    Beside the instruments it quotes a pair for each foreign currency, at the rate of the row.
    """

    def __init__(self, market: Market) -> None:
        traded = [replace(one, tick=min(one.tick, TICK), tradable=True) for one in market.instruments]
        pairs = {one.currency: n for n, one in enumerate(market.instruments) if one.currency != market.base}
        known = {one.symbol for one in traded}
        made = [_pair(currency, market.base) for currency in pairs if currency + market.base not in known]
        self._days, self.row = market.days, 0
        self._all = [*traded, *made]
        self._spread = [costs_of(one.asset_class).half_spread_bps / BPS for one in traded] + [0.0] * len(made)
        columns = [filled(market.closes)]
        columns += [filled(market.rates)[:, [pairs[one.symbol[:3]]]] for one in made]
        table, ticks = np.concatenate(columns, axis=1), np.array([float(one.tick) for one in self._all])
        self._ticks = np.rint(np.nan_to_num(table) / ticks).astype(np.int64)
        self._at = {one.id: n for n, one in enumerate(self._all)}
        self._listed = Instruments(self._all)

    @property
    def instruments(self) -> Instruments:
        """The market's own, and the pairs."""
        return self._listed

    def now(self) -> datetime:
        """Just before the close of the day it stands on, at whose price it quotes."""
        return datetime.combine(self._days[self.row], time(20, 57), UTC)

    def clocks(self) -> list[SessionClock]:
        """One clock for each class: a replay."""
        return [SessionClock(kind, self.now(), "replay") for kind in sorted({one.asset_class for one in self._all})]

    def quote(self, instrument: str) -> Quote:
        """Half the spread on either side of the row's close."""
        n = self._at[self._listed.get(instrument).id]
        last, before = int(self._ticks[self.row, n]), int(self._ticks[max(0, self.row - 1), n])
        bid, ask = max(1, round(last * (1 - self._spread[n]))), max(2, round(last * (1 + self._spread[n])))
        return Quote(instrument, bid, ask, last, before, self.now(), True)

    def bars(self, instrument: str, start: date | None = None, end: date | None = None) -> list[Bar]:
        """Closes of `[start, end]` before the day it stands on."""
        n, tick = self._at[instrument], self._listed.get(instrument).tick
        return [
            Bar(day, None, None, None, int(ticks) * tick)
            for day, ticks in zip(self._days[: self.row], self._ticks[:, n], strict=False)
            if (start is None or day >= start) and (end is None or day <= end)
        ]

    def save(self) -> None:
        """Nothing: its clock is the backtest's."""


class GateMarketVenue:
    """A `MarketVenue` behind a private gate, for one run. `counts` are the orders clamped and refused so far."""

    def __init__(self, market: Market, cash: float = CASH) -> None:
        self._market, self._feed = market, MarketDayFeed(market)
        self._sigma = trailing_sigma(market.closes)
        self._minor = [Decimal(10) ** -minor_digits(one.currency) for one in market.instruments]
        opening = Seed(ACCOUNT, "desk", market.base, _cash(market, cash))
        limits = scaled_limits(market.base, cash, shorts=True)
        self._private = build_private_desk(self._feed, self._feed, [opening], limits=limits)
        self._sent = self._clamped = self._refused = 0

    @property
    def counts(self) -> tuple[int, int]:
        """Orders clamped and orders refused."""
        return self._clamped, self._refused

    def trade_all(self, row: int, prices: Vector, units: Vector) -> Filled:
        """See `MarketVenue.trade_all`: market orders at the row's close, what sells before what buys."""
        self._feed.row = row
        done, paid, fees = np.zeros_like(units), np.zeros_like(units), np.zeros_like(units)
        for n in sorted(np.flatnonzero(units).tolist(), key=lambda n: (units[n] > 0, n)):
            done[n], paid[n], fees[n] = self._trade(n, float(units[n]))
            worse = impact_bps(self._market, self._sigma, row, n, float(prices[n]), float(done[n])) if done[n] else 0.0
            paid[n] += abs(done[n] * prices[n]) * worse / BPS
        return Filled(done, paid, fees)

    def _trade(self, n: int, units: float) -> tuple[float, float, float]:
        known = self._feed.instruments.get(self._market.instruments[n].id)
        self._sent += 1
        order = Order(
            client_id=f"backtest-{self._sent}",
            account=ACCOUNT,
            instrument=known.id,
            side=Side.BUY if units > 0 else Side.SELL,
            quantity=whole_lots(abs(units), known.lot),
            time_in_force=TimeInForce.IOC,
            chosen=Chosen.STRATEGY,
            by=ACCOUNT,
        )
        decision = self._private.gate.submit_batch([order])[0]
        self._clamped += bool(decision.clamps)
        if decision.refusal is not None or decision.status is None:
            self._refused += 1
            return 0.0, 0.0, 0.0
        fills, sign = decision.status.fills, order.side.sign
        value = sum((fill.quantity * fill.price_ticks * known.tick for fill in fills), Decimal(0))
        fee = Decimal(sum(fill.commission for fill in fills)) * self._minor[n]
        return float(decision.status.filled) * sign, float(value) * sign, float(fee)


def _cash(market: Market, cash: float) -> dict[str, int]:
    return {market.base: Money.of(str(round(cash, 2)), market.base).minor}


def _pair(currency: str, base: str) -> Instrument:
    return Instrument(
        f"FX:{currency}{base}", f"{currency}/{base}", AssetClass.FOREX, base, RATE_TICK, Decimal(1), tradable=False
    )
