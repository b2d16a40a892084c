"""Lines at their source: a diff says exactly what changed, and snapshot plus diffs is the whole."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.feed.frames import frame_text, payload_of
from api.feed.lines import BarsLine, BookLine, QuoteLine, TapeLine
from api.feed.states import build_state
from desk.market.minutes import MinuteBars
from tests.api.feed.fake_books import FakeBooks
from tests.desk.trading.fake_feed import AAPL, FakeFeed


def plain(body: object) -> Any:
    """What a client reads of a body that was written."""
    return json.loads(json.dumps(body))


sides = st.dictionaries(st.integers(90, 110), st.integers(1, 50), max_size=30)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(sides, sides), min_size=1, max_size=8), st.integers(0, 7))
def test_a_book_is_its_snapshot_and_the_diffs_after_it(books_seen, joins_at):
    books = FakeBooks(AAPL)
    line = BookLine(books, FakeFeed().instruments.get(AAPL))
    state = build_state("book")
    state.apply(plain(line.whole()), fresh=True)
    for number, (bids, asks) in enumerate(books_seen):
        books.put(AAPL, bids, asks)
        diff = line.change()
        if diff is not None:
            state.apply(plain(diff), fresh=False)
        if number == joins_at:
            state = build_state("book")
            state.apply(plain(line.whole()), fresh=True)
        depth = books.depth(AAPL, 20)
        assert state.whole()["bids"] == [list(level) for level in depth.bids]
        assert state.whole()["asks"] == [list(level) for level in depth.asks]
        assert state.whole() == plain(line.whole())


def test_a_diff_holds_changed_levels_only_and_a_gone_one_with_no_lots():
    books = FakeBooks(AAPL)
    line = BookLine(books, FakeFeed().instruments.get(AAPL))
    books.put(AAPL, {100: 5, 99: 7}, {101: 3})
    line.change()
    books.put(AAPL, {100: 6, 98: 1}, {101: 3})
    diff = plain(line.change())
    assert sorted(diff["bids"]) == [[98, 1], [99, 0], [100, 6]]
    assert diff["asks"] == []
    assert line.change() is None


def test_a_venue_is_asked_for_depth_only_when_its_version_rose():
    books = FakeBooks(AAPL)
    line = BookLine(books, FakeFeed().instruments.get(AAPL))
    looks = books.looks
    for _ in range(5):
        assert line.change() is None
    assert books.looks == looks


def test_trades_are_told_once_and_a_snapshot_holds_the_last_fifty():
    books = FakeBooks(AAPL)
    for number in range(60):
        books.trade(AAPL, 100 + number, 1)
    line = TapeLine(FakeFeed().instruments.get(AAPL), books.trades_since(0, 50))
    assert [row["seq"] for row in plain(line.whole())["trades"]] == list(range(11, 61))
    books.trade(AAPL, 500, 9)
    line.add(books.trades_since(60, 10)[0])
    change = plain(line.change())
    assert [(row["seq"], row["price"], row["lots"], row["taker"]) for row in change["trades"]] == [(61, 500, 9, "buy")]
    assert line.change() is None
    assert [row["seq"] for row in plain(line.whole())["trades"]] == list(range(12, 62))


def test_bars_grow_close_and_carry_the_trades_lots():
    feed, books = FakeFeed(), FakeBooks(AAPL)
    minutes = MinuteBars(feed)
    minutes.sample()
    line, state = BarsLine(minutes, feed.instruments.get(AAPL)), build_state("bars")
    state.apply(line.whole(), fresh=True)
    opening = feed.quote(AAPL)
    assert line.change() is None
    books.trade(AAPL, opening.last_ticks + 7, 3, seconds=(opening.at.timestamp() - 1709305200))
    minutes.add(books.trades_since(0, 10))
    books.trade(AAPL, opening.last_ticks - 2, 4, seconds=(opening.at.timestamp() - 1709305200) + 60)
    minutes.add(books.trades_since(1, 10))
    change = plain(line.change())
    state.apply(change, fresh=False)
    first, second = plain(state.whole())["bars"]
    assert (first["open"], first["high"], first["close"], first["lots"], first["trades"]) == (
        opening.last_ticks, opening.last_ticks + 7, opening.last_ticks + 7, 3, 1,
    )  # fmt: skip
    assert (second["open"], second["low"], second["lots"]) == (opening.last_ticks - 2, opening.last_ticks - 2, 4)
    assert state.whole() == line.whole()


def test_a_quote_is_told_again_when_it_moved():
    feed = FakeFeed()
    line = QuoteLine(feed, feed.instruments.get(AAPL))
    assert line.change() is None
    feed.move(AAPL, 18_100, 18_102)
    assert line.change() == line.whole()
    assert plain(line.whole())["quote"]["bid"] == 181.0


def test_frames_are_unmasked_text_of_every_length():
    for size in (0, 125, 126, 65_535, 65_536):
        framed = frame_text(b"x" * size)
        assert framed[0] == 0x81
        assert payload_of(framed) == b"x" * size
