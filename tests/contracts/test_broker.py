"""Broker: an order is placed once, its fills told once each, whatever is asked again, and by whichever venue."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from desk.clock import FrozenClock
from desk.errors import Forbidden
from desk.orders import Fill, Order, OrderState, OrderType, Side, TimeInForce
from desk.trading.broker import Broker, Placement
from desk.trading.outside import OutsideBroker
from desk.trading.realistic import build_venue
from desk.trading.simulated import SimulatedBroker
from desk.trading.venue_terms import USUAL, Fees, VenueTerms
from tests.desk.trading.fake_feed import AAPL, BTC, START, FakeFeed
from tests.venues import alpaca_server, binance_server
from tests.venues.build import SIGNER, build_alpaca, build_binance, token

MARKET = {AAPL: 18_001, BTC: 6_000_000}
FAR = {AAPL: 17_000, BTC: 5_000_000}


HARD = VenueTerms(
    latency_ms=5, jitter_ms=20, fees=Fees(Decimal("0.5"), Decimal("2.5")), take_pct=1,
    reject_pct=Decimal(3), seed=1, borrow={"*": 100}, borrow_pct=Decimal(5),
)  # fmt: skip
"""All of the simulated venue's terms at once; chance turns none of this suite's few orders away with this seed."""


class WalkingClock(FrozenClock):
    """Goes on by a millisecond whenever it is looked at."""

    def now(self) -> datetime:
        self.advance(timedelta(milliseconds=1))
        return self.at


@dataclass
class Bench:
    """One broker under test: what it trades, and how the venue is made to trade a resting order."""

    broker: Broker
    instrument: str
    fill_far: Callable[[str, str], None]
    again: Callable[[], Broker]

    def order(self, n: str | int = 5, id: str = "o-1", side: Side = Side.BUY, **more) -> Order:
        return Order(id, "desk", self.instrument, side, Decimal(n), **more)

    def far(self, n: str | int = 5, id: str = "o-1", **more) -> Order:
        return self.order(n, id, type=OrderType.LIMIT, limit_ticks=FAR[self.instrument],
                          time_in_force=TimeInForce.GTC, **more)  # fmt: skip


def place(bench: Bench, order: Order) -> Placement:
    return bench.broker.place(order, token(order))


@pytest.fixture(params=["simulated", "simulated on hard terms", "binance", "alpaca"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    feed, wall = FakeFeed(), WalkingClock(START)
    if request.param.startswith("simulated"):
        terms = USUAL if request.param == "simulated" else HARD

        def cross(id: str, n: str) -> None:
            """The replayed quote falls through the order's price: it fills whole, whatever was asked for."""
            wall.advance(timedelta(seconds=1))
            inside.broker.poll()  # whatever was on its way is there
            feed.move(AAPL, FAR[AAPL] - 10, FAR[AAPL] - 8)

        def make() -> SimulatedBroker:
            return build_venue(feed, SIGNER, wall, terms)

        inside = Bench(make(), AAPL, cross, make)
        yield inside
        return
    server: binance_server.BinanceServer | alpaca_server.AlpacaServer
    brokers: list[OutsideBroker] = []

    def build() -> Broker:
        made_by = build_binance if request.param == "binance" else build_alpaca
        brokers.append(made_by(server.url, feed=feed))
        brokers[-1].start()
        return brokers[-1]

    server = binance_server.BinanceServer() if request.param == "binance" else alpaca_server.AlpacaServer()
    server.start()
    yield Bench(build(), BTC if request.param == "binance" else AAPL, server.book.trade, build)
    for broker in brokers:
        broker.close()
    server.stop()


class Seen:
    """All that a broker told, booked as the desk books it: each fill id once, an end never taken back."""

    def __init__(self, broker: Broker, *first: Placement) -> None:
        self._broker = broker
        self.fills: dict[str, dict[str, Fill]] = {}
        self.state: dict[str, OrderState] = {}
        self.reason: dict[str, str] = {}
        for each in first:
            self.take(each)

    def take(self, placement: Placement) -> None:
        mine = self.fills.setdefault(placement.client_id, {})
        for fill in placement.fills:
            assert mine.setdefault(fill.id, fill).quantity == fill.quantity
        self.state[placement.client_id] = placement.state
        self.reason[placement.client_id] = placement.reason

    def until(self, done: Callable[[Seen], bool]) -> Seen:
        ends = time.monotonic() + 15
        while not done(self) and time.monotonic() < ends:
            for placement in self._broker.poll():
                self.take(placement)
            time.sleep(0.02)
        return self

    def filled(self, id: str):
        return sum((fill.quantity for fill in self.fills.get(id, {}).values()), Decimal(0))


