"""The same gate over history: a backtest's orders go through a private desk's limits, venue and account book.

Own clock, own book, own limits, a journal in memory; not bound by the desk's halt. The strategy's quantities
may be clamped like anywhere else, and the counts of clamps and refusals are kept.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import numpy as np

from desk.backtest.costs import Costs
from desk.backtest.engine import Executed
from desk.instruments import Instrument, Instruments
from desk.market.feed import Bar, Quote, SessionClock
from desk.money import Money, minor_digits
from desk.orders import Chosen, Order, Side, TimeInForce
from desk.risk.limits import AccountLimits, LimitTable
from desk.risk.measures import Vector
from desk.trading.private import build_private_desk
from desk.trading.seeds import Seed

ACCOUNT = "backtest"
TICK = Decimal("0.0001")
"""Early adjusted closes are small; a tick of a cent would move them by percents."""


class DayFeed:
    """A market feed of one instrument that stands on one day's close and knows nothing later."""

    def __init__(self, instrument: Instrument, days: list[date], closes: Vector, half_spread_bps: float) -> None:
        self._instrument = replace(instrument, tick=min(instrument.tick, TICK), tradable=True)
        self._days, self._half = days, half_spread_bps / 10_000
        self._ticks = np.rint(closes / float(self._instrument.tick)).astype(np.int64).tolist()
        self._one = Instruments([self._instrument])
        self.day = 0

    @property
    def instruments(self) -> Instruments:
        """The one instrument."""
        return self._one

    def now(self) -> datetime:
        """Just before the closing auction of the day it stands on, at whose price it quotes."""
        return datetime.combine(self._days[self.day], time(20, 57), UTC)

    def clocks(self) -> list[SessionClock]:
        """One clock: a replay."""
        return [SessionClock(self._instrument.asset_class, self.now(), "replay")]

    def quote(self, instrument: str) -> Quote:
        """Half the spread on either side of the close."""
        known, last = self._one.get(instrument), self._ticks[self.day]
        before = self._ticks[max(0, self.day - 1)]
        bid, ask = max(1, round(last * (1 - self._half))), max(2, round(last * (1 + self._half)))
        return Quote(known.id, bid, ask, last, before, self.now(), True)

    def bars(self, instrument: str, start: date | None = None, end: date | None = None) -> list[Bar]:
        """Closes of `[start, end]` before the day it stands on."""
        tick = self._one.get(instrument).tick
        return [
            Bar(day, None, None, None, ticks * tick)
            for day, ticks in zip(self._days[: self.day], self._ticks, strict=False)
            if (start is None or day >= start) and (end is None or day <= end)
        ]

    def save(self) -> None:
        """Nothing: its clock is the backtest's."""


class GateVenue:
    """A `Venue` behind a private gate; `clamped` and `refused` count what the gate changed."""

    def __init__(self, instrument: Instrument, days: list[date], closes: Vector, costs: Costs, cash: float) -> None:
        self._feed = DayFeed(instrument, days, closes, costs.half_spread_bps)
        self._instrument = self._feed.instruments.get(instrument.id)
        currency = instrument.currency
        opening = Seed(ACCOUNT, "desk", currency, {currency: Money.of(str(cash), currency).minor})
        self._private = build_private_desk(self._feed, self._feed, [opening], limits=scaled_limits(currency, cash))
        self._sent = self.clamped = self.refused = 0

    def trade(self, day: int, close: float, units: float) -> Executed:
        """See `Venue.trade`: one market order at the day's close."""
        self._feed.day = day
        self._sent += 1
        order = Order(
            client_id=f"backtest-{self._sent}",
            account=ACCOUNT,
            instrument=self._instrument.id,
            side=Side.BUY if units > 0 else Side.SELL,
            quantity=whole_lots(abs(units), self._instrument.lot),
            time_in_force=TimeInForce.IOC,
            chosen=Chosen.STRATEGY,
            by=ACCOUNT,
        )
        decision = self._private.gate.submit_batch([order])[0]
        self.clamped += bool(decision.clamps)
        if decision.refusal is not None or decision.status is None:
            self.refused += 1
            return Executed(0.0, 0.0, 0.0)
        fills, sign = decision.status.fills, order.side.sign
        value = sum((fill.quantity * fill.price_ticks * self._instrument.tick for fill in fills), Decimal(0))
        fee = Decimal(sum(fill.commission for fill in fills)).scaleb(-minor_digits(self._instrument.currency))
        return Executed(float(decision.status.filled) * sign, float(value) * sign, float(fee))


def scaled_limits(currency: str, cash: float, shorts: bool = False) -> LimitTable:
    """Limits that scale with the opening cash: an order or position may be a hundred times it, no credit.

    With `shorts` what is sold short may be as much; else nothing may be sold that is not held.
    """
    most = Money.of(str(cash * 100), currency).minor
    own = AccountLimits(
        max_position=most,
        max_gross_exposure=most,
        max_short=most if shorts else 0,
        credit=0,
        max_net_exposure=most,
        max_daily_loss=most,
    )
    return LimitTable(
        base=currency, max_order_quantity=10**12, max_order_notional=most, max_desk_exposure=2 * most, desk=own
    )


def whole_lots(units: float, lot: Decimal) -> Decimal:
    """Units as whole lots, the nearest number of them."""
    return (Decimal(repr(round(units, 8))) / lot).to_integral_value() * lot
