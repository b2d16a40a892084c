"""Alpha Vantage and Yahoo against a server that answers as documented, and everything that may go wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from desk.clock import FrozenClock
from desk.errors import BackEndUnreachable, DataError, Limited, NotAdmitted, NotFound
from desk.market.alpha_vantage import AlphaVantage
from desk.market.events import Flag, from_us
from desk.market.history import History
from desk.market.yahoo import AGENT, YahooCharts
from desk.wire import Allowance, SourceWire
from tests.market.vendors import EXHAUSTED, KEY, Vendors, chart, weekdays

NOW = datetime(2026, 11, 27, 23, tzinfo=UTC)
KNOWN = History().instruments
AAPL, EURUSD, WTI = (KNOWN.get(id) for id in ("XNAS:AAPL", "FX:EURUSD", "OTC:WTI"))
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def vendors():
    server = Vendors()
    server.start()
    yield server
    server.stop()


class Waits:
    """A clock of the wire that sleeps at once."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def clock(self):
        return self.now


def wire(server, waits, allowance=None, **more):
    return SourceWire("source", server.url, "TENOR_TEST_URL", key_setting="TENOR_TEST_KEY", allowance=allowance,
                      timeout_s=0.5, sleep=waits.sleep, clock=waits.clock, **more)  # fmt: skip


def alpha(server, waits=None, key=KEY, allowance=None):
    return AlphaVantage(wire(server, waits or Waits(), allowance), FrozenClock(NOW), key)


def yahoo(server, waits=None, now=NOW):
    return YahooCharts(wire(server, waits or Waits(), headers=AGENT), FrozenClock(now))


def series(days, name="Time Series (Daily)"):
    rows = {f"{day}": {"1. open": "100.0", "2. high": "102.5", "3. low": "99.5", "4. close": f"{101 + n}.25",
                       "5. volume": "5000"} for n, day in enumerate(days)}  # fmt: skip
    return {"Meta Data": {"5. Time Zone": "US/Eastern"}, name: rows}


def test_alpha_vantage_stocks_forex_and_commodities(vendors):
    days = weekdays(date(2026, 11, 23), 5)
    vendors.alpha["TIME_SERIES_DAILY AAPL"] = series(days)
    vendors.alpha["FX_DAILY EUR"] = series(days, "Time Series FX (Daily)")
    data = [{"date": "2020-04-20", "value": "-36.98"}, {"date": "2020-04-21", "value": "."},
            {"date": "2020-04-22", "value": "13.64"}]  # fmt: skip
    vendors.alpha["WTI"] = {"name": "Crude Oil", "interval": "daily", "unit": "dollars per barrel", "data": data}
    source = alpha(vendors)
    stock = source.klines(AAPL, "1d", datetime(2026, 11, 1, tzinfo=UTC), NOW)
    assert [from_us(k.event_us).date() for k in stock] == days
    assert (stock[0].close, stock[0].volume) == (Decimal("101.25"), Decimal(5000))
    assert from_us(stock[0].end_us) == datetime(2026, 11, 23, 21, tzinfo=UTC)
    assert all(k.known_us >= k.end_us for k in stock)
    pair = source.klines(EURUSD, "1d", START, NOW)
    assert [from_us(k.event_us).date() for k in pair] == days[:4]  # Friday is not over
    oil = source.klines(WTI, "1d", datetime(2020, 1, 1, tzinfo=UTC), NOW)
    assert [k.close for k in oil] == [Decimal("-36.98"), Decimal("13.64")]
    assert oil[0].open is None


