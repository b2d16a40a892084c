"""How long an account's holdings take to sell, and what selling them would cost.

Nobody's volume is bundled: the turnover of a day is an order of magnitude per asset class
(`desk.market.volume.TURNOVER`), and every figure says so. One sells at most a share of that turnover
a day. The cost is half the quoted spread and the temporary impact of Almgren, Thum, Hauptmann and Li
(2005) at that share, on the daily volatility of the last closes; it is a published model of US stocks.
Amounts are units of the base currency.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from desk.market.feed import MarketFeed
from desk.market.volume import TURNOVER
from desk.risk.account import daily_returns
from desk.trading.impact import ETA, TEMPORARY_POWER

PARTICIPATION = 0.1
DAYS = 60
LABEL = "assumed turnover of the asset class; published impact model (Almgren et al. 2005)"


class Horizon(NamedTuple):
    """One holding: what it is worth, the days to sell it, and the cost of that in money."""

    instrument: str
    value: float
    days: float
    cost: float


class Liquidity(NamedTuple):
    """Holdings, slowest first; `within_day` is the share of gross value that can be sold in one; money in `cost`."""

    rows: tuple[Horizon, ...]
    within_day: float
    days: float
    cost: float


def liquidity_of(feed: MarketFeed, values: Mapping[str, float], participation: float = PARTICIPATION) -> Liquidity:
    """`values` are holdings in base currency; shorts count as what must be bought back. Nothing held is 0 everywhere.

    DataError for a holding without 60 closes or a quote.
    """
    rows = sorted(
        (_horizon(feed, id, abs(value), participation) for id, value in values.items() if value),
        key=lambda row: (-row.days, row.instrument),
    )
    gross = sum(row.value for row in rows)
    sold = sum(row.value * min(1.0, 1.0 / row.days) if row.days else row.value for row in rows)
    return Liquidity(
        tuple(rows), sold / gross if gross else 0.0, rows[0].days if rows else 0.0, sum(row.cost for row in rows)
    )


def _horizon(feed: MarketFeed, instrument: str, value: float, participation: float) -> Horizon:
    daily = TURNOVER[feed.instruments.get(instrument).asset_class]
    quote, returns = feed.quote(instrument), daily_returns(feed, [instrument], DAYS)[1][:, 0]
    days = value / (participation * daily)
    rate = min(participation, value / daily)
    spread = (quote.ask_ticks - quote.bid_ticks) / 2 / quote.last_ticks
    impact = ETA * float(returns.std(ddof=1)) * math.pow(rate, TEMPORARY_POWER)
    return Horizon(instrument, value, days, value * (spread + impact))