def test_a_market_order_fills_whole_and_says_what_it_cost(bench: Bench) -> None:
    seen = Seen(bench.broker, place(bench, bench.order(5))).until(lambda s: s.state["o-1"] is OrderState.FILLED)
    assert (seen.state["o-1"], seen.filled("o-1")) == (OrderState.FILLED, 5)
    fills = list(seen.fills["o-1"].values())
    assert {(f.client_id, f.account, f.instrument, f.side) for f in fills} == {
        ("o-1", "desk", bench.instrument, Side.BUY)
    }
    assert all(abs(fill.price_ticks - MARKET[bench.instrument]) <= 500 and fill.simulated for fill in fills)


def test_the_same_client_id_is_placed_once(bench: Bench) -> None:
    order = bench.order(5)
    seen = Seen(bench.broker, *(place(bench, order) for _ in range(4)))
    seen.until(lambda s: s.state["o-1"] is OrderState.FILLED)
    seen.take(place(bench, order))
    assert (seen.filled("o-1"), seen.state["o-1"]) == (5, OrderState.FILLED)
    assert bench.broker.open_orders() == []


def test_a_resting_order_is_open_until_it_is_cancelled(bench: Bench) -> None:
    placed = place(bench, bench.far())
    assert (placed.state, placed.fills) == (OrderState.WORKING, ())
    assert bench.broker.open_orders() == ["o-1"]
    cancelled = bench.broker.cancel("o-1")
    assert cancelled is not None
    seen = Seen(bench.broker, cancelled).until(lambda s: s.state["o-1"] is OrderState.CANCELLED)
    assert seen.state["o-1"] is OrderState.CANCELLED
    assert seen.reason["o-1"]
    assert bench.broker.open_orders() == []
    assert bench.broker.cancel("o-1") is None
    assert bench.broker.cancel("never heard of") is None


def test_a_resting_order_that_trades_is_told_by_polls(bench: Bench) -> None:
    seen = Seen(bench.broker, place(bench, bench.far(5)))
    bench.fill_far("o-1", "2")
    seen.until(lambda s: s.filled("o-1") > 0)
    if not isinstance(bench.broker, SimulatedBroker):
        assert (seen.state["o-1"], seen.filled("o-1")) == (OrderState.WORKING, 2)
        bench.fill_far("o-1", "3")
    seen.until(lambda s: s.state["o-1"] is OrderState.FILLED)
    assert (seen.filled("o-1"), seen.state["o-1"]) == (5, OrderState.FILLED)
    assert {fill.price_ticks for fill in seen.fills["o-1"].values()} == {FAR[bench.instrument]}


def test_what_cannot_stand_is_ended_with_a_reason(bench: Bench) -> None:
    kill = replace(bench.far(5, "fok"), time_in_force=TimeInForce.FOK)
    seen = Seen(bench.broker, place(bench, kill)).until(lambda s: s.state["fok"] is not OrderState.WORKING)
    assert seen.state["fok"] in (OrderState.CANCELLED, OrderState.REJECTED)
    assert (seen.reason["fok"] != "", seen.filled("fok")) == (True, 0)


def test_a_venue_is_told_again_after_a_restart(bench: Bench) -> None:
    order = bench.far(5)
    before = place(bench, order)
    second = bench.again()
    seen = Seen(second, second.restore(order, token(order, life=-1), before.fills))
    bench.broker = second
    bench.fill_far("o-1", "5")
    seen.until(lambda s: s.state["o-1"] is OrderState.FILLED)
    assert (seen.state["o-1"], seen.filled("o-1")) == (OrderState.FILLED, 5)
    assert second.place(order, token(order)).state is OrderState.FILLED


@pytest.mark.parametrize("shown", ["", "x", "99.zz"])
def test_an_order_without_the_gates_token_is_refused(bench: Bench, shown: str) -> None:
    with pytest.raises(Forbidden):
        bench.broker.place(bench.order(), shown)
    assert bench.broker.open_orders() == []


def test_a_token_is_good_for_its_own_order_only_and_not_too_late(bench: Bench) -> None:
    order = bench.far(5)
    for wrong in (token(bench.far(6)), token(bench.far(5, "o-2")), token(order, life=-1)):
        with pytest.raises(Forbidden):
            bench.broker.place(order, wrong)
    assert bench.broker.open_orders() == []
    with pytest.raises(Forbidden):
        bench.broker.restore(order, token(bench.far(6)), ())


def test_a_token_shown_twice_places_once(bench: Bench) -> None:
    order, other = bench.far(5), bench.far(5, "o-2")
    shown = token(order)
    bench.broker.place(order, shown)
    bench.broker.place(order, shown)
    with pytest.raises(Forbidden):
        bench.broker.place(other, shown)
    assert bench.broker.open_orders() == ["o-1"]


def test_the_commission_is_foreseen(bench: Bench) -> None:
    assert 0 <= bench.broker.commission(1_000_000, "USD") <= 1_000
