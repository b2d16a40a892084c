"""A market whose instruments change under the desk: delisted, or counted in another tick or lot."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from desk.instruments import Instruments
from tests.desk.trading.fake_feed import AAPL, FakeFeed


class Listed(Protocol):
    instruments: Instruments


def delist(feed: Listed, id: str = AAPL) -> None:
    """It is gone: no instrument, no price."""
    feed.instruments = Instruments(one for one in feed.instruments if one.id != id)
    if isinstance(feed, FakeFeed):
        feed.prices.pop(id, None)


def recount(feed: Listed, *, tick: str = "0.01", lot: str = "1", id: str = AAPL) -> None:
    """Another tick or lot; the price in money stands."""
    before = feed.instruments.get(id)
    after = replace(before, tick=Decimal(tick), lot=Decimal(lot))
    feed.instruments = Instruments(after if one.id == id else one for one in feed.instruments)
    if isinstance(feed, FakeFeed):
        bid, ask = feed.prices[id]
        feed.prices[id] = (int(bid * before.tick / after.tick), int(ask * before.tick / after.tick) + 1)
