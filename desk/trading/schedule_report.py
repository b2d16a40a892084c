"""What a schedule came to, while it runs and after: against the price at its start, and against benchmarks.

Cost is implementation shortfall (Perold 1988): side x (average price - arrival mid) x quantity +
commission; positive costs the trader. Its parts add up to it exactly: `spread`, what was paid
beyond the mid on which each child was decided; `drift`, how far those mids had moved from the
arrival; `commission`. `opportunity` is what the unfilled rest would cost more at the last mid seen
than at arrival; it stands apart. TWAP and VWAP of the market are over the mids that were seen while it ran, VWAP
weighted by printed volume (`desk.market.volume`, simulated on the replay).
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from desk.instruments import Instrument
from desk.market.feed import Quote
from desk.money import Money
from desk.trading.schedule import Child, Schedule


class Report(NamedTuple):
    """Quantities in units, prices and money in `currency`; None where nothing was filled or seen.

    `bps` figures are basis points of the filled quantity at the arrival price. `watched` is the
    share of the time from arrival to the last look for which there are benchmarks.
    """

    currency: str
    filled: Decimal
    left: Decimal
    average: Decimal | None
    arrival: Decimal | None
    twap: Decimal | None
    vwap: Decimal | None
    cost: Decimal
    spread: Decimal
    drift: Decimal
    commission: Decimal
    opportunity: Decimal | None
    cost_bps: float | None
    spread_bps: float | None
    drift_bps: float | None
    commission_bps: float | None
    against_twap_bps: float | None
    against_vwap_bps: float | None
    market_volume: Decimal
    watched: float


class _Sums(NamedTuple):
    """Over all fills: units, value, value at the children's mids, commission."""

    units: Decimal
    paid: Decimal
    middle: Decimal
    commission: Decimal


def report_of(schedule: Schedule, last: Decimal | None) -> Report:
    """The report now; `last` is the instrument's mid price, for what is left, None when it has none any more."""
    progress, sign, instrument = schedule.progress, schedule.terms.side.sign, schedule.instrument
    done = _sum(schedule.children, instrument)
    left = schedule.terms.lots * instrument.lot - done.units
    arrival = _mid(progress.arrival_bid, progress.arrival_ask, instrument) if progress.arrival_at else None
    start, missed = arrival or Decimal(0), _missed(arrival, last, left)
    average = done.paid / done.units if done.units else None
    spread, commission = _money(sign * (done.paid - done.middle), instrument), _money(done.commission, instrument)
    drift, worth = _money(sign * (done.middle - start * done.units), instrument), start * done.units
    cost = spread + drift + commission
    twap = _mean(progress.mid_seconds, progress.watched_s, instrument)
    vwap = _mean(progress.mid_lots, progress.market_lots, instrument)
    return Report(
        currency=instrument.currency,
        filled=done.units,
        left=left,
        average=average,
        arrival=arrival,
        twap=twap,
        vwap=vwap,
        cost=cost,
        spread=spread,
        drift=drift,
        commission=commission,
        opportunity=None if missed is None else _money(sign * missed, instrument),
        cost_bps=_bps(cost, worth),
        spread_bps=_bps(spread, worth),
        drift_bps=_bps(drift, worth),
        commission_bps=_bps(commission, worth),
        against_twap_bps=_against(average, twap, sign),
        against_vwap_bps=_against(average, vwap, sign),
        market_volume=progress.market_lots * instrument.lot,
        watched=_watched(schedule),
    )


def _missed(arrival: Decimal | None, last: Decimal | None, left: Decimal) -> Decimal | None:
    """How much the price of what is left has moved; nothing before the arrival, None without a price now."""
    if arrival is None or not left:
        return Decimal(0)
    return None if last is None else (last - arrival) * left


def _bps(amount: Decimal, worth: Decimal) -> float | None:
    return float(amount / worth * 10_000) if worth else None


def _against(average: Decimal | None, benchmark: Decimal | None, sign: int) -> float | None:
    return _bps(sign * (average - benchmark), benchmark) if average is not None and benchmark else None


def _sum(children: list[Child], instrument: Instrument) -> _Sums:
    """Commissions in another currency than the instrument's are left out."""
    units = paid = middle = commission = Decimal(0)
    for child in children:
        mid = _mid(child.bid, child.ask, instrument)
        for fill in child.status.fills if child.status is not None else ():
            units += fill.quantity
            paid += fill.quantity * fill.price_ticks * instrument.tick
            middle += fill.quantity * mid
            if fill.currency == instrument.currency:
                commission += Money(fill.commission, fill.currency).amount
    return _Sums(units, paid, middle, commission)


def mid_price(quote: Quote, instrument: Instrument) -> Decimal:
    """The middle of a quote, in the instrument's currency."""
    return _mid(quote.bid_ticks, quote.ask_ticks, instrument)


def _mid(bid: int, ask: int, instrument: Instrument) -> Decimal:
    return Decimal(bid + ask) / 2 * instrument.tick


def _mean(total: float, weight: float, instrument: Instrument) -> Decimal | None:
    """A mean of mids in ticks as a price with two digits more than the tick has."""
    if weight <= 0:
        return None
    return (Decimal(total / weight) * instrument.tick).quantize(instrument.tick / 100)


def _money(amount: Decimal, instrument: Instrument) -> Decimal:
    return Money.of(amount, instrument.currency).amount


def _watched(schedule: Schedule) -> float:
    progress = schedule.progress
    if progress.arrival_at is None or progress.seen is None:
        return 0.0
    span = (progress.seen - progress.arrival_at).total_seconds()
    return min(1.0, progress.watched_s / span) if span > 0 else 1.0
