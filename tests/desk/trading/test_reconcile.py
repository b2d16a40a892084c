"""What desk and venue differ in is found, kept, put on record, and mended by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from desk.clock import FrozenClock
from desk.errors import BrokerError, NotFound, OrderRefused
from desk.orders import Order, OrderState, OrderType, Side, TimeInForce
from desk.store.engine import Store
from desk.trading.broker import Placement
from desk.trading.brokers import SIMULATED, Brokers
from desk.trading.desk_book import TradingDesk
from desk.trading.reconcile import Reconciler
from tests.desk.trading.desks import open_desk
from tests.desk.trading.fake_feed import AAPL, BTC, SAP, START, FakeFeed
from tests.venues.binance_server import BTC as BTCUSDT
from tests.venues.binance_server import BinanceServer
from tests.venues.build import build_alpaca, build_binance


@dataclass
class Room:
    server: BinanceServer
    desk: TradingDesk
    reconciler: Reconciler
    records: list[tuple[str, str, dict[str, object]]]

    def buy(self, id: str = "o-1", price: int | None = None, n: str = "0.5") -> None:
        more = {} if price is None else {"type": OrderType.LIMIT, "limit_ticks": price}
        order = Order(id, "desk", BTC, Side.BUY, Decimal(n), **more, time_in_force=TimeInForce.GTC)  # type: ignore[arg-type]
        self.desk.gate.submit(order)
        self.desk.journal.wait_durable(self.desk.accounts.seq, 5)
        self.desk.execute_waiting()

    def compare(self) -> list[tuple[str, str]]:
        return [one.key for one in self.reconciler.reconcile("binance")]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    server = BinanceServer()
    server.start()
    desk = open_desk(tmp_path, build_outside=lambda signer: [build_binance(server.url, signer=signer)])
    records: list[tuple[str, str, dict[str, object]]] = []
    store = Store.in_folder(tmp_path)
    reconciler = Reconciler(desk, store, lambda _, kind, subject, body: records.append((kind, subject, body)),
                            FrozenClock(START))  # fmt: skip
    yield Room(server, desk, reconciler, records)
    reconciler.close()
    desk.close()
    store.close()
    server.stop()


def test_what_agrees_says_nothing(room: Room) -> None:
    assert room.compare() == []
    room.buy()
    room.buy("o-2", 5_700_000)
    assert room.compare() == []
    assert [kind for kind, _, _ in room.records] == ["broker.baseline"]
    assert room.reconciler.last("Binance").at


def test_an_order_nobody_here_sent_is_listed_until_it_is_gone(room: Room) -> None:
    made = room.server.book.enter(name="by-hand", symbol=BTCUSDT, side="sell", kind="LIMIT", qty=Decimal(1), tif="gtc",
                                  limit=Decimal(90_000))  # fmt: skip
    (one,) = room.reconciler.reconcile("Binance", by="trader")
    assert (one.kind, one.subject, one.venue) == ("unknown_order", "by-hand", "sell 1 BTCUSDT, new")
    assert room.compare() == [("unknown_order", "by-hand")]
    assert [order.name for order in room.server.book.working()] == ["by-hand"]
    room.server.book.cancel(made)
    assert room.compare() == []
    kinds = [kind for kind, _, _ in room.records]
    assert kinds == ["broker.reconcile_asked", "broker.baseline", "broker.difference", "broker.difference_gone"]
    assert room.records[0][2]["by"] == "trader"


def test_a_trade_that_was_told_to_nobody_is_booked_as_usual(room: Room) -> None:
    room.buy(price=5_700_000)
    room.server.book.trade("o-1", "0.2")
    assert room.compare() == []
    assert room.desk.status("o-1").filled == Decimal("0.2")
    room.server.book.cancel(room.server.book.orders[0])
    assert room.compare() == []
    assert room.desk.status("o-1").state is OrderState.CANCELLED


def test_news_that_was_drained_and_lost_is_booked_again(room: Room) -> None:
    room.buy(price=5_700_000)
    room.server.book.trade("o-1", "0.5")
    broker = room.desk.brokers.outside[0]
    broker.catch_up()
    assert broker.poll()
    assert room.compare() == []
    assert room.desk.status("o-1").state is OrderState.FILLED


def test_an_order_the_venue_has_lost_is_shown_and_left(room: Room) -> None:
    room.buy(price=5_700_000)
    room.server.book.orders.clear()
    assert room.compare() == [("missing_order", "o-1")]
    assert room.desk.status("o-1").state is OrderState.WORKING
    assert room.compare() == [("missing_order", "o-1")]
    assert [kind for kind, _, _ in room.records].count("broker.difference") == 1


def test_an_order_that_only_the_desk_thinks_over(room: Room) -> None:
    room.buy(price=5_700_000)
    room.desk.settlement.book(Placement("o-1", (), OrderState.CANCELLED, "by mistake"))
    assert room.compare() == [("state", "o-1")]


def test_holdings_are_compared_with_what_they_were_at_first(room: Room) -> None:
    assert room.compare() == []  # one bitcoin is there from the beginning
    room.server.book.holdings[BTCUSDT] -= Decimal("0.25")
    (one,) = room.reconciler.reconcile("Binance")
    assert (one.kind, one.subject, one.desk, one.venue.split()[0]) == ("holding", BTC, "0", "-0.25")
    room.server.book.holdings[BTCUSDT] += Decimal("0.25")
    assert room.compare() == []


def test_an_unknown_word_is_a_difference(room: Room) -> None:
    room.buy(price=5_700_000)
    room.server.word = "LIMBO"
    assert ("unknown_status", "o-1") in room.compare()


def test_a_silent_venue_is_noted_and_an_unknown_one_refused(room: Room) -> None:
    room.server.stop()
    with pytest.raises(BrokerError):
        room.reconciler.reconcile("Binance")
    assert "does not answer" in room.reconciler.last("Binance").error
    assert room.reconciler.reconcile_all() == 0
    with pytest.raises(NotFound, match="known are Binance"):
        room.reconciler.reconcile("elsewhere")


def test_each_instrument_has_its_broker(room: Room) -> None:
    brokers = room.desk.brokers
    assert [brokers.serves(id) for id in (BTC, AAPL, SAP)] == ["Binance", SIMULATED, SIMULATED]
    room.desk.gate.submit(Order("o-1", "desk", AAPL, Side.BUY, Decimal(5)))
    assert room.desk.status("o-1").state is OrderState.FILLED
    assert room.server.book.orders == []
    room.buy("o-2")
    assert [order.name for order in room.server.book.orders] == ["o-2"]
    assert room.desk.status("o-2").state is OrderState.FILLED
    assert not room.desk.status("o-2").fills[0].id.startswith("o-2")


def test_a_broker_that_was_never_reached_refuses_its_orders_only(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, build_outside=lambda signer: [build_binance("http://127.0.0.1:9", signer=signer)])
    desk.brokers.start()
    with pytest.raises(OrderRefused, match="Binance cannot be sent order o-1: Binance does not answer") as met:
        desk.gate.submit(Order("o-1", "desk", BTC, Side.BUY, Decimal("0.5")))
    assert (met.value.rule, met.value.limit, met.value.value) == ("broker", "reachable", "unreachable")
    desk.gate.submit(Order("o-2", "desk", AAPL, Side.BUY, Decimal(5)))
    assert desk.status("o-2").state is OrderState.FILLED
    desk.close()


def test_real_money_is_not_traded_at_replayed_prices() -> None:
    feed = FakeFeed()
    live = build_alpaca("https://api.alpaca.markets", feed=feed)
    brokers = Brokers(None, [live], lambda id: feed.quote(id).simulated)
    check = brokers.check(Order("o-1", "desk", AAPL, Side.BUY, Decimal(5)))
    assert (check.ok, check.value) == (False, "replayed prices")
    assert Brokers(None, [build_alpaca("http://127.0.0.1:9")]).check(
        Order("o-1", "desk", AAPL, Side.BUY, Decimal(5))).ok  # fmt: skip


def test_differences_outlive_the_desk(room: Room, tmp_path: Path) -> None:
    room.server.book.enter(name="by-hand", symbol=BTCUSDT, side="sell", kind="LIMIT", qty=Decimal(1), tif="gtc",
                           limit=Decimal(90_000))  # fmt: skip
    room.compare()
    store = Store.in_folder(tmp_path)
    again = Reconciler(room.desk, store, lambda *_: None, FrozenClock(START))
    assert [one.key for one in again.book.open("Binance")] == [("unknown_order", "by-hand")]
    store.close()
