"""Intervals that keep their level by counting: split conformal on past errors, adapted where the market drifts.

Each day's interval reaches as far as past standardised errors did, by the rank that a running level asks for; after
each outcome that fell outside, the level moves up, else down (adaptive conformal inference, Gibbs and Candes 2021). An
outcome counts only from the day it was known. No distribution is assumed.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from desk.errors import InputError
from desk.forecast.features import Vector

LEVEL = 0.9
CALIBRATION = 500
"""Past errors that an interval is ranked among."""
LEAST = 100
"""Known outcomes below which there is no interval."""
GAMMA = 0.005
"""How far one outcome moves the level."""


class Intervals(NamedTuple):
    """Ends (T,); NaN until `LEAST` outcomes are known."""

    low: Vector
    high: Vector


def conformal(
    centre: Vector, scale: Vector, outcomes: Vector, delay: int, level: float = LEVEL, gamma: float = GAMMA
) -> Intervals:
    """Intervals around `centre` (T,) in units of `scale` (T,), which must have been known on the day.

    `outcomes` (T,) are NaN where not known yet; that of row t was known on row t + `delay`. Lower and upper ends are
    ranked apart, each at half of what is left of the level, so that a lopsided market gets a lopsided interval.
    InputError for a level that is no share.
    """
    if not 0 < level < 1:
        raise InputError(f"level {level} is not between 0 and 1; give 0.9")
    errors = (outcomes - centre) / np.maximum(scale, 1e-12)
    ends = [_reach(side * errors, delay, (1 - level) / 2, gamma / 2) for side in (-1.0, 1.0)]
    return Intervals(centre - ends[0] * scale, centre + ends[1] * scale)


def coverage(outcomes: Vector, intervals: Intervals, rows: slice) -> tuple[float, int]:
    """The share of known outcomes inside, and how many there are; NaN for none."""
    known = np.isfinite(outcomes[rows]) & np.isfinite(intervals.low[rows])
    inside = (outcomes[rows] >= intervals.low[rows]) & (outcomes[rows] <= intervals.high[rows])
    count = int(known.sum())
    return (float(inside[known].mean()) if count else float("nan")), count


def chance_up(centre: Vector, scale: Vector, outcomes: Vector, delay: int) -> Vector:
    """(T,): the chance of a positive outcome by the past standardised errors around today's centre; NaN as above.

    A conformal predictive distribution (Vovk et al. 2017) read at zero, with half a count added to either side.
    """
    errors, found = (outcomes - centre) / np.maximum(scale, 1e-12), np.full(centre.size, np.nan)
    for row in range(centre.size):
        past = _known(errors, row, delay)
        if past.size >= LEAST:
            above = int((past > -centre[row] / max(scale[row], 1e-12)).sum())
            found[row] = (above + 0.5) / (past.size + 1)
    return found


def _reach(errors: Vector, delay: int, share: float, gamma: float) -> Vector:
    """How far an end reaches each day so that `share` of outcomes fall beyond it."""
    found, running = np.full(errors.size, np.nan), share
    for row in range(errors.size):
        seen = row - delay  # its outcome has become known
        if seen >= 0 and np.isfinite(found[seen]) and np.isfinite(errors[seen]):
            running += gamma * (share - float(errors[seen] > found[seen]))
        past = _known(errors, row, delay)
        if past.size >= LEAST:
            rank = math.ceil((past.size + 1) * (1 - min(max(running, 0.0), 1.0)))
            place = min(max(rank, 1), past.size) - 1
            found[row] = np.partition(past, place)[place]
    return found


def _known(errors: Vector, row: int, delay: int) -> Vector:
    past = errors[max(0, row - delay - CALIBRATION + 1) : max(0, row - delay + 1)]
    found: Vector = past[np.isfinite(past)]
    return found
