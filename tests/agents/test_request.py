"""What a person's words ask to trade."""

from __future__ import annotations

import pytest

from agents.request import read_request


@pytest.mark.parametrize(
    ("words", "quantity", "instrument"),
    [
        ("Buy 10 MSFT", "10", "XNAS:MSFT"),
        ("Buy 10 KO", "10", "XNYS:KO"),
        ("sell 5 MRK", "5", "XNYS:MRK"),
        ("Buy 2k AAPL", "2000", "XNAS:AAPL"),
        ("Buy 1 million shares of Apple", "1000000", "XNAS:AAPL"),
        ("Buy 3 units AAPL", "3", "XNAS:AAPL"),
    ],
)
def test_a_ticker_is_not_taken_for_a_thousand_or_a_million(desk, words, quantity, instrument):
    order = read_request(words, desk.feed.instruments).order
    assert order is not None
    assert order.instrument is not None
    assert (order.quantity, order.instrument.id) == (quantity, instrument)
