"""What every market feed keeps: the replay, and the live feed over an archive and a board."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from desk.clock import FrozenClock
from desk.errors import NotFound
from desk.instruments import AssetClass
from desk.market.archive import Archive
from desk.market.board import Board
from desk.market.calendar import trading_days
from desk.market.events import Kline, Tick, to_us
from desk.market.feed import quoted
from desk.market.history import History
from desk.market.live import LiveFeed
from desk.market.replay import ReplayFeed

HISTORY = History()
NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)
SERVED = {"XNAS:AAPL": ("Yahoo",), "CRYPTO:BTCUSD": ("Binance", "Yahoo"), "FX:EURUSD": ("Alpha Vantage",)}


def live(folder) -> LiveFeed:
    wall = FrozenClock(NOW)
    rest = ReplayFeed(folder / "clock.json", wall, history=HISTORY)
    archive, board = Archive(folder / "market"), Board(HISTORY.instruments, SERVED)
    for id, sources in SERVED.items():
        price, kind = Decimal("101.25"), HISTORY.instruments.get(id).asset_class
        for day in trading_days(kind, date(2026, 11, 1), date(2026, 11, 26)):
            at = to_us(datetime(day.year, day.month, day.day, tzinfo=UTC))
            ends = at + 86_400_000_000
            archive.add_klines([Kline(id, sources[0], at, ends, ends, "1d", price, price, price, price, price)])
        board.put(Tick(id, sources[0], to_us(NOW) - 5, to_us(NOW), Decimal("101.5"), Decimal("101.75")))
    return LiveFeed(rest, archive, board, wall, SERVED)


@pytest.fixture(params=["replay", "live"])
def feed(request, tmp_path):
    if request.param == "live":
        return live(tmp_path)
    return ReplayFeed(tmp_path / "clock.json", FrozenClock(NOW), history=HISTORY)


def test_every_instrument_is_quoted_sanely(feed):
    found = list(quoted(feed))
    assert [priced.instrument.id for priced in found] == [instrument.id for instrument in feed.instruments]
    for instrument, quote in found:
        assert quote.instrument == instrument.id
        assert 0 < quote.bid_ticks <= quote.last_ticks <= quote.ask_ticks
        assert quote.previous_close_ticks > 0
        assert quote.at.tzinfo is not None
        assert feed.quote(instrument.id) == quote


@pytest.mark.parametrize("id", ["XNAS:AAPL", "CRYPTO:BTCUSD", "FX:EURUSD", "OTC:WTI"])
def test_bars_are_in_order_bounded_and_never_of_the_future(feed, id):
    bars = feed.bars(id)
    days = [bar.day for bar in bars]
    assert days == sorted(set(days))
    assert days[-1] <= feed.quote(id).at.date()
    assert feed.bars(id, days[3], days[7]) == bars[3:8]
    assert feed.bars(id, days[-1] + timedelta(days=1)) == []
    assert all(isinstance(bar.close, Decimal) for bar in bars)


def test_the_previous_close_is_that_of_the_last_bar(feed):
    for id in SERVED:
        tick, quote = feed.instruments.get(id).tick, feed.quote(id)
        assert quote.previous_close_ticks == round(feed.bars(id)[-1].close / tick)


def test_clocks_tell_every_class_and_unknown_names_are_not_found(feed):
    assert {clock.asset_class for clock in feed.clocks()} == set(AssetClass)
    assert {clock.mode for clock in feed.clocks()} <= {"replay", "live"}
    assert feed.now().tzinfo is not None
    for ask in (feed.quote, feed.bars):
        with pytest.raises(NotFound):
            ask("XNAS:NOPE")
    feed.save()
