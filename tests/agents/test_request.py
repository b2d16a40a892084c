import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.request import check_question, read_request
from desk.errors import InputError
from desk.market.history import History

INSTRUMENTS = History().instruments


def wish(words):
    return read_request(words, INSTRUMENTS).order


@pytest.mark.parametrize(
    ("words", "side", "quantity", "id", "limit"),
    [
        ("Buy 50 AAPL", "buy", "50", "XNAS:AAPL", None),
        ("please sell 1,250 shares of Microsoft", "sell", "1250", "XNAS:MSFT", None),
        ("buy 2k apple at 120.50", "buy", "2000", "XNAS:AAPL", "120.50"),
        ("Buy 5,000,000 AAPL", "buy", "5000000", "XNAS:AAPL", None),
        ("buy -5 AAPL", "buy", "-5", "XNAS:AAPL", None),
        ("buy NaN AAPL", "buy", "NaN", "XNAS:AAPL", None),
        ("sell 3 Johnson & Johnson", "sell", "3", "XNYS:JNJ", None),
        ("Buy 10 MSFT", "buy", "10", "XNAS:MSFT", None),
        ("Buy 10 KO", "buy", "10", "XNYS:KO", None),
        ("sell 5 MRK", "sell", "5", "XNYS:MRK", None),
        ("Buy 1 million shares of Apple", "buy", "1000000", "XNAS:AAPL", None),
        ("12 Exxon shares, buy please", "buy", "12", "XNYS:XOM", None),
        ("30 JPM sell", "sell", "30", "XNYS:JPM", None),
        ("pls buy Microsoft 25", "buy", "25", "XNAS:MSFT", None),
        ("trim our Apple by 50 shares", "sell", "50", "XNAS:AAPL", None),
    ],
)
def test_orders_are_read_as_said(words, side, quantity, id, limit):
    order = wish(words)
    assert (order.side.value, order.quantity, order.instrument.id, order.limit) == (side, quantity, id, limit)


def test_an_unknown_name_is_kept_as_said():
    order = wish("buy 10 ZZZZZ at 5")
    assert order.instrument is None
    assert order.name == "ZZZZZ"


@pytest.mark.parametrize(
    "words", ["How is my portfolio doing?", "What did Apple buy last year?", "sell me on Apple", "10 reasons to buy"]
)
def test_a_question_is_no_order(words):
    assert wish(words) is None


@pytest.mark.parametrize("words", ["Was ist eine Anleihe?", "¿Qué es un dividendo?", "Cos'è la volatilità?"])
def test_a_term_asked_for_in_another_language_is_no_name(words):
    assert read_request(words, INSTRUMENTS).strangers == ()


def test_short_tickers_are_words_in_lower_case():
    assert [i.id for i in read_request("is ge low?", INSTRUMENTS).instruments] == []
    assert [i.id for i in read_request("is GE low?", INSTRUMENTS).instruments] == ["XNYS:GE"]
    assert [i.id for i in read_request("price of ge", INSTRUMENTS).instruments] == ["XNYS:GE"]


@pytest.mark.parametrize(
    "text",
    ["", " \n ", "x" * 100_001, "x" * 1_001, "what about 2022 " + "1," * 600, "a\x00b", "a\x1bb", "\ufffd\ufffd"],
)
def test_what_is_no_question(text):
    with pytest.raises(InputError):
        check_question(text)


@given(st.text(max_size=300))
def test_reading_never_fails(text):
    read_request(text, INSTRUMENTS)
