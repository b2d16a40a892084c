from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from desk.errors import DataError
from desk.forecast.baseline import mean_reversion, momentum
from desk.forecast.moods import LEAST_DAYS, daily_moods, mood_direction
from desk.forecast.smoothing import naive_direction, smooth, smoothed_direction
from desk.news.feed import Headline


def test_momentum_holds_what_rose_over_the_year_before_the_last_month() -> None:
    closes = np.concatenate((np.linspace(100, 200, 300), np.linspace(200, 150, 21)))
    held = momentum(closes)
    assert not held[:252].any()
    assert held[252:].all()
    assert not momentum(closes[::-1].copy())[273:].any()


def test_mean_reversion_buys_a_fall_and_sells_at_the_mean() -> None:
    closes = np.concatenate(
        (np.tile([100.0, 101.0], 50), [90.0, 91.0, 92.0, 100.9, 101.0], np.tile([101.0, 100.0], 20))
    )
    held = mean_reversion(closes)
    assert held[100:102].all()
    assert not held[104]


def test_smoothing_and_the_naive_forecast() -> None:
    assert smooth(np.array([1.0, 0.0, 0.0]), 0.5) == pytest.approx([1.0, 0.5, 0.25])
    closes = np.concatenate((np.linspace(100, 200, 200), np.linspace(199, 60, 200)))
    assert smoothed_direction(closes)[100:199].all()
    assert not smoothed_direction(closes)[300:].any()
    assert naive_direction(closes)[199] == 1.0
    assert naive_direction(closes)[200] == 0.0


def test_a_headline_counts_from_the_close_after_it_was_known() -> None:
    ends = [datetime(2022, 1, day, 21, tzinfo=UTC) for day in (3, 4, 5)]

    def told(at: datetime, title: str) -> Headline:
        return Headline("x", title, "", "wire", at, at, ("XNAS:AAPL",))

    good, bad = "Profit soars and beats forecasts", "Company plunges after profit warning"
    moods = daily_moods(
        [told(ends[0], good), told(ends[0] + timedelta(seconds=1), bad), told(ends[2] + timedelta(1), bad)], ends
    )
    assert moods[0] > 0 > moods[1]
    assert np.isnan(moods[2])


def test_a_day_without_news_keeps_the_mood_and_too_little_news_decides_nothing() -> None:
    moods = np.full(LEAST_DAYS * 2, np.nan)
    moods[::2] = np.where(np.arange(LEAST_DAYS) < 30, 0.5, -0.9)
    held = mood_direction(moods, 0)
    assert held[:60].all()
    assert not held[70:].any()
    moods[0] = np.nan
    with pytest.raises(DataError, match="there is news on 59 of 120 days"):
        mood_direction(moods, 0)
    with pytest.raises(DataError, match="no news feed"):
        mood_direction(None, 0)
