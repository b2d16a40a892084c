"""Binance's stream: duplicates, disorder, cut lines, lost changes of the book, ten minutes without it: all is kept."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from desk.clock import FrozenClock
from desk.errors import BackEndUnreachable
from desk.instruments import Instruments
from desk.market.archive import Archive
from desk.market.backfill import Backfill
from desk.market.binance import BinanceData
from desk.market.binance_stream import BinanceStream
from desk.market.board import Board
from desk.market.events import Flag, to_us
from desk.market.findings import Findings
from desk.market.history import History
from desk.market.inlet import Inlet
from desk.market.intake import Intake
from desk.source_state import SourceStates
from desk.store.engine import Store
from desk.wire import SourceWire
from tests.market.exchange import Exchange
from tests.sizes import LONG

BTC = "CRYPTO:BTCUSD"
KNOWN = History().instruments
ONE = Instruments([KNOWN.get(BTC)])
START = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def exchange():
    server = Exchange(int(START.timestamp() * 1000))
    server.add_days("BTCUSDT", 5)
    server.start()
    yield server
    server.stop()


class Desk:
    """One instrument's market at work on a frozen clock, whose seconds are those of the exchange."""

    def __init__(self, folder, server: Exchange, inlet: Inlet | None = None, streaming: bool = True) -> None:
        self.wall, self.server = FrozenClock(START), server
        self.store = Store.in_folder(folder)
        self.states = SourceStates(("Binance",), self.wall)
        wire = SourceWire("Binance", server.url, "TENOR_BINANCE_DATA_URL", timeout_s=2, sleep=lambda _: None)
        self.source = BinanceData(wire, self.wall, {BTC: "BTCUSDT"})
        self.archive, self.findings = Archive(folder / "market"), Findings(self.store, self.wall)
        self.inlet = inlet or Inlet(wait_s=0.01)
        backfill = Backfill([self.source], self.archive, self.findings, self.states, self.wall)
        self.stream = BinanceStream(
            self.source, server.url.replace("http", "ws"), self.inlet, self.wall,
            lambda id: self.archive.last_seq(id, "Binance"), lambda: self.states.heard("Binance"),
        )  # fmt: skip
        board = Board(ONE, {BTC: ("Binance",)})
        self.intake = Intake(
            list(ONE), backfill, self.archive, board, self.findings, self.states, self.wall, self.inlet, self.stream
        )
        if streaming:
            self.stream.start()
            self.until(lambda: self.stream.live and bool(server.subscribers))

    def until(self, found: Callable[[], bool]) -> None:
        ends = time.monotonic() + 20
        while not found():
            assert time.monotonic() < ends, "did not come true"
            time.sleep(0.005)

    def go(self, seconds: float) -> None:
        self.wall.advance(timedelta(seconds=seconds))
        self.server.now_ms += int(seconds * 1000)

    def kept(self) -> list[int]:
        self.intake.drain(flush=True)
        return [t.seq for t in self.archive.trades(BTC, 0, to_us(START + timedelta(days=400)))]

    def close(self) -> None:
        self.intake.close()
        self.store.close()


@pytest.fixture
def desk(tmp_path, exchange):
    made = Desk(tmp_path, exchange)
    yield made
    made.close()


def whole(server: Exchange) -> list[int]:
    return [row["a"] for row in server.tape["BTCUSDT"]]


def test_duplicates_and_disorder_change_nothing(desk, exchange):
    exchange.faults.doubled, exchange.faults.swapped = 0.2, 0.2
    for _ in range(400):
        desk.go(0.5)
        exchange.tell(exchange.trade())
    exchange.faults.swapped = 0.0
    exchange.tell(exchange.trade())
    desk.until(lambda: any(s.judge(401) == "twice" for s in desk.stream._sequences.values()))
    assert not desk.stream.holes()
    assert desk.kept() == whole(exchange)
    counts = desk.stream.counts
    assert counts.twice > 20
    assert counts.late > 20
    prices = {t.seq: t.price for t in desk.archive.trades(BTC, 0, to_us(desk.wall.now()) + 1)}
    assert prices == {row["a"]: Decimal(row["p"]) for row in exchange.tape["BTCUSDT"]}


