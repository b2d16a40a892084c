"""Two and three sources at work on one clock: who is taken, who is asked when one is down, what is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from desk.clock import FrozenClock
from desk.instruments import Instruments
from desk.market.alpha_vantage import AlphaVantage
from desk.market.archive import Archive
from desk.market.backfill import Backfill
from desk.market.binance import BinanceData
from desk.market.board import Board
from desk.market.events import to_us
from desk.market.findings import Findings
from desk.market.history import History
from desk.market.inlet import Inlet
from desk.market.intake import Intake
from desk.market.source import MarketSource
from desk.market.yahoo import AGENT, YahooCharts
from desk.source_state import SourceStates
from desk.store.engine import Store
from desk.wire import SourceWire
from tests.market.exchange import Exchange
from tests.market.vendors import KEY, Vendors, chart, weekdays

NOW = datetime(2026, 11, 27, 16, 5, tzinfo=UTC)
BTC, AAPL = "CRYPTO:BTCUSD", "XNAS:AAPL"
LATER = to_us(NOW + timedelta(days=60))
ONES = Instruments([History().instruments.get(id) for id in (BTC, AAPL)])


class Market:
    def __init__(self, folder) -> None:
        self.exchange, self.vendors, self.wall = Exchange(int(NOW.timestamp() * 1000)), Vendors(), FrozenClock(NOW)
        self.exchange.add_days("BTCUSDT", 3)
        self.exchange.start()
        self.vendors.start()
        days = weekdays(date(2026, 11, 2), 19)  # until the 26th, when there is no session
        self.vendors.charts["AAPL"] = chart("AAPL", {d: [100, 102, 99, 101.5, 10] for d in days[:-1]}, price=101.0)
        level = self.exchange.symbols["BTCUSDT"]
        rows = {d: [level, level, level, level, 10] for d in days}
        self.vendors.charts["BTC-USD"] = chart("BTC-USD", rows, zone="UTC", price=level * 1.02)
        self.store = Store.in_folder(folder)
        binance = BinanceData(self.wire("Binance", self.exchange), self.wall, {BTC: "BTCUSDT"})
        yahoo = YahooCharts(self.wire("Yahoo", self.vendors), self.wall)
        alpha = AlphaVantage(self.wire("Alpha Vantage", self.vendors), self.wall, KEY)
        sources: list[MarketSource] = [binance, yahoo, alpha]
        self.states = SourceStates(tuple(source.name for source in sources), self.wall)
        self.archive, self.findings = Archive(folder / "market"), Findings(self.store, self.wall)
        self.board = Board(ONES, {i.id: [s.name for s in sources if s.serves(i)] for i in ONES})
        self.backfill = Backfill(sources, self.archive, self.findings, self.states, self.wall)
        self.intake = Intake(
            list(ONES), self.backfill, self.archive, self.board, self.findings, self.states, self.wall, Inlet()
        )

    def wire(self, name, server):
        return SourceWire(name, server.url, f"TENOR_{name}", headers=AGENT, timeout_s=0.5, sleep=lambda _: None)

    def source(self, id):
        found = self.board.choose(id, self.wall.now())
        return found and found.source

    def close(self) -> None:
        self.intake.close()
        self.exchange.stop()
        self.vendors.stop()
        self.store.close()


@pytest.fixture
def market(tmp_path):
    made = Market(tmp_path)
    yield made
    made.close()


def test_the_first_is_taken_and_a_disagreement_is_kept(market):
    market.intake.look()
    assert (market.source(BTC), market.source(AAPL)) == ("Binance", "Yahoo")
    (apart,) = [f for f in market.findings.open() if f.kind == "disagreement"]
    assert (apart.instrument, apart.source) == (BTC, "Binance/Yahoo")
    assert "% apart" in apart.detail
    assert market.intake.report()["disagreements"]


def test_when_the_first_is_down_the_next_serves_quotes_and_bars(market):
    market.exchange.stop()
    market.intake.look()
    assert market.source(BTC) == "Yahoo"
    assert market.states.get("Binance").word == "unreachable"
    kept = market.archive.klines(BTC, "1d", 0, LATER)
    assert {k.source for k in kept} == {"Yahoo"}
    market.exchange.start()
    market.wall.advance(timedelta(seconds=10))
    market.intake.look()
    assert market.source(BTC) == "Binance"
    assert market.states.get("Binance").word == "connected"


def test_the_scarce_source_is_asked_only_when_no_other_has_a_quote(market):
    market.intake.look()
    assert not [q for q in market.vendors.asked if q.get("function") == "GLOBAL_QUOTE"]
    quote = {"01. symbol": "AAPL", "05. price": "99.5", "07. latest trading day": "2026-11-27"}
    market.vendors.alpha["GLOBAL_QUOTE AAPL"] = {"Global Quote": quote}
    market.wall.advance(timedelta(minutes=25))
    market.vendors.charts.clear()
    market.intake.look()
    assert market.source(AAPL) == "Alpha Vantage"
    market.wall.advance(timedelta(minutes=1))
    market.intake.look()
    assert len([q for q in market.vendors.asked if q.get("function") == "GLOBAL_QUOTE"]) == 1


def test_a_missing_day_is_found_asked_for_and_closed(market):
    rows = market.exchange.days["BTCUSDT"]
    gone = rows.pop(1)
    market.vendors.charts.clear()
    market.intake.look()
    assert [f.detail for f in market.findings.open(BTC) if f.kind == "gap"] == ["1 days missing"]
    rows.insert(1, gone)
    market.wall.advance(timedelta(hours=3))
    market.intake.look()
    assert [f for f in market.findings.open(BTC) if f.kind == "gap"] == []
    closes = [k.close for k in market.archive.klines(BTC, "1d", 0, LATER)]
    assert closes == [Decimal(row[4]) for row in rows]


def test_a_delisted_name_is_no_outage(market):
    del market.vendors.charts["AAPL"]
    market.intake.look()
    assert market.states.get("Yahoo").word == "connected"
    asked = len(market.vendors.asked)
    for _ in range(5):
        market.wall.advance(timedelta(seconds=1))
        market.intake.look()
    assert len(market.vendors.asked) == asked
    filled = market.backfill.fill(ONES.get(AAPL), "1d", NOW - timedelta(days=20), NOW)
    assert "any more" in filled.refused["Yahoo"]
    assert filled.source == ""
