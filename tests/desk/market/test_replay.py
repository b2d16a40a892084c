from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.clock import FrozenClock
from desk.errors import DataError, NotFound
from desk.instruments import AssetClass
from desk.market.history import History
from desk.market.replay import ReplayFeed

HISTORY = History()
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
IDS = [instrument.id for instrument in HISTORY.instruments]


def feed(tmp_path, wall=None, **more):
    return ReplayFeed(tmp_path / "clock.json", wall or FrozenClock(NOON), history=HISTORY, **more)


def test_the_clock_starts_in_the_last_stock_session(tmp_path):
    assert feed(tmp_path).now() == datetime(2022, 12, 28, 15, tzinfo=UTC)


def test_each_class_stands_on_its_own_day(tmp_path):
    days = {clock.asset_class: clock.time.date() for clock in feed(tmp_path).clocks()}
    assert days[AssetClass.STOCK] == days[AssetClass.FOREX] == date(2022, 12, 28)
    assert days[AssetClass.COMMODITY] == date(2019, 1, 3)
    assert days[AssetClass.BOND] == date(2018, 12, 31)
    assert set(days) == set(AssetClass)


@pytest.mark.parametrize("id", IDS)
def test_every_instrument_has_a_sane_quote(tmp_path, id):
    replay = feed(tmp_path)
    quote, instrument = replay.quote(id), HISTORY.instruments.get(id)
    assert 0 < quote.bid_ticks <= quote.last_ticks <= quote.ask_ticks
    assert (quote.bid_ticks < quote.ask_ticks) == instrument.tradable
    assert abs(quote.last_ticks / quote.previous_close_ticks - 1) < 0.3
    assert quote.simulated
    previous = replay.bars(id)[-1].close
    assert quote.previous_close_ticks == round(float(previous) / float(instrument.tick))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 200_000), min_size=1, max_size=4), st.sampled_from(IDS))
def test_two_feeds_with_one_clock_agree(tmp_path_factory, steps, id):
    folder = tmp_path_factory.mktemp("clock")
    wall = FrozenClock(NOON)
    one, two = (ReplayFeed(folder / f"{n}.json", wall, history=History()) for n in "ab")
    for step in steps:
        wall.advance(timedelta(seconds=step))
        assert one.quote(id) == two.quote(id)
        assert one.now() == two.now()


def test_the_session_repeats_on_the_last_day(tmp_path):
    wall = FrozenClock(NOON)
    replay = feed(tmp_path, wall)
    before = replay.quote("XNAS:AAPL")
    wall.advance(timedelta(hours=6.5))
    assert replay.quote("XNAS:AAPL") == before
    assert replay.sessions == 1


def test_the_clock_moves_only_while_running(tmp_path):
    wall = FrozenClock(NOON)
    replay = feed(tmp_path, wall, speed=10)
    wall.advance(timedelta(minutes=1))
    replay.save()
    assert replay.now() == datetime(2022, 12, 28, 15, 10, tzinfo=UTC)
    wall.advance(timedelta(days=3))
    assert feed(tmp_path, wall).now() == datetime(2022, 12, 28, 15, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "{}", '{"elapsed": "NaN"}', '{"elapsed": -5}', "[1]"])
def test_a_damaged_clock_file_is_named(tmp_path, text):
    (tmp_path / "clock.json").write_text(text)
    with pytest.raises(DataError, match=r"clock\.json is damaged"):
        feed(tmp_path)


def test_the_replayed_day_is_not_among_the_bars(tmp_path):
    bars = feed(tmp_path).bars("XNAS:AAPL", start=date(2022, 12, 20))
    assert [bar.day for bar in bars][-1] == date(2022, 12, 27)
    assert bars[-1].open is None
    assert feed(tmp_path).bars("INDEX:IXIC")[-1].open is not None


def test_unknown_instruments_are_not_found(tmp_path):
    with pytest.raises(NotFound, match="XNAS:NOPE"):
        feed(tmp_path).quote("XNAS:NOPE")


def test_threads_agree(tmp_path):
    replay, seen = feed(tmp_path), []
    threads = [Thread(target=lambda: seen.append([replay.quote(id) for id in IDS])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(quotes == seen[0] for quotes in seen)