def test_lost_messages_are_brought_by_number(desk, exchange):
    exchange.faults.lost = 0.3
    for _ in range(300):
        desk.go(0.2)
        exchange.tell(exchange.trade())
    exchange.faults.lost = 0.0
    exchange.tell(exchange.trade())
    desk.until(lambda: any(s.judge(301) == "twice" for s in desk.stream._sequences.values()))
    assert desk.stream.holes()
    exchange.faults.script = ["500", "cut_before"]
    desk.stream.mend()
    assert exchange.faults.met[:2] == ["500", "cut_before"]
    assert not desk.stream.holes()
    first = desk.kept()[0]
    assert desk.kept() == [number for number in whole(exchange) if number >= first]


def test_ten_minutes_without_the_source_leave_no_hole(desk, exchange):
    def minute(told: bool) -> None:
        for _ in range(60):
            desk.go(1)
            row = exchange.trade()
            if told:
                exchange.tell(row)

    for _ in range(5):
        minute(told=True)
    desk.until(lambda: desk.stream.counts.messages >= 300)
    desk.intake.look()
    exchange.stop()
    desk.until(lambda: not desk.stream.live)
    for _ in range(10):
        minute(told=False)
    with pytest.raises(BackEndUnreachable):
        desk.states.ask("Binance", lambda: desk.source.tick(KNOWN.get(BTC)))
    assert desk.states.get("Binance").word == "unreachable"
    exchange.start()
    desk.until(lambda: desk.stream.live and bool(exchange.subscribers))
    minute(told=True)
    desk.until(lambda: desk.stream.counts.messages >= 360)
    missing = desk.stream.holes()[BTC]
    assert [(hole.first, hole.last) for hole in missing] == [(301, 900)]
    desk.intake.look()
    desk.go(61)
    desk.intake.look()
    assert not desk.stream.holes()
    assert desk.kept() == whole(exchange) == list(range(1, 961))
    minutes = desk.archive.klines(BTC, "1m", 0, to_us(desk.wall.now()))
    begins = [k.event_us for k in minutes]
    assert begins == list(range(begins[0], begins[-1] + 1, 60_000_000))
    assert len(minutes) >= 16
    assert [f for f in desk.findings.open() if f.kind in ("gap", "stale")] == []


def test_what_came_while_the_desk_was_off_is_brought_at_the_next_start(tmp_path, exchange):
    first = Desk(tmp_path, exchange)
    for _ in range(50):
        first.go(1)
        exchange.tell(exchange.trade())
    first.until(lambda: first.stream.counts.messages >= 50)
    first.close()
    for _ in range(2_500):
        exchange.now_ms += 100
        exchange.trade()
    second = Desk(tmp_path, exchange)
    second.go(400)
    exchange.tell(exchange.trade())
    second.until(lambda: bool(second.stream.holes()))
    second.intake.look()
    assert second.kept() == whole(exchange)
    assert second.stream.counts.filled == 2_500
    second.close()


def test_the_book_is_that_of_the_exchange_after_every_fault(desk, exchange):
    draw = random.Random(5)
    for _ in range(20):
        exchange.diff()
    desk.until(lambda: desk.stream.mend() == 0 and desk.stream.books[BTC].good)
    for turn in range(300):
        lost = draw.random() < 0.02
        told = exchange.diff()
        if not lost:
            exchange.tell(told)
        if turn % 50 == 49:
            exchange.tell(exchange.diff())
            last = exchange.updates["BTCUSDT"]
            ends = time.monotonic() + 20
            while (top := desk.stream.books[BTC].top(1000)) is None or top.last < last:
                assert time.monotonic() < ends
                desk.stream.mend()
                time.sleep(0.01)
            book = exchange.books["BTCUSDT"]
            for side, rows in (("b", top.bids), ("a", top.asks)):
                assert {p: s for p, s in rows} == {Decimal(p): Decimal(s) for p, s in book[side].items()}
    assert desk.stream.books[BTC].resyncs > 0


def test_a_full_inlet_drops_no_trade_for_good(tmp_path, exchange):
    desk = Desk(tmp_path, exchange, Inlet(most_trades=50, wait_s=0.001))
    for _ in range(200):
        desk.go(0.1)
        exchange.tell(exchange.trade())
    for _ in range(500):
        exchange.tell(exchange.tick())
    desk.until(lambda: desk.stream.counts.messages >= 700)
    counts = desk.inlet.counts
    assert (counts.dropped, counts.conflated) == (150, 499)
    ends = time.monotonic() + 20
    while desk.stream.holes():
        assert time.monotonic() < ends
        desk.intake.drain()
        desk.stream.mend()
    assert desk.kept() == whole(exchange)
    desk.close()


