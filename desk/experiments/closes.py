"""What a study is made on: one instrument's closes, its neighbours', and the mood of the news, each as known then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from desk.backtest.costs import Costs, costs_of
from desk.backtest.engine import CASH
from desk.errors import DataError, InputError
from desk.forecast.linear import FIRST_FIT
from desk.forecast.moods import daily_moods
from desk.instruments import Instrument
from desk.market.feed import MarketFeed
from desk.market.hours import HOURS
from desk.news.feed import NewsFeed
from desk.risk.measures import Matrix, Vector

YEARS = 10
DAYS_OF_YEAR = 365.25
MADE_UP = "synthetic"
"""How labels of made-up prices begin; no basket holds them."""


@dataclass(frozen=True)
class Closes:
    """All closes before the market clock's day: `days` and `values` (T,), and how many of the last ones count.

    `moods` (T,): the mean sentiment of the day's news as known at each close, NaN without any; None without a feed.
    `peers` (window, n): closes of the instruments of the same kind and currency on the counted days; None not asked.
    `peer_ids` (n): which they are, the instrument among them.
    """

    instrument: Instrument
    days: list[date]
    values: Vector
    window: int
    moods: Vector | None = None
    peers: Matrix | None = None
    peer_ids: tuple[str, ...] = ()

    @property
    def periods(self) -> int:
        """Closes of a year: about 252 for stocks, 365 for what trades every day."""
        span = (self.days[-1] - self.days[0]).days
        return round(len(self.days) / span * DAYS_OF_YEAR)

    @property
    def costs(self) -> Costs:
        """What trading it costs here."""
        return costs_of(self.instrument.asset_class)

    @property
    def cash(self) -> float:
        """Opening cash: the usual sum, and at least what a hundred lots cost."""
        return max(CASH, 100.0 * float(self.instrument.lot) * float(self.counted[0]))

    @property
    def first(self) -> int:
        """The row of the first counted close."""
        return self.values.size - self.window

    @property
    def counted(self) -> Vector:
        """The closes that are judged (window,)."""
        return self.values[-self.window :]


def read_closes(feed: MarketFeed, instrument: str, years: int = YEARS) -> Closes:
    """The closes, with the last `years` to be judged; those before only train.

    InputError for years that are not 1 to 40; DataError when the history is too short for them or never moves.
    """
    if not 1 <= years <= 40:
        raise InputError(f"{years} years is not between 1 and 40; give --years 10")
    known = feed.instruments.get(instrument)
    bars = feed.bars(instrument)
    days = [bar.day for bar in bars]
    if len(days) <= FIRST_FIT or (days[-1] - days[FIRST_FIT]).days < years * 365:
        raise DataError(
            f"{instrument} has {len(bars)} daily closes; {FIRST_FIT} of them train, and the rest are fewer than "
            f"{years} years; ask for fewer years"
        )
    first = days[-1] - timedelta(days=round(years * DAYS_OF_YEAR))
    window = sum(day > first for day in days)
    values = np.array([float(bar.close) for bar in bars])
    if np.ptp(values[-window:]) == 0.0:
        raise DataError(f"{instrument} has one and the same close in the last {years} years; nothing can be told apart")
    return Closes(known, days, values, window)


def with_surroundings(closes: Closes, feed: MarketFeed, news: NewsFeed) -> Closes:
    """The same closes with the mood of the news and the closes of their peers."""
    ends = close_instants(closes)
    moods = daily_moods(news.headlines(ends[-1], [closes.instrument.id], limit=1_000_000), ends)
    ids, peers = read_peers(closes, feed)
    return replace(closes, moods=moods, peers=peers, peer_ids=ids)


def close_instants(closes: Closes) -> list[datetime]:
    """When each close was known: the last minute of its kind's hours, UTC."""
    shut = time(*divmod(HOURS[closes.instrument.asset_class][1] - 1, 60), tzinfo=UTC)
    return [datetime.combine(day, shut) for day in closes.days]


def read_peers(closes: Closes, feed: MarketFeed) -> tuple[tuple[str, ...], Matrix]:
    """Ids and closes (window, n) of what trades in the same kind and currency; n may be 0.

    Each has a real close on every counted day.
    """
    mine, days = closes.instrument, closes.days[-closes.window :]
    found: dict[str, Vector] = {}
    for other in feed.instruments:
        alike = other.asset_class == mine.asset_class and other.currency == mine.currency
        if not alike or not other.tradable or other.label.startswith(MADE_UP):
            continue
        bars = feed.bars(other.id, days[0], days[-1])
        if [bar.day for bar in bars] == days:
            found[other.id] = np.array([float(bar.close) for bar in bars])
    return tuple(found), np.column_stack(list(found.values())) if found else np.empty((len(days), 0))
