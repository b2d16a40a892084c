"""How much of a best result is the luck of having tried many: deflated Sharpe ratio, overfitting, adjusted chances."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from desk.backtest.deflated import expected_best, sharpe_error
from desk.errors import InputError
from desk.risk.measures import Matrix, Vector

BLOCKS = 16


def deflated_sharpe(returns: Vector, spread: float, trials: int) -> float:
    """The chance that the true Sharpe ratio of `returns` (T,) exceeds what luck shows best among `trials`.

    `spread` is the deviation of the trials' ratios per period. Skewness and kurtosis of the returns count (Bailey and
    Lopez de Prado 2014, eq. 2). A series that never moves gives 0.
    """
    deviation = float(returns.std(ddof=1))
    if deviation <= 1e-15:
        return 0.0
    ratio = float(returns.mean()) / deviation
    return NormalDist().cdf((ratio - expected_best(spread, trials)) / sharpe_error(returns, ratio))


def overfitting(returns: Matrix, blocks: int = BLOCKS) -> float:
    """The probability that the best of the arms (T, n) in one half of the days is below the middle in the other half.

    Combinatorially symmetric cross-validation: all ways of halving `blocks` consecutive blocks (Bailey, Borwein,
    Lopez de Prado and Zhu 2017). InputError for fewer than two arms or days that do not fill the blocks.
    """
    days, arms = returns.shape
    if arms < 2 or days < 2 * blocks:
        raise InputError(f"{arms} arms on {days} days are too few for {blocks} blocks; give two arms and more days")
    size = days // blocks
    cut = returns[-size * blocks :].reshape(blocks, size, arms)
    sums, squares = cut.sum(axis=1), (cut**2).sum(axis=1)
    halves = _halves(blocks)
    inside, outside = (_ratios(half @ sums, half @ squares, size * blocks // 2) for half in (halves, 1.0 - halves))
    best = inside.argmax(axis=1)
    chosen = outside[np.arange(len(best)), best]
    below = (outside < chosen[:, None]).sum(axis=1) + 0.5 * ((outside == chosen[:, None]).sum(axis=1) - 1) + 1
    return float((below / (arms + 1) <= 0.5).mean())


def adjusted(chances: Sequence[float], trials: int) -> tuple[float, ...]:
    """Each chance of being luck after `trials` were made, these among them, in the order given (Holm 1979)."""
    order, worst, found = np.argsort(chances, kind="stable").tolist(), 0.0, [0.0] * len(chances)
    for place, row in enumerate(order):
        worst = max(worst, min(1.0, chances[row] * (trials - place)))
        found[row] = worst
    return tuple(found)


@lru_cache(maxsize=4)
def _halves(blocks: int) -> Matrix:
    """(ways, blocks): 1 where a block is in the first half."""
    ways = list(itertools.combinations(range(blocks), blocks // 2))
    halves = np.zeros((len(ways), blocks))
    halves[np.arange(len(ways))[:, None], np.array(ways)] = 1.0
    return halves


def _ratios(sums: Matrix, squares: Matrix, count: int) -> Matrix:
    mean = sums / count
    spread = np.sqrt(np.maximum(squares / count - mean**2, 1e-18))
    ratios: Matrix = mean / spread
    return ratios
