"""What every news feed keeps: the headlines in the box, and live ones that were kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from desk.clock import FrozenClock
from desk.market.history import History
from desk.news.bundled import BundledNews
from desk.news.live import LiveNews
from desk.news.story import Story
from desk.store.engine import Store

NOW = datetime(2026, 11, 27, 15, tzinfo=UTC)


class Paper:
    """A source that gives two stories more at every look."""

    name = "Paper"

    def __init__(self, wall: FrozenClock) -> None:
        self._wall, self._count = wall, 0

    def fetch(self) -> list[Story]:
        self._count += 2
        names = ("Apple", "Pfizer")
        return [Story(f"{self._count - n}", f"{names[n]} story {self._count}", "", self.name, "", self._wall.now() -
                      timedelta(minutes=1)) for n in (0, 1)]  # fmt: skip

    def close(self) -> None:
        return None


@pytest.fixture(params=["bundled", "live"])
def feed(request, tmp_path):
    if request.param == "bundled":
        yield BundledNews()
        return
    store, wall = Store.in_folder(tmp_path), FrozenClock(NOW - timedelta(hours=1))
    news = LiveNews([Paper(wall)], store, wall, History().instruments)
    for _ in range(10):
        news.step()
        wall.advance(timedelta(minutes=2))
    yield news
    store.close()


def test_newest_first_known_by_then_and_bounded(feed):
    found = feed.headlines(NOW)
    known = [item.known for item in found]
    assert len(found) >= 10
    assert known == sorted(known, reverse=True)
    assert all(item.published <= item.known <= NOW for item in found)
    assert feed.headlines(NOW, limit=3) == found[:3]
    middle = known[len(known) // 2]
    then = {item.id for item in feed.headlines(NOW, limit=500) if item.known <= middle}
    assert {item.id for item in feed.headlines(middle, limit=500)} == then
    assert all(item.known >= middle for item in feed.headlines(NOW, since=middle))
    assert feed.headlines(datetime(1990, 1, 1, tzinfo=UTC)) == []


def test_by_instrument_and_with_a_label(feed):
    found = feed.headlines(NOW, ["XNAS:AAPL"])
    assert found
    assert all("XNAS:AAPL" in item.instruments for item in found)
    assert feed.headlines(NOW, ["XNAS:NOPE"]) == []
    assert feed.label
    assert len({item.id for item in feed.headlines(NOW, limit=500)}) == len(feed.headlines(NOW, limit=500))
