"""The mood of an instrument's news as a daily series: what could be read by each close, never later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from desk.errors import DataError
from desk.forecast.features import Vector
from desk.forecast.smoothing import smooth
from desk.news.feed import Headline
from desk.news.sentiment import score_text

LEAST_DAYS = 60
"""Days with news below which a strategy on moods decides nothing."""
ALPHA = 0.2


def daily_moods(headlines: Sequence[Headline], ends: Sequence[datetime]) -> Vector:
    """(T,): the mean score in [-1, 1] of what became known after the close before and by this one; NaN for no news.

    `ends` are the closes' instants, oldest first. What became known after the last is left out.
    """
    sums, counts = np.zeros(len(ends)), np.zeros(len(ends))
    instants = np.array([end.timestamp() for end in ends])
    for headline in headlines:
        row = int(np.searchsorted(instants, headline.known.timestamp(), side="left"))
        if row < len(ends):
            sums[row] += score_text(headline.text).score
            counts[row] += 1
    with np.errstate(invalid="ignore"):
        moods: Vector = np.where(counts > 0, sums / counts, np.nan)
    return moods


def mood_direction(moods: Vector | None, start: int) -> Vector:
    """1 while the exponential mean of the days with news is above zero, else 0; a day without news keeps the last.

    DataError without a news feed, or with news on fewer than `LEAST_DAYS` days from row `start` on.
    """
    if moods is None:
        raise DataError("no news feed was given; a strategy on moods needs one")
    told = np.isfinite(moods)
    if int(told[start:].sum()) < LEAST_DAYS:
        raise DataError(
            f"there is news on {int(told[start:].sum())} of {moods.size - start} days; a strategy on moods needs "
            f"{LEAST_DAYS}: add a news source with more history"
        )
    held, rows = np.zeros(moods.size), np.flatnonzero(told)
    said = smooth(moods[rows], ALPHA) > 0
    for place, row in enumerate(rows.tolist()):
        held[row:] = float(said[place])
    return held
