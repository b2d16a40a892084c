"""The calendar against the days on which stocks really traded, and daylight saving on both sides of its days."""

from datetime import UTC, date, datetime, timedelta

import pytest

from desk.instruments import AssetClass
from desk.market.calendar import is_open, last_closed, session, trading_days
from desk.market.history import History


def test_the_days_are_those_of_twenty_two_years_of_real_closes():
    real = {bar.day for bar in History().bars("XNYS:GE", start=date(2000, 1, 1))}
    assert len(real) > 5_700
    assert set(trading_days(AssetClass.STOCK, date(2000, 1, 1), max(real))) == real


@pytest.mark.parametrize(
    ("day", "opens"),
    [("2026-03-06", "14:30"), ("2026-03-09", "13:30"), ("2026-10-30", "13:30"), ("2026-11-02", "14:30")],
)
def test_daylight_saving_moves_the_session(day, opens):
    found = session(AssetClass.STOCK, date.fromisoformat(day))
    assert found is not None
    assert f"{found.opens:%H:%M}" == opens
    assert found.closes - found.opens == timedelta(hours=6.5)


def test_weekends_holidays_and_crypto():
    assert session(AssetClass.STOCK, date(2026, 11, 28)) is None
    assert session(AssetClass.STOCK, date(2026, 11, 26)) is None
    assert session(AssetClass.FOREX, date(2026, 11, 26)) is not None
    assert session(AssetClass.FOREX, date(2026, 12, 25)) is None
    assert len(trading_days(AssetClass.CRYPTO, date(2026, 1, 1), date(2026, 12, 31))) == 365


def test_the_last_closed_day_and_the_open_market():
    friday_noon = datetime(2026, 11, 27, 17, tzinfo=UTC)
    assert is_open(AssetClass.STOCK, friday_noon)
    assert last_closed(AssetClass.STOCK, friday_noon) == date(2026, 11, 25)
    assert last_closed(AssetClass.STOCK, friday_noon + timedelta(days=2)) == date(2026, 11, 27)
    assert not is_open(AssetClass.STOCK, friday_noon + timedelta(days=1))
    assert last_closed(AssetClass.CRYPTO, friday_noon) == date(2026, 11, 26)
