"""Which source is taken, and when two disagree."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from desk.market.board import Board
from desk.market.events import Flag, Tick, to_us
from desk.market.history import History

BTC = "CRYPTO:BTCUSD"
NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)


def board():
    return Board(History().instruments, {BTC: ("Binance", "Yahoo")})


def tick(source, price, at=NOW, flags=0):
    return Tick(BTC, source, to_us(at), to_us(at), Decimal(price), Decimal(price) + 1, flags=flags)


def chosen(made, now=NOW):
    found = made.choose(BTC, now)
    return found and found.source


def test_the_first_fresh_source_is_taken_and_comes_back():
    made = board()
    assert chosen(made) is None
    made.put(tick("Yahoo", "30000"))
    assert chosen(made) == "Yahoo"
    made.put(tick("Binance", "30010"))
    assert chosen(made) == "Binance"
    assert chosen(made, NOW + timedelta(seconds=61)) == "Yahoo"
    assert chosen(made, NOW + timedelta(minutes=21)) is None
    made.put(tick("Binance", "30010", NOW + timedelta(minutes=21)))
    assert chosen(made, NOW + timedelta(minutes=21)) == "Binance"


def test_bad_and_older_quotes_move_nothing():
    made = board()
    made.put(tick("Binance", "30000"))
    for flag in (Flag.OUTLIER, Flag.CROSSED, Flag.FUTURE):
        made.put(tick("Binance", "99", flags=int(flag)))
    made.put(tick("Binance", "98", NOW - timedelta(seconds=1)))
    found = made.choose(BTC, NOW)
    assert found is not None
    assert found.bid == Decimal(30000)


def test_a_disagreement_is_told_once_counted_and_ends():
    made = board()
    assert made.put(tick("Binance", "30000")) is None
    apart = made.put(tick("Yahoo", "30300"))
    assert apart is not None
    assert (apart.first, apart.second, f"{apart.share:.4f}") == ("Binance", "Yahoo", "0.0100")
    assert made.put(tick("Yahoo", "30310", NOW + timedelta(seconds=1))) is None
    assert [d.second_middle for d in made.apart()] == [Decimal("30310.5")]
    assert made.disagreements[BTC] == 1
    assert chosen(made) == "Binance"
    made.put(tick("Yahoo", "30010", NOW + timedelta(seconds=2)))
    assert made.apart() == []
    assert made.put(tick("Yahoo", "31000", NOW + timedelta(seconds=3))) is not None
    assert made.disagreements[BTC] == 2
    made.put(tick("Yahoo", "31000", NOW + timedelta(minutes=5)))  # nobody else is fresh any more
    assert made.apart() == []
