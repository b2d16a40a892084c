"""Gaps, jumps and impossible values, planted into real closes; and that real closes by themselves are quiet."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from desk.market.events import Kline, to_us
from desk.market.history import History
from desk.market.quality import check_bars, find_gaps, likely_split

HISTORY = History()
GE, BTC, WTI = (HISTORY.instruments.get(id) for id in ("XNYS:GE", "CRYPTO:BTCUSD", "OTC:WTI"))
AFTER = datetime(2022, 12, 29, 2, tzinfo=UTC)


def bars_of(instrument, start=date(2015, 1, 1), end=None):
    found = []
    for bar in HISTORY.bars(instrument.id, start, end):
        at = to_us(datetime(bar.day.year, bar.day.month, bar.day.day, tzinfo=UTC))
        ends = at + 86_400_000_000
        found.append(Kline(instrument.id, "test", at, ends, ends, "1d", None, None, None, bar.close, None))
    return found


def kinds(found):
    return [each.kind for each in found]


def test_eight_years_of_real_closes_have_no_gap_and_no_bad_price():
    found = check_bars(GE, "1d", bars_of(GE), AFTER)
    assert [(f.kind, f.detail) for f in found] == [("outlier", "moves -15.2 %, robust z -11")]  # 12 March 2020
    assert find_gaps(GE, "1d", bars_of(GE)) == []


@pytest.mark.parametrize("missing", [(100, 101), (100, 103), (1500, 1510)])
def test_missing_days_are_one_gap(missing):
    bars = bars_of(GE)
    gone = bars[slice(*missing)]
    del bars[slice(*missing)]
    (gap,) = find_gaps(GE, "1d", bars)
    assert (gap.start_us, gap.detail) == (gone[0].event_us, f"{len(gone)} days missing")


@pytest.mark.parametrize(("factor", "ratio"), [("0.25", "4:1"), ("0.5", "2:1"), ("8", "1:8"), ("0.1", "10:1")])
def test_a_split_is_told_by_its_ratio(factor, ratio):
    bars = bars_of(GE)
    bars[900:] = [bar._replace(close=bar.close * Decimal(factor)) for bar in bars[900:]]
    found = [each for each in check_bars(GE, "1d", bars, AFTER) if each.kind == "split"]
    assert [each.start_us for each in found] == [bars[900].event_us]
    assert f"looks like a split {ratio}" in found[0].detail


def test_a_bad_price_is_one_finding_and_not_two():
    bars = bars_of(GE)
    bars[700] = bars[700]._replace(close=bars[700].close * 100)
    found = [each for each in check_bars(GE, "1d", bars, AFTER) if "bad price" in each.detail]
    assert [each.start_us for each in found] == [bars[700].event_us]


def test_negative_oil_is_told_and_breaks_nothing():
    bars = bars_of(WTI, date(2018, 1, 1))
    bars[50] = bars[50]._replace(close=Decimal("-37.63"))
    found = check_bars(WTI, "1d", bars, datetime(2019, 1, 4, tzinfo=UTC))
    assert [(f.kind, f.detail) for f in found if f.kind == "negative"] == [("negative", "closes at -37.63")]


def test_impossible_values_zero_volume_and_stale():
    one = Decimal(100)
    start = to_us(datetime(2026, 11, 1, tzinfo=UTC))
    day, values = 86_400_000_000, (one,) * 5
    bars = [Kline(BTC.id, "t", start + n * day, 0, start + (n + 1) * day, "1d", *values) for n in range(5)]
    bars[1] = bars[1]._replace(volume=Decimal(0))
    bars[2] = bars[2]._replace(high=Decimal(90))
    found = check_bars(BTC, "1d", bars, datetime(2026, 11, 9, 12, tzinfo=UTC))
    assert kinds(found) == ["zero_volume", "broken", "stale"]
    assert found[-1].end_us - found[-1].start_us == 3 * 86_400_000_000
    assert check_bars(BTC, "1d", [], AFTER) == []


def test_minutes_follow_the_session_over_daylight_saving():
    one, minute = Decimal(100), timedelta(minutes=1)
    bars = []
    for opens in (datetime(2026, 3, 6, 14, 30, tzinfo=UTC), datetime(2026, 3, 9, 13, 30, tzinfo=UTC)):
        for n in range(390):
            at = to_us(opens + n * minute)
            bars.append(Kline(GE.id, "t", at, at, at + 60_000_000, "1m", one, one, one, one, one))
    assert find_gaps(GE, "1m", bars) == []
    del bars[400:403]
    (gap,) = find_gaps(GE, "1m", bars)
    assert gap.detail == "3 minutes missing"


def test_no_ratio_no_split():
    assert likely_split(-0.25) == ""
