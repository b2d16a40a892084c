from datetime import UTC, datetime

import pytest

from desk.errors import DataError
from desk.market.history import History
from desk.news.bundled import BundledNews

START = datetime(2022, 12, 28, 15, tzinfo=UTC)
END = datetime(2023, 1, 1, tzinfo=UTC)


def test_there_is_enough_and_all_of_it_is_labelled():
    items = BundledNews().headlines(END, limit=1000)
    assert len(items) >= 120
    assert len({item.id for item in items}) == len(items)
    assert all("not real news" in item.label and "demonstration" in item.source for item in items)
    known = {instrument.id for instrument in History().instruments}
    assert {id for item in items for id in item.instruments} <= known


def test_nothing_is_known_before_its_time():
    feed = BundledNews()
    now = feed.headlines(START, limit=1000)
    assert all(item.published < item.known <= START for item in now)
    assert len(feed.headlines(END, limit=1000)) > len(now)
    assert now == sorted(now, key=lambda item: item.known, reverse=True)


def test_by_instrument_and_since():
    feed = BundledNews()
    items = feed.headlines(START, ["XNAS:AAPL"], since=datetime(2022, 12, 27, tzinfo=UTC))
    assert len(items) == 4
    assert all("XNAS:AAPL" in item.instruments for item in items)
    assert feed.headlines(START, ["XNAS:NOPE"]) == []
    assert len(feed.headlines(START, limit=3)) == 3


def test_a_damaged_line_is_named(tmp_path):
    (tmp_path / "h.txt").write_text("# ok\n2022-13-01 | w | A | b | c\n")
    with pytest.raises(DataError, match=r"line 2 of h\.txt is damaged"):
        BundledNews(tmp_path / "h.txt").headlines(START)
