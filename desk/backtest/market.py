"""Prices of several instruments as a backtest sees them: one row a day, holes left open, one base currency.

Days are those on which any of the instruments has a bar, so calendars may differ; a hole is NaN and nothing trades in
it. `mend_market` judges a day by that day and those before only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, NamedTuple

import numpy as np

from desk.errors import DataError, InputError
from desk.instruments import AssetClass, Instrument
from desk.market.feed import MarketFeed
from desk.risk.measures import Matrix, Vector

JUMP = 0.35
"""A daily log move beyond this is held back until the next bar confirms it."""
NEAR = 0.15
"""How near the next close must be to the new level to confirm it, in logs."""
SPLITS = (2.0, 3.0, 1.5, 4.0, 5.0, 8.0, 10.0, 20.0)
SPLIT_NEAR = 0.02
ALONE_YEARS = 365.25


class Action(NamedTuple):
    """What a company did, in force before that day's trading.

    `split`: units multiply by `value`. `dividend`: `value` a unit in the instrument's currency, paid by who is short.
    `delisted`: the last day; what is held is paid `value` a unit, and the price is gone after it.
    """

    day: date
    instrument: str
    kind: Literal["split", "dividend", "delisted"]
    value: float


class Note(NamedTuple):
    """What was odd about a day's price, and what was done."""

    day: date
    instrument: str
    what: str


@dataclass(frozen=True)
class Market:
    """`closes` (T, n) in each instrument's currency, NaN for no price; `rates` (T, n) base units per unit of it.

    `volumes` (T, n) are units traded: 0 means that nothing could trade, NaN that nobody knows.
    """

    instruments: tuple[Instrument, ...]
    days: tuple[date, ...]
    closes: Matrix
    rates: Matrix
    volumes: Matrix
    base: str = "USD"
    actions: tuple[Action, ...] = ()
    notes: tuple[Note, ...] = field(default=())

    @property
    def periods(self) -> int:
        """Rows of a year: about 252 where only stocks trade, 365 with what trades every day."""
        span = (self.days[-1] - self.days[0]).days
        return max(1, round((len(self.days) - 1) / max(span, 1) * ALONE_YEARS))

    def cut(self, rows: slice) -> Market:
        """The same market on some of its days; actions on other days fall away."""
        days = self.days[rows]
        kept = tuple(a for a in self.actions if days and days[0] <= a.day <= days[-1])
        return replace(
            self, days=days, closes=self.closes[rows], rates=self.rates[rows], volumes=self.volumes[rows], actions=kept
        )


def read_raw(feed: MarketFeed, ids: Sequence[str], base: str = "USD", actions: Iterable[Action] = ()) -> Market:
    """All daily closes before the market clock's day as the feed has them, with rates into `base`.

    InputError for no instrument or one named twice; NotFound for an unknown one; DataError for no bars or a currency
    that no pair converts.
    """
    if not ids or len(set(ids)) < len(ids):
        raise InputError(f"a backtest needs instruments, each named once, not {', '.join(ids) or 'none'}")
    known = tuple(feed.instruments.get(id) for id in ids)
    columns = {one.id: _column(feed, one.id) for one in known}
    pairs = {one.currency: _find_pair(feed, one.currency, base) for one in known if one.currency != base}
    days = tuple(sorted({day for column in columns.values() for day in column}))
    if len(days) < 3:
        raise DataError(f"{', '.join(ids)} have {len(days)} daily closes; a backtest needs at least 3")
    closes = np.column_stack([_on(days, columns[one.id]) for one in known])
    rates = np.column_stack([_rate(feed, days, pairs.get(one.currency)) for one in known])
    volumes = np.full_like(closes, np.nan)
    return Market(known, days, closes, rates, volumes, base, tuple(actions))


def mend_market(market: Market) -> Market:
    """The market without what is no price, each change told in `notes`.

    Not finite, or not positive where the instrument is no commodity: a hole. A jump: a hole until the next price
    confirms its level. Judging a day never needs a later one.
    """
    closes, notes = market.closes.copy(), []
    announced = {(a.instrument, a.day) for a in market.actions if a.kind == "split"}
    for column, one in enumerate(market.instruments):
        if _sound(market.closes[:, column]):
            continue
        given = market.closes[:, column].tolist()
        good = waiting = np.nan
        for row, price in enumerate(given):
            if np.isnan(price):
                continue
            why = _no_price(price, one.asset_class)
            if not why and (one.id, market.days[row]) not in announced and _jumped(good, price):
                confirmed = waiting > 0 and abs(np.log(price / waiting)) < NEAR
                why = "" if confirmed else _jump(good, price)
                waiting = price
            if why:
                closes[row, column] = np.nan
                notes.append(Note(market.days[row], one.id, why))
            else:
                good, waiting = price, np.nan
    return replace(market, closes=closes, notes=(*market.notes, *notes))


def filled(closes: Matrix) -> Matrix:
    """Holes filled with the last price before them; NaN before the first."""
    if not np.isnan(closes).any():
        return closes
    rows = np.where(np.isnan(closes), 0, np.arange(closes.shape[0])[:, None])
    np.maximum.accumulate(rows, axis=0, out=rows)
    return np.take_along_axis(closes, rows, axis=0)


def _sound(column: Vector) -> bool:
    """Whether nothing in it needs a look: every price positive and finite, and no jump."""
    known = column[~np.isnan(column)]
    if not ((known > 0) & np.isfinite(known)).all():
        return False
    return not (np.abs(np.diff(np.log(known))) > JUMP).any()


def _no_price(price: float, kind: AssetClass) -> str:
    if not np.isfinite(price):
        return "not a number; left out"
    if price <= 0 and kind is not AssetClass.COMMODITY:
        return f"price {price:g} is not positive; left out"
    return ""


def _jumped(good: float, price: float) -> bool:
    return good > 0 and price > 0 and abs(np.log(price / good)) > JUMP


def _jump(good: float, price: float) -> str:
    ratio = max(price / good, good / price)
    like = next((s for s in SPLITS if abs(np.log(ratio / s)) < SPLIT_NEAR), None)
    tail = f"; looks like a split of {like:g} that nobody announced" if like else ""
    return f"{good:g} -> {price:g} in a day; left out until the next close confirms it{tail}"


def _column(feed: MarketFeed, id: str) -> dict[date, float]:
    return {bar.day: float(bar.close) for bar in feed.bars(id)}


def _on(days: Sequence[date], column: dict[date, float]) -> Vector:
    return np.array([column.get(day, np.nan) for day in days])


def _find_pair(feed: MarketFeed, currency: str, base: str) -> tuple[str, bool]:
    """The instrument that converts, and whether its price is base units per unit (else the inverse)."""
    symbols = {one.symbol.replace("/", ""): one.id for one in feed.instruments if one.asset_class is AssetClass.FOREX}
    for pair, straight in ((currency + base, True), (base + currency, False)):
        if pair in symbols:
            return symbols[pair], straight
    raise DataError(f"no pair converts {currency} to {base}; choose --base {currency} or leave the instrument out")


def _rate(feed: MarketFeed, days: Sequence[date], pair: tuple[str, bool] | None) -> Vector:
    """The rate known at each day's close: the pair's last one at or before it; NaN before its first."""
    if pair is None:
        return np.ones(len(days))
    column = _column(feed, pair[0])
    known = sorted(column)
    at = np.searchsorted(np.array(known, dtype="datetime64[D]"), np.array(days, dtype="datetime64[D]"), side="right")
    values = np.array([np.nan, *(column[day] for day in known)])
    return values[at] if pair[1] else 1.0 / values[at]
