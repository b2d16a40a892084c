from __future__ import annotations

import numpy as np
import pytest

from desk.backtest.gate_market import GateMarketVenue
from desk.backtest.market import mend_market, read_raw
from desk.backtest.portfolio import run_portfolio
from desk.backtest.strategies import STRATEGIES
from desk.backtest.venues import CostlyVenue
from desk.errors import DataError, InputError, NotFound
from desk.market.history import History
from tests.desk.history_feed import history_feed


@pytest.fixture(scope="module")
def feed(tmp_path_factory):
    return history_feed(tmp_path_factory.mktemp("feed"))


def test_calendars_are_joined_and_holes_stay_open(feed):
    market = read_raw(feed, ["XNAS:AAPL", "CRYPTO:BTCUSD"])
    stock, coin = np.isnan(market.closes).T
    saturdays = np.array([day.weekday() == 5 for day in market.days])
    recent = np.array([2016 <= day.year <= 2018 for day in market.days])
    assert stock[saturdays].all()
    assert not coin[recent].any()
    assert market.cut(slice(*np.flatnonzero(recent)[[0, -1]].tolist())).periods == 365


def test_rates_are_the_last_known_of_the_day(feed):
    market = read_raw(feed, ["FX:GBPJPY"], "USD")
    pair = History().closes(["FX:USDJPY"])
    day = np.datetime64("2015-06-10")
    row = market.days.index(day.item())
    assert market.rates[row, 0] == pytest.approx(1 / pair.closes[np.searchsorted(pair.days, day), 0])
    assert read_raw(feed, ["FX:GBPJPY"], "JPY").rates[row, 0] == 1.0


def test_what_cannot_be_read_is_named(feed):
    with pytest.raises(DataError, match="converts USD to XXX"):
        read_raw(feed, ["XNAS:AAPL"], "XXX")
    with pytest.raises(NotFound):
        read_raw(feed, ["XNAS:NONE"])
    for wrong in ([], ["XNAS:AAPL", "XNAS:AAPL"]):
        with pytest.raises(InputError, match="each named once"):
            read_raw(feed, wrong)


@pytest.mark.parametrize("name", ["equal_weight", "long_short_momentum"])
def test_the_gate_and_the_plain_venue_agree_over_currencies_and_shorts(feed, name):
    market = mend_market(read_raw(feed, ["XNAS:AAPL", "XNYS:KO", "XNYS:XOM", "FX:GBPJPY"]))
    market = market.cut(slice(-900, None))
    gate, strategy = GateMarketVenue(market), STRATEGIES[name]
    runs = [
        run_portfolio(market, strategy.build({"every": 42, "window": 120}, market), venue, first=400)
        for venue in (gate, CostlyVenue(market))
    ]
    assert gate.counts[1] == 0
    assert runs[0].trades == pytest.approx(runs[1].trades, abs=2)
    assert runs[0].trades > 20
    assert runs[0].wealth == pytest.approx(runs[1].wealth, rel=0.004)
    assert runs[0].costs == pytest.approx(runs[1].costs, rel=0.2)
    if name == "long_short_momentum":
        assert runs[0].borrowed == pytest.approx(runs[1].borrowed, rel=0.02)
        assert runs[0].borrowed > 0
