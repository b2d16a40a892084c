"""A whole desk before venues that fail at random, fall silent for a while, and say things twice or in the wrong turn.

At the end every order is filled once, and what the desk holds is what the venue holds.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from desk.orders import Order, OrderState, OrderType, Side, TimeInForce
from desk.trading.desk_book import TradingDesk
from desk.trading.outside import OutsideBroker
from desk.trading.reconcile import desk_units
from desk.trading.tokens import TokenSigner
from tests.desk.trading.desks import open_desk
from tests.desk.trading.fake_feed import AAPL, BTC, FakeFeed
from tests.sizes import FULL_FAULTS
from tests.venues import alpaca_server, binance_server
from tests.venues.alpaca_server import AlpacaServer
from tests.venues.binance_server import BinanceServer
from tests.venues.build import build_alpaca, build_binance
from tests.venues.line import Line

pytestmark = pytest.mark.fault

OUTAGE_S = 60.0 if FULL_FAULTS else 4.0
ORDERS = 400 if FULL_FAULTS else 50
FAR = {AAPL: 17_000, BTC: 5_700_000}
WORKERS = 4


class Floor:
    """A desk before two made-up venues, each behind a line; workers and the market's tick run beside."""

    def __init__(self, folder: Path, **more) -> None:
        self.folder, self.more = folder, more
        self.feed = FakeFeed()
        self.servers: dict[str, BinanceServer | AlpacaServer] = {BTC: BinanceServer(), AAPL: AlpacaServer()}
        self.lines: dict[str, Line] = {}
        for instrument, server in self.servers.items():
            server.start()
            self.lines[instrument] = Line(server.port)
        self.opening = {BTC: Decimal(1), AAPL: Decimal(0)}
        self._stopping = threading.Event()
        self.open()

    def open(self) -> None:
        self._stopping.clear()
        self.desk: TradingDesk = open_desk(self.folder, self.feed, build_outside=self._build)
        self.desk.brokers.start()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(WORKERS)]
        self._threads.append(threading.Thread(target=self._tick, daemon=True))
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=20)
        self.desk.close()

    def end(self) -> None:
        self.close()
        for instrument, server in self.servers.items():
            self.lines[instrument].close()
            server.stop()

    def broker(self, instrument: str) -> OutsideBroker:
        made = self.desk.brokers.of(instrument)
        assert isinstance(made, OutsideBroker)
        return made

    def submit(self, order: Order) -> None:
        """As a person would: again when the gate says that the broker was not reached since the start."""
        for _ in range(100):
            decision = self.desk.gate.submit_batch([order])[0]
            if decision.refusal is None:
                return
            assert decision.refusal.rule == "broker", decision.refusal
            time.sleep(0.1)
        raise AssertionError(decision.refusal)

    def unsettled(self) -> list[str]:
        return [f"{s.order.client_id} {s.state} {s.filled} {self.desk.execution.row(s.order.client_id)}"
                for s in self.desk.orders() if s.state is not OrderState.FILLED]  # fmt: skip

    def check(self, count: int) -> None:
        """Every order once at its venue and whole on the desk; holdings equal."""
        statuses = self.desk.orders()
        assert len(statuses) == count
        assert not self.unsettled()
        for instrument, server in self.servers.items():
            mine = [s for s in statuses if s.order.instrument == instrument]
            orders = [o for o in server.book.orders if o.filled]
            assert sorted(o.name for o in orders) == sorted(s.order.client_id for s in mine)
            assert {o.name: o.filled for o in orders} == {s.order.client_id: s.filled for s in mine}
            assert sum(len(o.deals) for o in orders) == sum(len(s.fills) for s in mine)
            seeded = Decimal(100) if instrument == AAPL else Decimal(0)
            symbol = binance_server.BTC if instrument == BTC else alpaca_server.AAPL
            there = server.book.holdings.get(symbol, Decimal(0)) - self.opening[instrument]
            assert desk_units(self.desk.accounts, instrument) - seeded == there

    def _build(self, signer: TokenSigner) -> list[OutsideBroker]:
        common = {"feed": self.feed, "signer": signer, "timeout_s": 0.5, "catch_up_s": 0.6, "ping_s": 1.0, **self.more}
        return [build_binance(self.lines[BTC].url, **common), build_alpaca(self.lines[AAPL].url, **common)]

    def _work(self) -> None:
        while not self._stopping.wait(0.05):
            for client_id in self.desk.execution.waiting():
                if self._stopping.is_set():
                    return
                self.desk.execute(client_id)

    def _tick(self) -> None:
        while not self._stopping.wait(0.05):
            self.desk.poll()


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    made = Floor(tmp_path)
    yield made
    made.end()


def is_live(broker: OutsideBroker) -> bool:
    return broker.reach.state == "connected" and broker.reach.stream


