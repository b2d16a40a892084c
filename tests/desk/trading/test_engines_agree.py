"""The native engine and its readable twin: the same statuses, events, records, positions and state."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from desk.trading.matching import MatchingEngine, build_engine, kernel_name
from desk.trading.messages import MESSAGE, EventKind, Op, SelfTrade, Status, unpack_events
from tests.desk.trading.flow import Flow
from tests.sizes import LONG

MESSAGES = 2_000_000 if LONG else 100_000
BATCH = 500

needs_native = pytest.mark.skipif(
    kernel_name() != "native" and os.environ.get("TENOR_REQUIRE") != "all",
    reason="the native engine was not built here; install a C compiler and run `make setup`",
)


def test_the_native_engine_is_there_where_everything_must_be():
    if os.environ.get("TENOR_REQUIRE") == "all":
        assert kernel_name() == "native"


def drive(engine: MatchingEngine, packed: bytes) -> tuple[bytes, bytes, bytes]:
    statuses = bytearray(len(packed) // MESSAGE.size)
    engine.run(packed, statuses)
    return bytes(statuses), engine.events(), engine.journal()


@needs_native
@pytest.mark.parametrize(
    ("accounts", "self_trade", "orders", "pages"),
    [
        (0, SelfTrade.NEWEST, 5_000, 0),
        (5, SelfTrade.NEWEST, 5_000, 0),
        (5, SelfTrade.OLDEST, 5_000, 0),
        (5, SelfTrade.NEWEST, 60, 7),
    ],
)
def test_random_flow(accounts: int, self_trade: SelfTrade, orders: int, pages: int):
    native, twin = (
        build_engine(3, orders, pages=pages, accounts=accounts, self_trade=self_trade, journal=True, native=native)
        for native in (True, False)
    )
    for engine in (native, twin):
        for account in range(1, accounts):
            engine.limit(account, 55, 60_000, 300)
    flow, seen, happened = Flow(accounts * 7 + self_trade + orders), set[int](), set[int]()
    for batch in range(MESSAGES // 4 // BATCH):
        packed = b"".join(message.pack() for message in flow.take(BATCH))
        one, other = drive(native, packed), drive(twin, packed)
        assert one == other, f"batch {batch}"
        assert native.state_hash() == twin.state_hash(), f"batch {batch}"
        seen |= set(one[0])
        happened |= {event.kind for event in unpack_events(one[1])}
    for symbol in range(3):
        for side in (0, 1):
            assert native.depth(symbol, side, 50) == twin.depth(symbol, side, 50)
        assert sum(native.position(account, symbol) for account in range(accounts)) == 0
    assert native.live == twin.live
    expected = set(Status)
    if not accounts:
        expected -= {Status.BAD_ACCOUNT, Status.OVER_ORDER, Status.OVER_NOTIONAL, Status.OVER_POSITION}
    if orders == 5_000:
        expected -= {Status.POOL_FULL}
    if self_trade is SelfTrade.OLDEST:
        expected -= {Status.SELF_TRADE}
    assert seen >= expected, expected - seen
    assert happened >= set(EventKind) - ({EventKind.REMOVED_SELF} if self_trade is SelfTrade.NEWEST else set())


@needs_native
def test_records_go_round_in_a_ring():
    engines = [build_engine(3, 5_000, journal=True, native=native) for native in (True, False)]
    rings, places = [bytearray(32 * 70), bytearray(32 * 70)], [0, 0]
    flow = Flow(3)
    for _ in range(20):
        packed = b"".join(message.pack() for message in flow.take(50))
        for n, engine in enumerate(engines):
            drive(engine, packed)
            places[n] = engine.drain(rings[n], places[n])
    assert (rings[0], places[0]) == (rings[1], places[1])
    assert any(rings[0])
    for engine in engines:
        for ring, at in ((bytearray(33), 0), (bytearray(), 0), (bytearray(32), 32), (bytearray(32), -1)):
            with pytest.raises(ValueError, match="whole 32-byte records"):
                engine.drain(ring, at)


@needs_native
def test_one_call_is_a_batch_of_one():
    for native in (True, False):
        single, batch = build_engine(2, 100, native=native), build_engine(2, 100, native=native)
        flow = [message for message in Flow(5, symbols=2).take(3_000) if message.op in (Op.NEW, Op.CANCEL)]
        for message in flow:
            plain = not (message.stop or message.display or message.expiry or message.flags)
            statuses = bytearray(1)
            if message.op == Op.CANCEL:
                one = single.cancel(message.id, message.account)
            elif plain and min(message) >= 0:
                one = single.submit(message.id, message.symbol, message.account, message.side, message.price,
                                    message.qty, message.kind, message.tif)  # fmt: skip
            else:
                continue
            batch.run(message.pack(), statuses)
            assert (one, single.events()) == (statuses[0], batch.events())
        assert single.state_hash() == batch.state_hash()


def test_the_product_trades_without_the_native_engine():
    code = (
        "import sys; sys.modules['desk._core'] = None\n"
        "from desk.trading.matching import build_engine, kernel_name\n"
        "from tests.desk.trading.test_simulated import make, place\n"
        "from tests.desk.trading.test_gateway import buy\n"
        "print(kernel_name(), type(build_engine(1, 1)).__name__, place(make(), buy(5)).state)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["twin", "TwinEngine", "filled"], done.stderr
