from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import Conflict, InputError
from desk.orders import Side
from desk.trading.book import LimitOrderBook, Rest

BUY, SELL = Side.BUY, Side.SELL
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

message = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(Side), st.integers(1, 20), st.integers(95, 105), st.sampled_from(Rest)),
    st.tuples(st.just("add"), st.sampled_from(Side), st.integers(1, 20), st.none(), st.sampled_from(Rest)),
    st.tuples(st.just("cancel"), st.integers(0, 60)),
)


def test_price_then_time():
    book = LimitOrderBook()
    book.submit("late-best", SELL, 5, 100)
    book.submit("worse", SELL, 5, 101)
    book.submit("later-best", SELL, 5, 100)
    trades = book.submit("taker", BUY, 12, 101)
    assert [(trade.maker, trade.price_ticks, trade.lots) for trade in trades] == [
        ("late-best", 100, 5),
        ("later-best", 100, 5),
        ("worse", 101, 2),
    ]
    assert book.left("worse") == 3
    assert book.take_tape() == trades
    assert book.take_tape() == []


def test_what_does_not_trade_rests_or_goes():
    book = LimitOrderBook()
    book.submit("a", SELL, 5, 100)
    assert book.submit("fok", BUY, 6, 100, Rest.FOK) == []
    assert len(book.submit("fok", BUY, 5, 100, Rest.FOK)) == 1
    assert book.submit("ioc", BUY, 5, 100, Rest.IOC) == []
    assert book.submit("market", BUY, 5) == []
    assert len(book) == 0
    book.submit("rests", BUY, 5, 100)
    assert book.best(BUY) == 100
    assert book.cancel("rests") == 5
    assert book.cancel("rests") == 0
    assert book.state_hash() == EMPTY


def test_a_wrong_message_changes_nothing():
    book = LimitOrderBook()
    book.submit("a", BUY, 5, 100)
    before = book.state_hash()
    with pytest.raises(Conflict):
        book.submit("a", SELL, 5, 100)
    with pytest.raises(InputError):
        book.submit("b", SELL, 0, 100)
    assert book.state_hash() == before


@given(st.lists(message, max_size=60))
def test_never_crossed_conserved_and_fair(messages):
    book, entered, traded, cancelled = LimitOrderBook(), {}, dict[str, int](), dict[str, int]()
    for number, said in enumerate(messages):
        if said[0] == "cancel":
            id = str(said[1])
            cancelled[id] = cancelled.get(id, 0) + book.cancel(id)
            continue
        _, side, lots, limit, rest = said
        id = str(number)
        before = {order.id: rank for rank, order in enumerate(book.orders(SELL if side is BUY else BUY))}
        trades = book.submit(id, side, lots, limit, rest)
        entered[id] = lots
        assert [before[trade.maker] for trade in trades] == list(range(len(trades)))
        for trade in trades:
            assert limit is None or (trade.price_ticks - limit) * side.sign <= 0
            for who in (trade.taker, trade.maker):
                traded[who] = traded.get(who, 0) + trade.lots
        if rest is Rest.FOK:
            assert traded.get(id, 0) in (0, lots)
        if id not in book:
            cancelled[id] = lots - traded.get(id, 0)
        bid, ask = book.best(BUY), book.best(SELL)
        assert bid is None or ask is None or bid < ask
    for id, lots in entered.items():
        assert lots == traded.get(id, 0) + book.left(id) + cancelled.get(id, 0)
