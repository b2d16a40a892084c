"""From the terms of a schedule to its plan, and to what it should cost; checks terms against the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from desk.clock import to_iso
from desk.errors import InputError
from desk.instruments import AssetClass, Instrument
from desk.market.feed import MarketFeed
from desk.market.volume import MarketVolume, curve_of
from desk.money import Money, minor_digits
from desk.risk.marks import Marks
from desk.trading.impact import Expected, Liquidity, daily_volatility, expected_cost, linear_impact
from desk.trading.schedule import Terms
from desk.trading.slicing import (
    MOST_SLICES,
    Kind,
    Plan,
    plan_shortfall,
    plan_twap,
    plan_volume,
    plan_vwap,
)

Window = Callable[[AssetClass, datetime], tuple[datetime, datetime]]
"""When an asset class trades without an auction on the day of a moment: from, and until."""

MOST_RATE_BPS = 5_000
LEAST_S = 10
CLOSES, REACH = 61, timedelta(days=120)


class Outlook(NamedTuple):
    """What a schedule would do and cost: `notional` in the instrument's currency; labels say what is a model."""

    plan: Plan
    expected: Expected
    notional: Decimal
    labels: tuple[str, ...]


class Planner:
    """Reads feed, volume and marks; changes nothing. Not thread-safe (its marks are not)."""

    def __init__(
        self,
        *,
        feed: MarketFeed,
        volume: MarketVolume,
        marks: Marks,
        commission: Callable[[int, str], int],
        window: Window,
    ) -> None:
        self._feed, self._volume, self._marks = feed, volume, marks
        self._commission, self.window = commission, window

    def check(self, terms: Terms) -> None:
        """Raises InputError for terms that cannot be carried out on this day, naming the value."""
        instrument = self._feed.instruments.get(terms.instrument)
        if not instrument.tradable:
            raise InputError(f"{instrument.id} is an index level, nobody trades it here; choose a tradable instrument")
        opens, closes = self.window(instrument.asset_class, terms.start)
        if terms.start < opens:
            raise InputError(f"start {to_iso(terms.start)} is before {instrument.id} trades, at {to_iso(opens)}")
        if terms.end > closes:
            raise InputError(
                f"the schedule would end at {to_iso(terms.end)}, after the trading day of {instrument.id} "
                f"({instrument.asset_class}), which ends at {to_iso(closes)}; give an earlier end"
            )
        if (terms.end - terms.start).total_seconds() < LEAST_S:
            raise InputError(
                f"end {to_iso(terms.end)} is less than {LEAST_S} s after start {to_iso(terms.start)}; send one order"
            )
        _check_numbers(terms)

    def plan(self, terms: Terms, lots: int, start: datetime) -> Plan:
        """The plan for `lots` from `start` to the end of the terms, with slices in proportion."""
        end, whole = terms.end, (terms.end - terms.start).total_seconds()
        slices = max(1, round(terms.slices * (end - start).total_seconds() / whole))
        instrument = self._feed.instruments.get(terms.instrument)
        curve = curve_of(instrument.asset_class)
        if terms.kind is Kind.TWAP:
            return plan_twap(lots, start, end, slices)
        if terms.kind is Kind.VWAP:
            return plan_vwap(lots, start, end, slices, curve)
        if terms.kind is Kind.POV:
            daily, step = self._volume.daily(instrument), (end - start) / slices
            expected = [int(daily * curve.share(start, start + step * k)) for k in range(1, slices + 1)]
            return plan_volume(lots, start, end, slices, expected, terms.rate_bps)
        market = self.liquidity(instrument)
        self._marks.refresh()
        price = float(self._marks.unit(instrument.id)) / 10 ** minor_digits(self._marks.base)
        days = (end - start).total_seconds() / market.session_s
        impact = linear_impact(price, market, float(instrument.lot), days)
        return plan_shortfall(lots, start, end, slices, terms.urgency, impact)

    def outlook(self, terms: Terms) -> Outlook:
        """The plan from its start and the expected cost of all of it, at the quote now."""
        instrument = self._feed.instruments.get(terms.instrument)
        plan = self.plan(terms, terms.lots, terms.start)
        quote = self._feed.quote(instrument.id)
        price = Decimal(quote.bid_ticks + quote.ask_ticks) / 2 * instrument.tick * instrument.lot
        curve = curve_of(instrument.asset_class)
        span = curve.share(terms.start, plan[-1].at if terms.kind is Kind.POV and plan else terms.end)
        fees = self._fees(plan, price, instrument)
        expected = expected_cost(plan, terms.start, self.liquidity(instrument), fees, span)
        return Outlook(plan, expected, price * terms.lots, self.labels(terms))

    def labels(self, terms: Terms) -> tuple[str, ...]:
        """Which figures of such a schedule are models or simulated."""
        curve = curve_of(self._feed.instruments.get(terms.instrument).asset_class)
        return (self._volume.label, curve.label) if terms.kind is Kind.VWAP else (self._volume.label,)

    def liquidity(self, instrument: Instrument) -> Liquidity:
        """Volatility of the last 60 days, the spread now, the volume of a day."""
        quote = self._feed.quote(instrument.id)
        bars = self._feed.bars(instrument.id, quote.at.date() - REACH)[-CLOSES:]
        middle = (quote.bid_ticks + quote.ask_ticks) / 2
        opens, closes = self.window(instrument.asset_class, quote.at)
        return Liquidity(
            sigma=daily_volatility([float(bar.close) for bar in bars]),
            spread=(quote.ask_ticks - quote.bid_ticks) / middle,
            daily_lots=self._volume.daily(instrument),
            session_s=(closes - opens).total_seconds(),
        )

    def _fees(self, plan: Plan, price: Decimal, instrument: Instrument) -> float:
        """The commission of all slices in basis points of their value."""
        currency = instrument.currency
        worth = [Money.of(price * each.lots, currency).minor for each in plan]
        return 10_000 * sum(self._commission(minor, currency) for minor in worth) / max(1, sum(worth))


def _check_numbers(terms: Terms) -> None:
    if terms.lots < 1:
        raise InputError(f"{terms.lots} lots are nothing to schedule; give at least one")
    if not 1 <= terms.slices <= MOST_SLICES:
        raise InputError(f"{terms.slices} slices are not between 1 and {MOST_SLICES}")
    if not 1 <= terms.rate_bps <= MOST_RATE_BPS:
        raise InputError(f"a participation of {terms.rate_bps / 100:g} % is not above 0 and at most 50 %")
    if not 1 <= terms.shown_bps <= 10_000:
        raise InputError(f"a share of {terms.shown_bps / 100:g} % of the shown volume is not above 0 and at most 100 %")
    if terms.limit_ticks is not None and terms.limit_ticks < 1:
        raise InputError(f"a limit of {terms.limit_ticks} ticks is no price; give one of at least a tick")