def test_alpha_vantage_quotes_are_dated_in_their_own_zone(vendors):
    rate = {"5. Exchange Rate": "1.16010", "6. Last Refreshed": "2026-11-27 22:59:30", "7. Time Zone": "UTC",
            "8. Bid Price": "1.16005", "9. Ask Price": "1.16015"}  # fmt: skip
    vendors.alpha["CURRENCY_EXCHANGE_RATE EUR"] = {"Realtime Currency Exchange Rate": rate}
    quote = {"01. symbol": "AAPL", "05. price": "271.50", "07. latest trading day": "2026-11-27"}
    vendors.alpha["GLOBAL_QUOTE AAPL"] = {"Global Quote": quote}
    source = alpha(vendors)
    tick = source.tick(EURUSD)
    assert (tick.bid, tick.ask, tick.last) == (Decimal("1.16005"), Decimal("1.16015"), Decimal("1.16010"))
    assert from_us(tick.event_us) == NOW - timedelta(seconds=30)
    assert from_us(source.tick(AAPL).event_us) == datetime(2026, 11, 27, 21, tzinfo=UTC)
    rate["7. Time Zone"] = "Mars/Olympus"
    with pytest.raises(DataError, match="Mars"):
        source.tick(EURUSD)


def test_a_wrong_key_is_named_and_never_shown(vendors):
    with pytest.raises(NotAdmitted, match="TENOR_ALPHA_VANTAGE_KEY") as refused:
        alpha(vendors, key="wrongkey").klines(AAPL, "1d", START, NOW)
    assert "wrongkey" not in str(refused.value)


def test_the_daily_limit_is_kept_here_and_survives_a_restart(vendors, tmp_path):
    vendors.alpha["TIME_SERIES_DAILY AAPL"] = series(weekdays(date(2026, 11, 23), 3))
    wall, waits, file = FrozenClock(NOW), Waits(), tmp_path / "used.json"

    def allowance():
        return Allowance(
            "Alpha Vantage", wall, per_minute=5, per_day=3, file=file, sleep=waits.sleep, clock=waits.clock
        )

    source = alpha(vendors, waits, allowance=allowance())
    for _ in range(2):
        source.klines(AAPL, "1d", START, NOW)
    assert waits.slept == [12.0]
    again = alpha(vendors, waits, allowance=allowance())
    again.klines(AAPL, "1d", START, NOW)
    with pytest.raises(Limited, match="has had its 3 requests of 2026-11-27") as limited:
        again.klines(AAPL, "1d", START, NOW)
    assert limited.value.wait_s == 3600
    assert len(vendors.asked) == 3
    wall.at = NOW - timedelta(days=2)  # the clock is set back: the day does not open again
    with pytest.raises(Limited):
        again.klines(AAPL, "1d", START, NOW)
    wall.at = NOW + timedelta(hours=2)
    again.klines(AAPL, "1d", START, NOW)


def test_the_sources_own_limit_in_words_stops_asking_until_midnight(vendors):
    waits, wall = Waits(), FrozenClock(NOW)
    vendors.limited = EXHAUSTED
    allowance = Allowance("Alpha Vantage", wall, per_day=25, sleep=waits.sleep, clock=waits.clock)
    source = alpha(vendors, waits, allowance=allowance)
    with pytest.raises(Limited) as limited:
        source.klines(AAPL, "1d", START, NOW)
    assert "RIGHTKEY" not in str(limited.value)
    waits.now += 3600
    with pytest.raises(Limited, match="25 requests"):
        source.klines(AAPL, "1d", START, NOW)
    assert len(vendors.asked) == 1


def test_delisted_and_malformed(vendors):
    with pytest.raises(NotFound, match="any more"):
        alpha(vendors).klines(AAPL, "1d", START, NOW)
    vendors.alpha["TIME_SERIES_DAILY AAPL"] = {"Time Series (Daily)": {"2026-11-23": {"4. close": "NaN"}}}
    with pytest.raises(DataError, match="no number"):
        alpha(vendors).klines(AAPL, "1d", START, NOW)
    vendors.alpha["TIME_SERIES_DAILY AAPL"] = {"something": {}}
    with pytest.raises(DataError, match="without"):
        alpha(vendors).klines(AAPL, "1d", START, NOW)


