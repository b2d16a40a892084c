"""The rules of the matching engine, case by case, on the native engine and on its twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desk.trading.matching import MatchingEngine, build_engine, kernel_name
from desk.trading.messages import (
    EVERY_SYMBOL,
    POST_ONLY,
    Event,
    EventKind,
    Kind,
    Message,
    Op,
    Phase,
    SelfTrade,
    Status,
    Tif,
    unpack_events,
)

BUY, SELL = 0, 1
Make = Callable[..., "Book"]


class Book:
    """An engine, driven by names. Ids count up; account 1 unless told otherwise."""

    def __init__(self, engine: MatchingEngine) -> None:
        self.engine, self.id = engine, 0

    def send(self, message: Message) -> Status:
        status = bytearray(1)
        self.engine.run(message.pack(), status)
        return Status(status[0])

    def order(self, side: int, price: int, qty: int, **more: int) -> Status:
        self.id += 1
        account = more.pop("account", 1 + side)
        fields = {"side": side, "price": price, "qty": qty, "account": account, "id": self.id, **more}
        return self.send(Message(**fields))

    def buy(self, price: int, qty: int, **more: int) -> Status:
        return self.order(BUY, price, qty, **more)

    def sell(self, price: int, qty: int, **more: int) -> Status:
        return self.order(SELL, price, qty, **more)

    def phase(self, phase: Phase, reference: int = 0) -> Status:
        return self.send(Message(op=Op.PHASE, stop=phase, price=reference))

    def amend(self, id: int, qty: int, price: int = 0, account: int = 1) -> Status:
        return self.send(Message(op=Op.AMEND, id=id, account=account, qty=qty, price=price))

    @property
    def events(self) -> list[Event]:
        return unpack_events(self.engine.events())

    @property
    def trades(self) -> list[tuple[int, int, int, int]]:
        """(taker, maker, price, lots) of the last call."""
        return [(e.taker, e.maker, e.price, e.qty) for e in self.events if e.kind == EventKind.TRADE]

    @property
    def bids(self) -> list[tuple[int, int]]:
        return self.engine.depth(0, BUY, 100)

    @property
    def asks(self) -> list[tuple[int, int]]:
        return self.engine.depth(0, SELL, 100)


@pytest.fixture(params=["native", "twin"])
def make(request: pytest.FixtureRequest) -> Make:
    if request.param == "native" and kernel_name() != "native":
        pytest.skip("the native engine was not built here; install a C compiler and run `make setup`")

    def build(orders: int = 100, **more: int) -> Book:
        return Book(build_engine(2, orders, native=request.param == "native", **more))  # type: ignore[arg-type]

    return build


def test_price_then_time(make: Make):
    book = make()
    assert [book.sell(101, 5), book.sell(100, 5), book.sell(100, 5)] == [Status.RESTING] * 3
    assert book.buy(101, 12) == Status.FILLED
    assert book.trades == [(4, 2, 100, 5), (4, 3, 100, 5), (4, 1, 101, 2)]
    assert (book.asks, book.bids, book.engine.live) == ([(101, 3)], [], 1)


def test_what_does_not_trade_waits_and_what_cannot_wait_ends(make: Make):
    book = make()
    book.sell(100, 5)
    assert book.buy(100, 8) == Status.RESTING
    assert book.bids == [(100, 3)]
    assert book.sell(100, 4, tif=Tif.IOC) == Status.CANCELLED
    assert book.trades == [(3, 2, 100, 3)]
    book.sell(100, 5)
    assert book.buy(0, 9, kind=Kind.MARKET) == Status.CANCELLED
    assert book.trades == [(5, 4, 100, 5)]
    assert book.engine.live == 0


def test_fill_or_kill_looks_before_it_trades(make: Make):
    book = make()
    book.sell(100, 5)
    book.sell(102, 5)
    assert book.buy(101, 6, tif=Tif.FOK) == Status.CANNOT_FILL
    assert book.events == []
    assert book.buy(102, 6, tif=Tif.FOK) == Status.FILLED
    assert book.buy(0, 5, kind=Kind.MARKET, tif=Tif.FOK) == Status.CANNOT_FILL
    assert book.asks == [(102, 4)]


def test_fill_or_kill_counts_what_an_iceberg_hides_but_not_ones_own(make: Make):
    book = make()
    book.sell(100, 10, display=2)
    assert book.buy(100, 9, tif=Tif.FOK) == Status.FILLED
    book.buy(99, 5, account=3)
    assert book.sell(99, 5, account=3, tif=Tif.FOK) == Status.CANNOT_FILL


def test_fill_or_kill_is_all_or_nothing_when_ones_own_order_stands_before_what_an_iceberg_hides(make: Make):
    book = make()
    book.sell(100, 10, display=2, account=9)
    book.sell(100, 5, account=1)
    assert book.buy(100, 3, tif=Tif.FOK, account=1) == Status.CANNOT_FILL
    assert book.events == []
    assert book.buy(100, 2, tif=Tif.FOK, account=1) == Status.FILLED
    assert book.trades == [(4, 1, 100, 2)]
    oldest = make(self_trade=SelfTrade.OLDEST)
    oldest.sell(100, 10, display=2, account=9)
    oldest.sell(100, 5, account=1)
    assert oldest.buy(100, 10, tif=Tif.FOK, account=1) == Status.FILLED
    assert sum(trade[3] for trade in oldest.trades) == 10


def test_post_only(make: Make):
    book = make()
    book.sell(100, 5)
    assert book.buy(100, 1, flags=POST_ONLY) == Status.WOULD_CROSS
    assert book.buy(99, 1, flags=POST_ONLY) == Status.RESTING
    assert book.buy(99, 1, flags=POST_ONLY, tif=Tif.IOC) == Status.MALFORMED
    assert book.buy(99, 1, flags=POST_ONLY, kind=Kind.STOP_LIMIT, stop=200) == Status.MALFORMED


def test_an_iceberg_shows_a_part_and_goes_to_the_end_with_the_next(make: Make):
    book = make()
    book.sell(100, 10, display=4)
    book.sell(100, 5)
    assert book.asks == [(100, 9)]
    assert book.buy(100, 11) == Status.FILLED
    assert book.trades == [(3, 1, 100, 4), (3, 2, 100, 5), (3, 1, 100, 2)]
    assert book.asks == [(100, 2)]
    book.buy(100, 2)
    assert book.asks == [(100, 2)], "what is left is shown"


def test_an_iceberg_shows_at_least_a_hundredth_so_that_no_message_makes_a_million_events(make: Make):
    book = make()
    assert book.sell(100, 2**30 - 1, display=1) == Status.BAD_QUANTITY
    assert book.sell(100, 301, display=3) == Status.BAD_QUANTITY
    assert book.sell(90, 301, kind=Kind.STOP_LIMIT, stop=95, display=3) == Status.BAD_QUANTITY
    assert book.sell(100, 300, display=3) == Status.RESTING
    assert book.amend(book.id, 301, account=2) == Status.BAD_QUANTITY
    assert book.amend(book.id, 299, account=2) == Status.AMENDED
    assert book.buy(100, 299) == Status.FILLED
    assert len(book.trades) == 100


def test_a_stop_waits_for_the_last_price(make: Make):
    book = make()
    book.sell(105, 5)
    assert book.buy(0, 3, kind=Kind.STOP, stop=104) == Status.WAITING
    assert book.bids == []
    book.send(Message(op=Op.PRINT, price=103))
    assert book.events == []
    book.send(Message(op=Op.PRINT, price=104))
    assert [e.kind for e in book.events] == [EventKind.TRIGGERED, EventKind.TRADE]
    assert book.trades == [(2, 1, 105, 3)]


def test_a_stop_limit_rests_and_a_stop_without_anybody_ends(make: Make):
    book = make()
    book.sell(90, 5, kind=Kind.STOP_LIMIT, stop=95)
    book.sell(0, 5, kind=Kind.STOP, stop=94)
    book.send(Message(op=Op.PRINT, price=94))
    assert [(e.kind, e.taker, e.qty) for e in book.events] == [
        (EventKind.TRIGGERED, 1, 5),
        (EventKind.TRIGGERED, 2, 5),
        (EventKind.CANCELLED, 2, 5),
    ]
    assert book.asks == [(90, 5)]


def test_one_trade_may_set_off_the_next_stop(make: Make):
    book = make()
    for price in (100, 101, 102, 103):
        book.sell(price, 1, account=9)
    book.buy(0, 1, kind=Kind.STOP, stop=101, account=2)
    book.buy(0, 1, kind=Kind.STOP, stop=102, account=3)
    assert book.buy(101, 2) == Status.FILLED
    assert [trade[2] for trade in book.trades] == [100, 101, 102, 103]


def test_a_stop_that_is_reached_already_goes_in_at_once(make: Make):
    book = make()
    book.send(Message(op=Op.PRINT, price=100))
    book.sell(101, 1)
    assert book.buy(0, 1, kind=Kind.STOP, stop=100) == Status.FILLED


def test_less_at_the_same_price_keeps_the_place(make: Make):
    book = make()
    book.buy(100, 10)
    book.buy(100, 10)
    assert book.amend(1, 4) == Status.AMENDED
    book.sell(100, 5)
    assert book.trades == [(3, 1, 100, 4), (3, 2, 100, 1)]


def test_more_or_another_price_goes_to_the_end_and_may_trade(make: Make):
    book = make()
    book.buy(100, 5)
    book.buy(100, 5)
    assert book.amend(1, 6) == Status.RESTING
    book.sell(100, 5)
    assert book.trades == [(3, 2, 100, 5)]
    book.sell(102, 5)
    assert book.amend(1, 6, 102) == Status.RESTING
    assert book.trades == [(1, 4, 102, 5)]
    assert book.bids == [(102, 1)]


def test_an_amendment_that_is_none(make: Make):
    book = make()
    book.buy(100, 5)
    book.buy(0, 5, kind=Kind.STOP, stop=200)
    assert book.amend(1, 0) == Status.BAD_QUANTITY
    assert book.amend(1, 5, -1) == Status.BAD_PRICE
    assert book.amend(1, 5, account=2) == Status.UNKNOWN
    assert book.amend(7, 5) == Status.UNKNOWN
    assert book.amend(2, 4) == Status.MALFORMED


def test_cancel_is_for_ones_own(make: Make):
    book = make()
    book.buy(100, 5)
    assert book.engine.cancel(1, 2) == Status.UNKNOWN
    assert book.engine.cancel(1, 1) == Status.CANCELLED
    assert book.engine.cancel(1, 1) == Status.UNKNOWN
    assert book.bids == []


def test_mass_cancel_takes_an_account_in_the_order_of_ids(make: Make):
    book = make()
    book.buy(100, 5)
    book.buy(0, 5, kind=Kind.STOP, stop=200)
    book.buy(100, 5, account=3)
    book.buy(100, 5, symbol=1)
    assert book.send(Message(op=Op.MASS_CANCEL, account=1, symbol=0)) == Status.DONE
    assert [(e.kind, e.taker) for e in book.events] == [(EventKind.CANCELLED, 1), (EventKind.CANCELLED, 2)]
    book.send(Message(op=Op.MASS_CANCEL, account=1, symbol=EVERY_SYMBOL))
    assert [e.taker for e in book.events] == [4]
    assert book.engine.live == 1
    assert book.send(Message(op=Op.MASS_CANCEL, account=1, symbol=2)) == Status.BAD_SYMBOL


def test_sessions_end_day_and_dated_orders(make: Make):
    book = make()
    book.buy(100, 1, tif=Tif.DAY, expiry=1)
    book.buy(100, 1, tif=Tif.GTD, expiry=2)
    book.buy(100, 1)
    book.send(Message(op=Op.EXPIRE, expiry=2))
    assert [(e.kind, e.taker) for e in book.events] == [(EventKind.EXPIRED, 1)]
    book.send(Message(op=Op.EXPIRE, expiry=3))
    assert [e.taker for e in book.events] == [2]


@pytest.mark.parametrize("rule", list(SelfTrade))
def test_an_account_does_not_trade_with_itself(make: Make, rule: SelfTrade):
    book = make(self_trade=rule)
    book.sell(100, 5, account=9)
    book.sell(100, 5, account=1)
    status = book.buy(100, 8, account=1)
    if rule is SelfTrade.NEWEST:
        assert (status, book.trades) == (Status.SELF_TRADE, [(3, 1, 100, 5)])
        assert (book.bids, book.asks) == ([], [(100, 5)])
    else:
        assert (status, book.trades) == (Status.RESTING, [(3, 1, 100, 5)])
        assert book.events[-1][:4] == (3, 2, 100, 5)
        assert (book.bids, book.asks) == ([(100, 3)], [])


def test_account_0_may(make: Make):
    book = make()
    book.sell(100, 5, account=0)
    assert book.buy(100, 5, account=0) == Status.FILLED


@pytest.mark.parametrize(
    ("orders", "reference", "price", "lots"),
    [
        ([(BUY, 102, 10), (SELL, 100, 10)], 0, 100, 10),
        ([(BUY, 102, 10), (SELL, 100, 10)], 101, 101, 10),
        ([(BUY, 102, 10), (SELL, 100, 10)], 99, 100, 10),
        ([(BUY, 102, 12), (SELL, 100, 10)], 101, 102, 10),
        ([(BUY, 102, 10), (SELL, 100, 12)], 101, 100, 10),
        ([(BUY, 104, 10), (BUY, 101, 5), (SELL, 100, 5), (SELL, 103, 5)], 102, 103, 10),
        ([(BUY, 104, 5), (BUY, 101, 5), (SELL, 100, 5), (SELL, 103, 9)], 102, 102, 5),
        ([(BUY, 102, 10), (SELL, 100, 10)], 105, 102, 10),
        ([(BUY, 102, 10), (BUY, 101, 10), (SELL, 100, 15)], 100, 101, 15),
        ([(BUY, 102, 15), (SELL, 101, 10), (SELL, 100, 10)], 102, 101, 15),
        ([(BUY, 102, 10), (BUY, 101, 10), (SELL, 100, 8), (SELL, 102, 4)], 0, 102, 10),
        ([(BUY, 99, 10), (SELL, 100, 10)], 0, 0, 0),
    ],
)
def test_an_auction_trades_the_most_at_one_price(
    make: Make, orders: list[tuple[int, int, int]], reference: int, price: int, lots: int
):
    book = make()
    assert book.phase(Phase.AUCTION) == Status.DONE
    for side, at, qty in orders:
        assert book.order(side, at, qty, account=10 + at + side) == Status.RESTING
    assert book.phase(Phase.CONTINUOUS, reference) == Status.DONE
    assert {trade[2] for trade in book.trades} == ({price} if lots else set())
    assert sum(trade[3] for trade in book.trades) == lots


def test_an_auction_takes_only_what_can_wait(make: Make):
    book = make()
    book.phase(Phase.AUCTION)
    assert book.phase(Phase.AUCTION) == Status.BAD_PHASE
    assert book.buy(100, 5, tif=Tif.IOC) == Status.BAD_PHASE
    assert book.buy(0, 5, kind=Kind.MARKET) == Status.BAD_PHASE
    assert book.buy(100, 5, flags=POST_ONLY) == Status.BAD_PHASE
    assert book.buy(0, 5, kind=Kind.STOP, stop=90) == Status.WAITING
    assert book.send(Message(op=Op.PHASE, stop=3)) == Status.MALFORMED


def test_a_full_pool_refuses_and_goes_on(make: Make):
    book = make(orders=2)
    assert [book.buy(100, 1), book.buy(99, 1), book.buy(98, 1)] == [Status.RESTING, Status.RESTING, Status.POOL_FULL]
    assert book.sell(100, 3) == Status.POOL_FULL, "an order that may wait needs a place before it trades"
    assert book.sell(100, 3, tif=Tif.IOC) == Status.CANCELLED
    assert book.buy(98, 1) == Status.RESTING


def test_full_pages_refuse_and_empty_ones_come_back(make: Make):
    book = make(pages=2)
    assert [book.buy(100, 1), book.buy(700, 1), book.buy(2_000, 1)] == [
        Status.RESTING,
        Status.RESTING,
        Status.POOL_FULL,
    ]
    assert book.amend(1, 1, 3_000) == Status.POOL_FULL
    book.engine.cancel(2, 1)
    assert book.buy(2_000, 1) == Status.RESTING


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"op": 99}, Status.MALFORMED),
        ({"side": 2}, Status.MALFORMED),
        ({"kind": 4}, Status.MALFORMED),
        ({"tif": 5}, Status.MALFORMED),
        ({"flags": 2}, Status.MALFORMED),
        ({"symbol": 2}, Status.BAD_SYMBOL),
        ({"qty": 0}, Status.BAD_QUANTITY),
        ({"qty": -(2**31)}, Status.BAD_QUANTITY),
        ({"qty": 2**30}, Status.BAD_QUANTITY),
        ({"price": 0}, Status.BAD_PRICE),
        ({"price": 2**31 - 1}, Status.BAD_PRICE),
        ({"kind": Kind.STOP, "stop": 0}, Status.BAD_PRICE),
        ({"display": -1}, Status.MALFORMED),
        ({"display": 1, "tif": Tif.IOC}, Status.MALFORMED),
        ({"id": 1}, Status.DUPLICATE),
        ({"op": Op.PRINT, "price": 0}, Status.BAD_PRICE),
        ({"op": Op.PRINT, "symbol": 2}, Status.BAD_SYMBOL),
        ({"op": Op.PHASE, "symbol": 2}, Status.BAD_SYMBOL),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(make: Make, more: dict[str, int], status: Status):
    book = make()
    book.buy(100, 5)
    before = book.engine.state_hash()
    assert book.send(Message(**{"id": 7, "price": 90, "qty": 1, "account": 1, **more})) == status
    assert (book.engine.state_hash(), book.events) == (before, [])


def test_limits_and_positions(make: Make):
    book = make(accounts=4)
    book.engine.limit(1, 50, 10_000, 60)
    book.sell(100, 100, account=2)
    assert book.buy(100, 51) == Status.OVER_ORDER
    assert book.buy(300, 40) == Status.OVER_NOTIONAL
    assert book.buy(0, 50, kind=Kind.STOP, stop=300) == Status.OVER_NOTIONAL
    assert book.buy(100, 40) == Status.FILLED
    assert book.buy(0, 21, kind=Kind.MARKET) == Status.OVER_POSITION
    assert book.buy(100, 20) == Status.FILLED
    assert (book.engine.position(1, 0), book.engine.position(2, 0)) == (60, -60)
    assert book.buy(90, 1, account=4) == Status.BAD_ACCOUNT
    book.engine.limit(1, 50, 10_000, 0)
    assert book.sell(200, 50) == Status.RESTING, "closing a position is never blocked by its limit"
    for wrong in ((4, 1, 1, 1), (1, -1, 1, 1)):
        with pytest.raises(ValueError, match="limits are for"):
            book.engine.limit(*wrong)
    with pytest.raises(ValueError, match="no such account"):
        book.engine.position(4, 0)


@pytest.mark.parametrize("value", [-1, 2**32, 2**64, 2**70])
def test_numbers_that_fit_nowhere_are_refused_at_every_door(make: Make, value: int):
    book, plain = make(accounts=3), [99, 0, 1, BUY, 100, 5, 0, 0]
    book.sell(100, 1_000, account=2)
    for at in range(len(plain)):
        assert book.buy(100, 1) == Status.FILLED
        wrong = [*plain[:at], value, *plain[at + 1 :]]
        assert book.engine.submit(*wrong) == Status.MALFORMED
        assert book.events == [], "those of the call before are gone"
    for id, account in ((value, 2), (1, value)):
        assert book.buy(100, 1) == Status.FILLED
        assert (book.engine.cancel(id, account), book.events) == (Status.MALFORMED, [])
    assert book.asks == [(100, 990)]
    doors: list[Callable[[], object]] = [
        lambda: book.engine.limit(value, 1, 1, 1),
        lambda: book.engine.position(value, 0),
        lambda: book.engine.position(0, value),
        lambda: book.engine.depth(value, 0, 1),
        lambda: book.engine.depth(0, value, 1),
    ]
    for door in doors:
        with pytest.raises((ValueError, OverflowError)):
            door()
    with pytest.raises(TypeError):
        book.engine.submit(1.5, 0, 1, BUY, 100, 5)  # type: ignore[arg-type]


def test_the_state_hash_tells_orders_apart_by_all_that_becomes_of_them(make: Make):
    waiting: list[dict[str, int]] = [
        {},
        {"qty": 6},
        {"price": 101},
        {"account": 2},
        {"id": 2},
        {"side": SELL},
        {"symbol": 1},
        {"display": 2},
        {"display": 3},
        {"display": 5},
        {"tif": Tif.DAY},
        {"tif": Tif.GTD},
        {"tif": Tif.GTD, "expiry": 1},
        {"kind": Kind.STOP, "stop": 100},
        {"kind": Kind.STOP, "stop": 100, "tif": Tif.FOK},
        {"kind": Kind.STOP_LIMIT, "stop": 100},
        {"kind": Kind.STOP_LIMIT, "stop": 100, "price": 101},
        {"kind": Kind.STOP_LIMIT, "stop": 100, "display": 2},
    ]
    hashes = set()
    for more in waiting:
        book = make()
        assert book.send(Message(**{"id": 1, "account": 1, "price": 100, "qty": 5, **more})) in (
            Status.RESTING,
            Status.WAITING,
        )
        hashes.add(book.engine.state_hash())
    assert len(hashes) == len(waiting)


@pytest.mark.parametrize("native", [True, False])
def test_an_engine_that_cannot_be(native: bool):
    if native and kernel_name() != "native":
        pytest.skip("the native engine was not built here; install a C compiler and run `make setup`")
    wrong: list[tuple[int, int, dict[str, Any]]] = [
        (0, 1, {}),
        (1, 0, {}),
        (70_000, 1, {}),
        (1, 1, {"accounts": 70_000}),
        (1, 1, {"accounts": -1}),
        (1, 1, {"pages": -1}),
        (1, 1, {"pages": 1 << 21}),
        (1, 1, {"self_trade": 2}),
        (2**32 + 1, 1, {}),
        (1, 2**32 + 1, {}),
    ]
    for symbols, orders, more in wrong:
        with pytest.raises(ValueError, match="an engine has"):
            build_engine(symbols, orders, native=native, **more)
    engine = build_engine(1, 1, native=native)
    with pytest.raises(ValueError, match="whole 32-byte"):
        engine.run(b"x" * 33, bytearray(2))
    with pytest.raises(ValueError, match="one status byte"):
        engine.run(b"\0" * 64, bytearray(1))
