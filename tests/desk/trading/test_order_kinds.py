"""Every kind of order at the simulated venue, and how a day at the venue goes by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from desk.errors import Forbidden
from desk.orders import FINAL_STATES, Order, OrderState, OrderType, TimeInForce
from desk.trading.broker import Placement
from desk.trading.simulated import SimulatedBroker
from tests.desk.trading.fake_feed import AAPL, BTC, START, FakeFeed
from tests.desk.trading.test_gateway import buy, sell
from tests.desk.trading.test_simulated import make, place, token

LIMIT, STOP, STOP_LIMIT = OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT
GTC, IOC, FOK, GTD = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD


def news(broker: SimulatedBroker) -> dict[str, Placement]:
    return {placement.client_id: placement for placement in broker.poll()}


def traded(placement: Placement) -> int:
    return int(sum(fill.quantity for fill in placement.fills))


def at(hour: int, minute: int, second: int = 0, day: int = 1) -> datetime:
    return datetime(2024, 3, day, hour, minute, second, tzinfo=UTC)


def test_fill_or_kill_takes_all_or_nothing():
    broker = make()
    much = place(broker, buy(4_000, id="all", type=LIMIT, limit_ticks=18_002, time_in_force=FOK))
    assert (much.state, much.fills) == (OrderState.CANCELLED, ())
    assert "fill or kill" in much.reason
    some = place(broker, buy(1_000, id="some", type=LIMIT, limit_ticks=18_002, time_in_force=FOK))
    assert (some.state, traded(some)) == (OrderState.FILLED, 1_000)


def test_post_only_never_takes():
    broker = make()
    crossing = place(broker, buy(1, id="no", type=LIMIT, limit_ticks=18_002, time_in_force=GTC, post_only=True))
    assert (crossing.state, crossing.fills) == (OrderState.REJECTED, ())
    assert "post-only" in crossing.reason
    waiting = place(broker, buy(1, id="yes", type=LIMIT, limit_ticks=18_001, time_in_force=GTC, post_only=True))
    assert waiting.state is OrderState.WORKING


def test_a_stop_waits_for_the_last_price_and_then_trades_at_the_market():
    feed = FakeFeed()
    broker = make(feed)
    assert place(broker, sell(10, type=STOP, stop_ticks=17_900, time_in_force=GTC)).state is OrderState.WORKING
    feed.move(AAPL, 17_950, 17_952)
    assert news(broker) == {}
    feed.move(AAPL, 17_890, 17_892)
    placement = news(broker)["o-1"]
    assert (placement.state, placement.triggered) == (OrderState.FILLED, True)
    assert [fill.price_ticks for fill in placement.fills] == [17_890]


def test_a_stop_whose_price_was_reached_trades_at_once():
    placement = place(make(), buy(10, type=STOP, stop_ticks=17_000, time_in_force=GTC))
    assert (placement.state, placement.triggered, traded(placement)) == (OrderState.FILLED, True, 10)


def test_a_triggered_stop_limit_rests_and_stays_triggered_over_a_restart():
    feed = FakeFeed()
    order = sell(10, type=STOP_LIMIT, stop_ticks=17_900, limit_ticks=17_895, time_in_force=GTC)
    broker = make(feed)
    assert not place(broker, order).triggered
    feed.move(AAPL, 17_880, 17_898)
    hit = news(broker)["o-1"]
    assert (hit.state, hit.triggered, hit.fills) == (OrderState.WORKING, True, ())
    feed.move(AAPL, 17_990, 17_992)
    again = make(feed)
    back = again.restore(order, token(order), (), triggered=True)
    assert (back.state, traded(back)) == (OrderState.FILLED, 10), "not parked a second time"


def test_an_iceberg_trades_in_full():
    feed = FakeFeed()
    broker = make(feed)
    order = sell(500, type=LIMIT, limit_ticks=18_010, display=Decimal(100), time_in_force=GTC)
    assert place(broker, order).state is OrderState.WORKING
    feed.move(AAPL, 18_012, 18_014)
    assert traded(news(broker)["o-1"]) == 500


def test_an_amendment_changes_what_waits():
    feed = FakeFeed()
    broker = make(feed)
    first = buy(100, type=LIMIT, limit_ticks=17_990, time_in_force=GTC)
    place(broker, first)
    less = buy(60, type=LIMIT, limit_ticks=17_990, time_in_force=GTC)
    with pytest.raises(Forbidden):
        broker.amend(less, token(first))
    assert broker.amend(less, token(less)).state is OrderState.WORKING
    dearer = buy(60, type=LIMIT, limit_ticks=18_002, time_in_force=GTC)
    done = broker.amend(dearer, token(dearer))
    assert (done.state, traded(done)) == (OrderState.FILLED, 60)
    assert broker.amend(dearer, token(dearer)) == done, "again changes nothing"
    assert broker.open_orders() == []


def test_a_waiting_stop_is_amended_too():
    feed = FakeFeed()
    broker = make(feed)
    place(broker, sell(10, type=STOP_LIMIT, stop_ticks=17_900, limit_ticks=17_800, time_in_force=GTC))
    amended = sell(4, type=STOP_LIMIT, stop_ticks=17_900, limit_ticks=17_850, time_in_force=GTC)
    assert not broker.amend(amended, token(amended)).triggered
    feed.move(AAPL, 17_890, 17_892)
    assert traded(news(broker)["o-1"]) == 4


def test_a_post_only_order_amended_into_the_market_is_cancelled():
    broker = make()
    place(broker, buy(1, type=LIMIT, limit_ticks=17_990, time_in_force=GTC, post_only=True))
    crossing = buy(1, type=LIMIT, limit_ticks=18_002, time_in_force=GTC, post_only=True)
    ended = broker.amend(crossing, token(crossing))
    assert ended.state in FINAL_STATES
    assert ended.fills == ()
    assert "post-only" in ended.reason


def test_the_newer_order_gives_way_to_ones_own():
    broker = make()
    place(broker, buy(10, id="mine", type=LIMIT, limit_ticks=18_001, time_in_force=GTC))
    wash = place(broker, sell(5, id="wash"))
    assert (wash.state, wash.fills) == (OrderState.REJECTED, ())
    assert "own resting order" in wash.reason
    assert broker.open_orders() == ["mine"]


def auctioned(feed: FakeFeed, *orders: Order) -> tuple[SimulatedBroker, list[Placement]]:
    broker = make(feed)
    return broker, [place(broker, order) for order in orders]


def test_the_opening_auction_collects_and_trades_at_one_price():
    feed = FakeFeed()
    feed.at = at(14, 30, 5)
    broker, placed = auctioned(
        feed,
        buy(10, id="b", type=LIMIT, limit_ticks=18_100, time_in_force=GTC),
        sell(10, id="s", account="ann", type=LIMIT, limit_ticks=17_900, time_in_force=GTC),
        buy(5, id="m"),
        buy(5, id="ioc", type=LIMIT, limit_ticks=18_100, time_in_force=IOC),
    )
    assert [p.state for p in placed] == [OrderState.WORKING] * 3 + [OrderState.REJECTED]
    assert "auction" in placed[3].reason
    assert news(broker) == {}
    feed.at = at(14, 30, 31)
    told = news(broker)
    assert {id: p.state for id, p in told.items()} == dict.fromkeys(("b", "s", "m"), OrderState.FILLED)
    assert len({fill.price_ticks for p in told.values() for fill in p.fills}) == 1


def test_a_market_order_that_the_auction_does_not_fill_is_cancelled():
    feed = FakeFeed()
    feed.at = at(20, 59)
    broker, (placed,) = auctioned(feed, buy(100_000))
    assert placed.state is OrderState.WORKING
    feed.at = at(14, 30, 31, day=4)
    ended = news(broker)["o-1"]
    assert ended.state is OrderState.CANCELLED
    assert 0 < traded(ended) < 100_000


def test_crypto_has_no_auction():
    feed = FakeFeed()
    feed.at = at(3, 0)
    assert place(make(feed), buy("0.0005", instrument=BTC)).state is OrderState.FILLED


@pytest.mark.parametrize(
    ("more", "ends_on"),
    [
        ({}, 2),
        ({"time_in_force": GTD, "expires": date(2024, 3, 3)}, 4),
        ({"time_in_force": GTC}, None),
    ],
)
def test_orders_end_with_their_last_day(more: dict[str, Any], ends_on: int | None):
    feed = FakeFeed()
    broker = make(feed)
    place(broker, buy(1, type=LIMIT, limit_ticks=17_000, **more))
    ended = None
    for day in (2, 3, 4, 5):
        feed.at = at(15, 0, day=day)
        if "o-1" in news(broker):
            ended = day
            break
    assert ended == ends_on


def test_a_replay_that_begins_its_day_anew_ends_the_day():
    feed = FakeFeed()
    broker = make(feed)
    feed.at = at(20, 0)
    place(broker, buy(1, type=LIMIT, limit_ticks=17_000))
    feed.at = START - timedelta(minutes=1)
    assert news(broker)["o-1"].reason == "the day ended"


def test_what_does_not_fit_the_engine_is_rejected():
    placement = place(make(), buy(2_000_000_000, type=LIMIT, limit_ticks=18_000, time_in_force=GTC))
    assert placement.state is OrderState.REJECTED