@pytest.mark.parametrize("fault", ["500", "503", "cut_before", "hang_before"])
def test_a_failure_is_tried_again_and_then_told(vendors, fault):
    vendors.charts["AAPL"] = chart("AAPL", {date(2026, 11, 24): [1, 2, 0.5, 1.5, 9]})
    vendors.faults.script = [fault]
    waits = Waits()
    assert len(yahoo(vendors, waits).klines(AAPL, "1d", START, NOW)) == 1
    assert waits.slept == [0.5]
    vendors.faults.script = [fault] * 3
    with pytest.raises(BackEndUnreachable, match="TENOR_TEST_URL"):
        yahoo(vendors).klines(AAPL, "1d", START, NOW)


def test_half_a_payload_is_no_answer(vendors):
    vendors.charts["AAPL"] = chart("AAPL", {date(2026, 11, 24): [1, 2, 0.5, 1.5, 9]})
    vendors.half = 2
    assert len(yahoo(vendors).klines(AAPL, "1d", START, NOW)) == 1
    vendors.half = 3
    with pytest.raises(BackEndUnreachable, match="half an answer"):
        yahoo(vendors).klines(AAPL, "1d", START, NOW)


def test_too_many_requests_pause_the_wire(vendors):
    vendors.charts["AAPL"] = chart("AAPL", {date(2026, 11, 24): [1, 2, 0.5, 1.5, 9]})
    vendors.faults.script, vendors.faults.pause_s = ["429"], 30
    waits = Waits()
    source = yahoo(vendors, waits)
    with pytest.raises(Limited) as limited:
        source.klines(AAPL, "1d", START, NOW)
    assert limited.value.wait_s == 30
    with pytest.raises(Limited):
        source.klines(AAPL, "1d", START, NOW)
    assert len(vendors.requests) == 1
    waits.now = 31
    assert source.klines(AAPL, "1d", START, NOW)


def test_yahoo_days_over_daylight_saving_nulls_splits_and_float_noise(vendors):
    days = weekdays(date(2026, 3, 4), 5)
    rows: dict[date, list[object]] = {day: [150.0, 152.0, 149.0, 150.8300018310547, 1000] for day in days}
    rows[days[2]] = [None, None, None, None, None]
    vendors.charts["AAPL"] = chart("AAPL", rows, splits={days[3]: "4:1"})
    bars = yahoo(vendors).klines(AAPL, "1d", START, NOW)
    assert [from_us(k.event_us).date() for k in bars] == [d for d in days if d != days[2]]
    assert {k.close for k in bars} == {Decimal("150.8300")}
    assert [f"{from_us(k.end_us):%H}" for k in bars] == ["21", "21", "20", "20"]
    assert [k.flags for k in bars] == [0, 0, int(Flag.SPLIT), 0]


def test_yahoo_currency_delisting_and_the_day_that_is_not_over(vendors):
    vendors.charts["AAPL"] = chart("AAPL", {date(2026, 11, 24): [1, 2, 0.5, 1.5, 9]}, currency="GBp")
    with pytest.raises(DataError, match="'GBp', not in USD"):
        yahoo(vendors).klines(AAPL, "1d", START, NOW)
    with pytest.raises(NotFound, match="delisted"):
        yahoo(vendors).klines(KNOWN.get("XNAS:MSFT"), "1d", START, NOW)
    vendors.charts["AAPL"] = chart("AAPL", {date(2026, 11, 27): [1, 2, 0.5, 1.5, 9]}, price=1.5)
    assert yahoo(vendors, now=NOW.replace(hour=18)).klines(AAPL, "1d", START, NOW) == []
    assert len(yahoo(vendors).klines(AAPL, "1d", START, NOW)) == 1
    tick = yahoo(vendors).tick(AAPL)
    assert (tick.bid, tick.ask, from_us(tick.event_us).hour) == (Decimal("1.5"), Decimal("1.5"), 16)


def test_yahoo_columns_that_do_not_fit(vendors):
    vendors.charts["AAPL"] = chart("AAPL", {date(2026, 11, 24): [1, 2, 0.5, 1.5, 9]})
    vendors.charts["AAPL"]["indicators"]["quote"][0]["close"] = []
    with pytest.raises(DataError, match="different lengths"):
        yahoo(vendors).klines(AAPL, "1d", START, NOW)
