"""Which strategy is better, and whether that can be told at all.

Each arm's Sharpe ratio minus the baseline's, with an interval from a circular block bootstrap of the paired
daily returns (Politis and Romano 1992; Ledoit and Wolf 2008). The interval is as wide as the number of
trials demands (Bonferroni), so trying more arms makes it harder to win. A winner must also be deflated: its days at
the baseline's volatility, less the baseline's, must show more than the best of as many lucky trials, and the choice of
the best must hold in the other half of the days more often than not. "None" is a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from desk.errors import DataError, InputError
from desk.experiments.overfitting import adjusted, deflated_sharpe, overfitting
from desk.risk.measures import TRADING_DAYS, Matrix, Vector

BLOCK = 21
RESAMPLES = 2_000
LEVEL = 0.95
SEED = 20_221_228
LEAST_DAYS = 252
SURE = 0.95
"""The deflated chance that a winner needs."""
OVERFIT = 0.5
"""The probability of overfitting above which nobody wins."""


class Difference(NamedTuple):
    """An arm's yearly Sharpe ratio minus the baseline's, with the two-sided interval after all trials.

    `deflated` is the chance that its lead is more than the best luck of all trials; `luck` the chance, after all of
    them (Holm), that a lead as large comes without skill.
    """

    arm: str
    estimate: float
    low: float
    high: float
    deflated: float
    luck: float

    @property
    def beats(self) -> bool:
        """Whether the whole interval is above zero, and luck does not explain it."""
        return self.low > 0 and self.deflated >= SURE


@dataclass(frozen=True)
class Selection:
    """The verdict: `winner` is None when no arm beats the baseline, or the choice among them is overfitted.

    `trials` were made in all; `overfitting` is the probability of it (`desk.experiments.overfitting`).
    """

    baseline: str
    winner: str | None
    differences: tuple[Difference, ...]
    trials: int
    days: int
    overfitting: float


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
    matrix = np.column_stack([returns[arm] for arm in (baseline, *arms)])
    samples = _resample(matrix, seed)
    leads = samples[:, 1:] - samples[:, :1]
    found = _differences(arms, matrix, leads * np.sqrt(periods), tried, periods)
    doubt = overfitting(matrix)
    winners = [d for d in found if d.beats] if doubt <= OVERFIT else []
    best = max(winners, key=lambda d: d.estimate, default=None)
    return Selection(baseline, best.arm if best else None, found, tried, days, doubt)


def _differences(arms: list[str], matrix: Matrix, leads: Matrix, tried: int, periods: int) -> tuple[Difference, ...]:
    """Basic bootstrap intervals: the estimate minus the resampled errors."""
    ratios = np.array([_sharpe(column) for column in matrix.T])
    estimates, tail = (ratios[1:] - ratios[0]) * np.sqrt(periods), (1 - LEVEL) / tried / 2
    highs, lows = 2 * estimates - np.quantile(leads, (tail, 1 - tail), axis=0)
    errors = (1 + (leads - estimates >= estimates).sum(axis=0)) / (1 + len(leads))
    luck = adjusted(errors.tolist(), tried)
    even = [_at_one_volatility(column) for column in matrix.T]
    unskilled = 1 / np.sqrt(len(matrix))  # arms that differ in skill spread wider; that is no luck
    deflated = [deflated_sharpe(each - even[0], float(unskilled), tried) for each in even[1:]]
    rows = zip(arms, estimates.tolist(), lows.tolist(), highs.tolist(), deflated, luck, strict=True)
    return tuple(Difference(*row) for row in rows)


def _at_one_volatility(returns: Vector) -> Vector:
    """Returns in units of their own deviation: the mean difference of two such is that of their Sharpe ratios."""
    deviation = float(returns.std(ddof=1))
    found: Vector = returns / deviation if deviation > 1e-15 else np.zeros_like(returns)
    return found


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
