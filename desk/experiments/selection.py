"""Which strategy is better, and whether that can be told at all.

Each arm's Sharpe ratio minus the baseline's, with an interval from a circular block bootstrap of the paired
daily returns (Politis and Romano 1992; Ledoit and Wolf 2008). The interval is as wide as the number of
trials demands (Bonferroni), so trying more arms makes it harder to win. "None" is a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from desk.errors import DataError, InputError
from desk.risk.measures import TRADING_DAYS, Matrix, Vector

BLOCK = 21
RESAMPLES = 2_000
LEVEL = 0.95
SEED = 20_221_228
LEAST_DAYS = 252


class Difference(NamedTuple):
    """An arm's yearly Sharpe ratio minus the baseline's, with the two-sided interval after all trials."""

    arm: str
    estimate: float
    low: float
    high: float

    @property
    def beats(self) -> bool:
        """Whether the whole interval is above zero."""
        return self.low > 0


@dataclass(frozen=True)
class Selection:
    """The verdict: `winner` is None when no arm's interval lies above zero. `trials` were made in all."""

    baseline: str
    winner: str | None
    differences: tuple[Difference, ...]
    trials: int
    days: int


def select(
    baseline: str,
    returns: Mapping[str, Vector],
    *,
    trials: int | None = None,
    periods: int = TRADING_DAYS,
    seed: int = SEED,
) -> Selection:
    """Compares every other arm with `baseline` on the same days.

    `returns` are daily, (T,) each, `periods` of them a year. `trials` counts everything that was tried before
    too; at least the arms given. InputError when lengths differ or the baseline is missing; DataError for less
    than a year.
    """
    arms = [arm for arm in returns if arm != baseline]
    if baseline not in returns or not arms:
        raise InputError(f"a comparison needs {baseline!r} and at least one other arm, not {', '.join(returns)}")
    days = returns[baseline].size
    if any(series.shape != (days,) for series in returns.values()):
        raise InputError("the arms do not cover the same days; cut them to one window")
    if days < LEAST_DAYS:
        raise DataError(f"{days} days are too few to compare strategies; {LEAST_DAYS} are needed")
    tried = max(trials or 0, len(arms))
    samples = _resample(np.column_stack([returns[arm] for arm in (baseline, *arms)]), seed) * np.sqrt(periods)
    tail = (1 - LEVEL) / tried / 2
    found = tuple(
        _difference(
            arm, _sharpe(returns[arm]) - _sharpe(returns[baseline]), samples[:, n] - samples[:, 0], tail, periods
        )
        for n, arm in enumerate(arms, 1)
    )
    best = max((d for d in found if d.beats), key=lambda d: d.estimate, default=None)
    return Selection(baseline, best.arm if best else None, found, tried, days)


def _difference(arm: str, daily: float, resampled: Vector, tail: float, periods: int) -> Difference:
    """The basic bootstrap interval: the estimate minus the resampled errors."""
    estimate = float(daily * np.sqrt(periods))
    low, high = np.quantile(resampled, (tail, 1 - tail))
    return Difference(arm, estimate, float(2 * estimate - high), float(2 * estimate - low))


def _resample(returns: Matrix, seed: int) -> Matrix:
    """Daily Sharpe ratios (RESAMPLES, arms) over blocks of BLOCK days, the same blocks for all arms.

    Sums per block make it cheap: a resample needs one gather of its blocks' sums and sums of squares.
    """
    days, arms = returns.shape
    count = -(-days // BLOCK)
    wrapped = np.concatenate((returns, returns[: BLOCK - 1]))
    sums = np.cumsum(np.concatenate((np.zeros((1, arms)), wrapped)), axis=0)
    squares = np.cumsum(np.concatenate((np.zeros((1, arms)), wrapped**2)), axis=0)
    block_sum, block_square = sums[BLOCK:] - sums[:-BLOCK], squares[BLOCK:] - squares[:-BLOCK]
    starts = np.random.default_rng(seed).integers(0, days, (RESAMPLES, count))
    n = count * BLOCK
    mean = block_sum[starts].sum(axis=1) / n
    variance = np.maximum(block_square[starts].sum(axis=1) / n - mean**2, 1e-18)
    ratios: Matrix = mean / np.sqrt(variance)
    return ratios


def _sharpe(returns: Vector) -> float:
    """Daily Sharpe ratio; zero for a series that never moves, such as cash."""
    deviation = float(returns.std(ddof=1))
    return float(returns.mean()) / deviation if deviation > 1e-15 else 0.0
