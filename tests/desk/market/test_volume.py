"""Printed volume that is made up: the same everywhere, additive, as large as the day's turnover says."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.instruments import AssetClass
from desk.market.hours import continuous_trading
from desk.market.volume import TURNOVER, ModelVolume, curve_of
from tests.desk.trading.fake_feed import AAPL, BTC, START, instruments

APPLE, COIN = instruments().get(AAPL), instruments().get(BTC)
MIDNIGHT = START.replace(hour=0)


def model() -> ModelVolume:
    return ModelVolume(lambda id: Decimal(200) if id == AAPL else Decimal(60_000))


def at(second: float) -> datetime:
    return MIDNIGHT + timedelta(seconds=second)


def test_a_day_is_its_turnover_whatever_the_lot():
    volume = model()
    assert volume.daily(APPLE) == TURNOVER[AssetClass.STOCK] / 200
    assert volume.daily(COIN) == pytest.approx(TURNOVER[AssetClass.CRYPTO] / 6, rel=1e-6)
    for instrument in (APPLE, COIN):
        day = volume.printed(instrument, MIDNIGHT, MIDNIGHT + timedelta(days=1))
        assert day == pytest.approx(volume.daily(instrument), rel=0.05)
    assert "simulated" in volume.label


def test_stocks_print_in_their_session_only_and_most_at_its_ends():
    volume = model()
    opens, closes = continuous_trading(AssetClass.STOCK, START.date())
    assert volume.printed(APPLE, MIDNIGHT, opens - timedelta(seconds=30)) == 0
    assert volume.printed(APPLE, closes + timedelta(minutes=2), MIDNIGHT + timedelta(days=1)) == 0
    hour = timedelta(hours=1)
    first, noon = (volume.printed(APPLE, begins, begins + hour) for begins in (opens, opens + 2.7 * hour))
    assert first > 1.5 * noon > 0


@given(st.floats(0, 86_400), st.floats(0, 86_400), st.floats(0, 86_400))
def test_parts_add_up_and_repeat(a, b, c):
    first, middle, last = sorted((a, b, c))
    volume = model()
    whole = volume.printed(APPLE, at(first), at(last))
    parts = volume.printed(APPLE, at(first), at(middle)) + volume.printed(APPLE, at(middle), at(last))
    assert 0 <= whole - parts <= 1
    assert whole == model().printed(APPLE, at(first), at(last))
    assert volume.printed(APPLE, at(last), at(first)) == 0


def test_hours_without_an_auction():
    opens, closes = continuous_trading(AssetClass.STOCK, START.date())
    assert (opens.strftime("%H:%M:%S"), closes.strftime("%H:%M:%S")) == ("14:30:30", "20:58:00")
    opens, closes = continuous_trading(AssetClass.CRYPTO, START.date())
    assert closes - opens == timedelta(days=1)
    assert curve_of(AssetClass.CRYPTO).by(43_200) == 0.5
