from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from desk.clock import FrozenClock
from desk.errors import Forbidden, NotFound
from desk.orders import Order, OrderState, OrderType, TimeInForce
from desk.trading.broker import Placement
from desk.trading.simulated import SimulatedBroker
from desk.trading.tokens import TokenSigner
from tests.desk.trading.fake_feed import AAPL, BTC, INDEX, START, FakeFeed
from tests.desk.trading.test_gateway import buy, sell

SIGNER = TokenSigner(bytes(32))


def make(feed: FakeFeed | None = None) -> SimulatedBroker:
    return SimulatedBroker(feed or FakeFeed(), SIGNER, FrozenClock(START))


def token(order: Order, life: float = 1) -> str:
    return SIGNER.issue(order, START, timedelta(hours=life))


def place(broker: SimulatedBroker, order: Order) -> Placement:
    return broker.place(order, token(order))


def test_a_large_order_walks_the_simulated_levels_and_pays_one_commission() -> None:
    placement = place(make(), buy(2_700))
    assert placement.state is OrderState.FILLED
    assert [fill.price_ticks for fill in placement.fills] == [18_002, 18_004]
    assert [fill.id for fill in placement.fills] == ["o-1-1", "o-1-2"]
    notional = sum(int(fill.price_ticks * fill.quantity) for fill in placement.fills)
    assert sum(fill.commission for fill in placement.fills) == -(-notional // 10_000)
    assert all(fill.simulated for fill in placement.fills)


def test_more_than_all_levels_is_cancelled_in_part() -> None:
    placement = place(make(), buy(50_000))
    assert placement.state is OrderState.CANCELLED
    assert 0 < sum(fill.quantity for fill in placement.fills) < 50_000
    assert placement.reason


def test_ioc_never_rests_and_small_lots_fill_exactly() -> None:
    broker = make()
    away = buy(5, id="ioc", type=OrderType.LIMIT, limit_ticks=17_000, time_in_force=TimeInForce.IOC)
    assert place(broker, away).state is OrderState.CANCELLED
    coin = place(broker, buy("0.0003", id="btc", instrument=BTC))
    assert [fill.quantity for fill in coin.fills] == [Decimal("0.0003")]
    assert coin.fills[0].commission == 35
    assert broker.open_orders() == []


def test_placing_twice_is_placing_once() -> None:
    broker, order = make(), buy(5)
    assert place(broker, order) == place(broker, order)
    assert broker.cancel("o-1") is None


def test_a_restored_order_goes_on_where_it_stood() -> None:
    feed = FakeFeed()
    first = make(feed)
    order = buy(3_000, type=OrderType.LIMIT, limit_ticks=18_002, time_in_force=TimeInForce.GTC)
    before = place(first, order)
    assert before.state is OrderState.WORKING
    second = make(feed)
    assert second.restore(order, token(order, life=-1), before.fills).fills[: len(before.fills)] == before.fills
    feed.move(AAPL, 17_990, 17_995)
    second.poll()
    after = place(second, order)
    assert sum(fill.quantity for fill in after.fills) == 3_000
    assert len({fill.id for fill in after.fills}) == len(after.fills)


def test_refusals() -> None:
    broker = make()
    with pytest.raises(NotFound):
        place(broker, buy(1, instrument=INDEX))
    for shown in ("", "x", "99.zz", token(buy(2)), token(buy(1), life=-1)):
        with pytest.raises(Forbidden):
            broker.place(buy(1), shown)
    assert place(broker, sell(1, id="o-2")).state is OrderState.FILLED


def test_the_venue_tells_its_book_and_its_tape() -> None:
    feed = FakeFeed()
    broker = make(feed)
    first = broker.depth(AAPL, 20)
    assert [level.price_ticks for level in first.bids] == [18_000 - 2 * n for n in range(5)]
    assert (first.asks[0].price_ticks, first.simulated, broker.version(AAPL)) == (18_002, True, first.version)
    place(broker, buy(10, type=OrderType.LIMIT, limit_ticks=18_001, time_in_force=TimeInForce.GTC))
    after = broker.depth(AAPL, 1)
    assert (after.bids, after.version > first.version) == (((18_001, 10),), True)
    place(broker, buy(100, id="o-2"))
    feed.move(AAPL, 17_990, 17_992)
    assert broker.version(AAPL) > after.version
    taken, filled = broker.trades_since(0, 100)
    assert (taken.seq, taken.price_ticks, taken.lots, taken.taker_side.value) == (1, 18_002, 100, "buy")
    assert (filled.seq, filled.price_ticks, filled.lots, filled.taker_side.value) == (2, 18_001, 10, "sell")
    assert broker.trades_since(1, 100) == broker.trades_since(0, 1) == [filled]
    assert broker.trades_since(2, 100) == []
    with pytest.raises(NotFound):
        broker.version(INDEX)
