"""The desk looks over markets by itself: cases once an event, told once, with what was read."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import cast

import pytest

from desk.bus.local import LocalBus
from desk.clock import FrozenClock
from desk.errors import DataError
from desk.fraud.abuse.case_book import MarketBook
from desk.fraud.abuse.looking import MarketLooks
from desk.fraud.abuse.records import TOPIC
from desk.fraud.abuse.sources import MarketSource
from desk.market.feed import Bar, MarketFeed
from desk.news.feed import Headline
from desk.store.engine import Store
from tests.desk.trading.fake_feed import instruments

NOW = datetime(2024, 6, 3, 15, tzinfo=UTC)
PUMPED = "XNAS:AAPL"
LAST = date(2024, 5, 31)


class Feed:
    """Two years of calm daily bars; one instrument is pumped in the last week and falls back."""

    def __init__(self, fault: str = "") -> None:
        self.instruments, self.fault = instruments(), fault

    def now(self):
        return NOW

    def bars(self, instrument):
        if self.fault:
            raise ValueError(self.fault)
        if instrument != PUMPED:
            raise DataError(f"no bars of {instrument}")
        prices = [100.0 + (0.4 if n % 2 else -0.4) for n in range(500)]
        prices[-6:] = [101.0, 112.0, 124.0, 113.0, 103.0, 101.0]
        days = [LAST - timedelta(days=len(prices) - 1 - n) for n in range(len(prices))]
        return [Bar(day, None, None, None, Decimal(str(price))) for day, price in zip(days, prices, strict=True)]


class News:
    label = "test"

    def __init__(self, count: int) -> None:
        at = datetime(2024, 5, 27, 9, tzinfo=UTC)
        rows = [at + timedelta(minutes=n) for n in range(count)]
        self.rows = [Headline(f"h{n}", "to the moon", "", "posts", one, one, (PUMPED,)) for n, one in enumerate(rows)]

    def headlines(self, now, instruments=(), since=None, limit=50):
        return self.rows[:limit]


@pytest.fixture
def build(tmp_path):
    """Looks over one store, as after a restart; what was told."""
    store, told = Store.in_folder(tmp_path), []

    def make(feed=None, news=None, every_s=0.0, first_s=0.0):
        bus, wall = LocalBus(), FrozenClock(NOW)
        bus.listen(TOPIC, lambda event: told.append(event.body))
        source = MarketSource(cast(MarketFeed, feed or Feed()), wall, list, dict, lambda _: "", news)
        return MarketLooks(MarketBook(store, source, wall, lambda *_: None), store, bus, wall, every_s, first_s), told

    yield make
    store.close()


def test_a_pump_is_one_case_told_once_however_often_and_after_a_restart(build):
    looks, told = build()
    assert looks.last is None
    first, second = looks.look(), looks.look()
    assert first.alerts == second.alerts == len(first.fresh) > 0
    assert first.bars > 20
    assert second.fresh == ()
    again, _ = build()
    assert again.last == second
    assert again.look().fresh == ()
    assert [body["case"] for body in told] == list(first.fresh)
    assert {body["kind"] for body in told} == {"market"}
    assert "pump_and_dump" in {body["typology"] for body in told}
    assert again.last.at == "2024-06-03T15:00:00.000000Z"


def pump_of(looks):
    return next(case.alert for case in looks._book.cases() if case.alert.kind == "pump_and_dump")


def test_a_burst_of_posts_is_a_sign_and_few_are_as_if_nobody_listened(build):
    few, _ = build(news=News(2))
    assert few.look().headlines == 2
    assert "price_alone" in {rule.id for rule in pump_of(few).rules}


def test_a_burst_of_posts_is_heard(build):
    looks, _ = build(news=News(40))
    assert looks.look().headlines == 40
    assert {rule.id for rule in pump_of(looks).rules} & {"messages", "message_burst"}


def test_a_look_that_fails_says_so_and_the_next_one_is_made(build):
    class Broken(Feed):
        def now(self):
            raise DataError("the clock is lost")

    looks, told = build(Broken())
    assert looks.look().fault == "the clock is lost"
    assert told == []


def test_looks_begin_by_themselves_go_on_after_a_fault_and_end(build):
    looks, _ = build(every_s=0.01)
    heard = threading.Event()
    looks._bus.listen(TOPIC, lambda _: heard.set())
    looks.start()
    looks.start()
    assert heard.wait(20)
    looks.close()
    looks.close()
    assert looks.last.bars > 0
    damaged, _ = build(Feed("a damaged bar"), every_s=0.01)
    damaged.start()
    for _ in range(2_000):
        if damaged.last is not None:
            break
        threading.Event().wait(0.01)
    damaged.close()
    assert damaged.last.fault == "it failed; the log says why"


def test_nothing_begins_when_the_setting_says_never(build):
    looks, _ = build(every_s=0.0)
    looks.start()
    looks.close()
    assert looks.last is None