def until(done: Callable[[], bool], seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while not done() and time.monotonic() < ends:
        time.sleep(0.05)
    return done()


def make(number: int, chance: random.Random) -> Order:
    instrument = chance.choice((AAPL, BTC))
    quantity = Decimal(chance.randint(1, 5)) if instrument == AAPL else Decimal(chance.randint(10, 99)) / 10_000
    side = chance.choice((Side.BUY, Side.BUY, Side.SELL)) if number > 20 else Side.BUY
    if chance.random() < 0.5:
        return Order(f"o-{number}", "desk", instrument, side, quantity)
    price = FAR[instrument] if side is Side.BUY else FAR[instrument] * 109 // 100
    return Order(f"o-{number}", "desk", instrument, side, quantity, OrderType.LIMIT, price, TimeInForce.GTC)


def fill_what_rests(floor: Floor, chance: random.Random) -> None:
    """Trades resting orders in part, and at last whole."""
    for server in floor.servers.values():
        book = server.book
        with book.lock:
            for order in book.working():
                left = order.qty - order.filled
                part = left if chance.random() < 0.5 else (left / 2).quantize(Decimal("0.0001"))
                if order.symbol == alpaca_server.AAPL:
                    part = part.to_integral_value()
                if 0 < part <= left:
                    book.trade(order.name, part)


def work_off(floor: Floor, chance: random.Random, seconds: float) -> None:
    def done() -> bool:
        fill_what_rests(floor, chance)
        return not floor.unsettled()

    assert until(done, seconds), floor.unsettled()


@pytest.mark.parametrize("seed", range(6 if FULL_FAULTS else 1))
def test_random_faults_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    floor = Floor(tmp_path)
    try:
        for server in floor.servers.values():
            server.faults.random = random.Random(seed)
            server.faults.share, server.faults.hang_s = 0.12, 0.7
            server.faults.doubled = server.faults.swapped = server.faults.lost = 0.2
        for number in range(ORDERS):
            floor.submit(make(number, chance))
            time.sleep(0.01)
        time.sleep(1.0)
        fill_what_rests(floor, chance)
        for server in floor.servers.values():
            server.faults.share = 0.05
        work_off(floor, chance, 240 if FULL_FAULTS else 60)
        assert {fault for server in floor.servers.values() for fault in server.faults.met}
        floor.check(ORDERS)
    finally:
        floor.end()


@pytest.mark.parametrize("how", ["cut", "freeze", "stopped"])
def test_an_outage_delays_and_loses_nothing(floor: Floor, how: str) -> None:
    """Orders rest and are on their way when the venue goes, more come and trades happen meanwhile."""
    chance = random.Random(3)
    for number in range(ORDERS // 2):
        floor.submit(make(number, chance))
    assert until(lambda: len(floor.servers[BTC].book.orders) > 5, 20)
    for instrument in (BTC, AAPL):
        {"cut": floor.lines[instrument].cut, "freeze": floor.lines[instrument].freeze,
         "stopped": floor.servers[instrument].stop}[how]()  # fmt: skip
    ends = time.monotonic() + OUTAGE_S
    for number in range(ORDERS // 2, ORDERS):
        floor.submit(make(number, chance))
        time.sleep(max(0.0, min(OUTAGE_S / ORDERS, ends - time.monotonic())))
    fill_what_rests(floor, chance)
    while time.monotonic() < ends:
        time.sleep(0.1)
    assert {floor.broker(instrument).reach.state for instrument in (BTC, AAPL)} == {"lost"}
    for instrument in (BTC, AAPL):
        floor.servers[instrument].start() if how == "stopped" else floor.lines[instrument].thaw()
    work_off(floor, chance, 60)
    floor.check(ORDERS)
    for broker in map(floor.broker, (BTC, AAPL)):
        assert until(partial(is_live, broker), 40)


def test_a_line_that_fell_silent_is_found_by_its_pings(floor: Floor) -> None:
    """The stream alone is half open: REST answers, no event comes, and a new line is made."""
    broker = floor.broker(BTC)
    assert until(lambda: broker.reach.stream, 20)
    line = floor.lines[BTC]
    line.freeze()
    assert until(lambda: not broker.reach.stream, 20)
    line.thaw()
    assert until(lambda: broker.reach.stream, 40)
    order = Order("o-1", "desk", BTC, Side.BUY, Decimal("0.01"), OrderType.LIMIT, FAR[BTC], TimeInForce.GTC)
    floor.submit(order)
    assert until(lambda: bool(floor.servers[BTC].book.working()), 20)
    floor.servers[BTC].book.trade("o-1", "0.01")
    work_off(floor, random.Random(1), 20)
    floor.check(1)


def test_a_desk_that_ends_in_the_middle_goes_on_where_it_stood(floor: Floor) -> None:
    chance = random.Random(5)
    for server in floor.servers.values():
        server.faults.share = 0.1
    for number in range(30):
        floor.submit(make(number, chance))
        if number in (10, 20):
            floor.close()
            fill_what_rests(floor, chance)
            floor.open()
    work_off(floor, chance, 60)
    floor.check(30)