@pytest.mark.parametrize(
    "message",
    [{}, {"data": 5}, {"data": {"e": "aggTrade", "s": "BTCUSDT"}}, {"data": {"e": "aggTrade", "s": "BTCUSDT", "a": 1,
     "p": "NaN", "q": "1", "T": 1, "m": True}}, {"data": {"e": "kline", "s": "BTCUSDT", "k": []}},
     {"data": {"e": "depthUpdate", "s": "BTCUSDT", "U": 1, "u": 2, "E": 3, "b": [["1"]], "a": []}},
     {"data": {"e": "aggTrade", "s": "NOSUCH", "a": 1}}, {"data": {"e": "novelty", "s": "BTCUSDT"}}],
)  # fmt: skip
def test_a_message_in_another_form_ends_nothing(tmp_path, exchange, message: dict[str, Any]):
    desk = Desk(tmp_path, exchange, streaming=False)
    desk.stream.take(message)
    desk.stream.take({"data": exchange.trade()})
    assert desk.kept() == [1]
    desk.close()


def test_bad_ticks_zero_volume_future_times_and_a_clock_set_back(tmp_path, exchange):
    desk = Desk(tmp_path, exchange, streaming=False)

    def tell(row: dict[str, Any]) -> None:
        desk.stream.take({"data": row})

    for _ in range(40):
        desk.go(1)
        tell(exchange.trade())
    tell(exchange.trade(price="3000000.00"))
    tell(exchange.trade(quantity="0"))
    tell(exchange.trade(price="-5.00"))
    ahead = exchange.trade()
    tell({**ahead, "T": ahead["T"] + 3_600_000})
    known = to_us(desk.wall.now())
    desk.wall.at -= timedelta(hours=1)
    tell(exchange.trade())
    desk.kept()
    rows = {t.seq: t for t in desk.archive.trades(BTC, 0, to_us(START + timedelta(days=1)))}
    assert rows[41].flags == Flag.OUTLIER
    assert rows[42].flags == Flag.ZERO_VOLUME
    assert rows[43].flags & Flag.NEGATIVE
    assert rows[44].flags & Flag.FUTURE
    assert rows[45].flags & Flag.CLOCK_BACK
    assert rows[45].known_us == known
    assert [t.known_us for t in rows.values()] == sorted(t.known_us for t in rows.values())
    desk.close()


def test_a_day_of_the_market_without_gap_leak_or_drift(tmp_path, exchange):
    """24 hours (two without TENOR_LONG_TESTS=1) of trades, quotes and books a second apart, on a frozen clock."""
    import tracemalloc

    desk, hours, sizes = Desk(tmp_path, exchange, streaming=False), 24 if LONG else 2, list[int]()
    base = desk.wall.now()
    tracemalloc.start()
    told = 0
    for hour in range(hours):
        for second in range(3_600):
            desk.go(1)
            for row in (exchange.trade(), exchange.tick(), exchange.diff()):
                desk.stream.take({"data": row})
                told += 1
            if second % 30 == 29:
                desk.intake.drain()
        desk.intake.drain(flush=True)
        ours = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/desk/*")])
        sizes.append(sum(stat.size for stat in ours.statistics("filename")))
        assert desk.wall.now() - base == timedelta(hours=hour + 1)
    tracemalloc.stop()
    trades = desk.archive.trades(BTC, 0, to_us(desk.wall.now()) + 1)
    assert [t.seq for t in trades] == whole(exchange) == list(range(1, hours * 3_600 + 1))
    assert sum(t.quantity for t in trades) == sum(Decimal(row["q"]) for row in exchange.tape["BTCUSDT"])
    assert {t.known_us - t.event_us for t in trades} == {0}
    counts = desk.inlet.counts
    assert (desk.stream.counts.messages, counts.events, counts.dropped) == (told, told - hours * 3_600, 0)
    assert sizes[-1] - sizes[0] < 3_000_000, sizes
    desk.close()
