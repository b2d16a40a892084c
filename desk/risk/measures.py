"""Measures of return and loss over arrays of period returns.

Returns are simple (0.01 = 1 %), one per period, oldest first. Losses (VaR, CVaR, drawdown) are
positive numbers. Fewer than two returns, or a value that is not finite, raises DataError: a
measure is never guessed.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from desk.errors import DataError, InputError

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

TRADING_DAYS = 252
EWMA_DECAY = 0.94
"""RiskMetrics' decay for daily returns (J.P. Morgan RiskMetrics 1996, §5.3.2)."""


def tail_size(count: int, level: float) -> int:
    """How many of `count` outcomes make the tail: ceil(count * (1 - level)), at least one.

    Raises InputError for a level outside (0, 1).
    """
    if not 0 < level < 1:
        raise InputError(f"confidence level {level} is not between 0 and 1; give 0.95 or 0.99")
    return max(1, math.ceil(round(count * (1 - level), 9)))


def historical_var(returns: Vector, level: float = 0.99) -> float:
    """Historical-simulation VaR: the smallest loss of the tail (J.P. Morgan RiskMetrics 1996, ch. 1)."""
    return -float(_tail(returns, level).max())


def historical_cvar(returns: Vector, level: float = 0.99) -> float:
    """Expected shortfall: the mean loss of the tail (Acerbi and Tasche 2002, eq. 4, whole outcomes)."""
    return -float(_tail(returns, level).mean())


def parametric_var(mean: float, deviation: float, level: float = 0.99) -> float:
    """Variance-covariance VaR of a normal return: z * deviation - mean (Jorion 2006, ch. 5)."""
    return normal_loss(mean, deviation, level)[0]


def parametric_cvar(mean: float, deviation: float, level: float = 0.99) -> float:
    """Expected shortfall of a normal return: deviation * pdf(z) / (1 - level) - mean (McNeil et al. 2015, ex. 2.14)."""
    return normal_loss(mean, deviation, level)[1]


@lru_cache(maxsize=64)
def _normal_tail(level: float) -> tuple[float, float]:
    """The quantile z and pdf(z) / (1 - level): deviations to VaR and to CVaR."""
    tail_size(1, level)
    normal = NormalDist()
    z = normal.inv_cdf(level)
    return z, normal.pdf(z) / (1 - level)


def normal_loss(mean: float, deviation: float, level: float = 0.99) -> tuple[float, float]:
    """`parametric_var` and `parametric_cvar` together."""
    var, cvar = _normal_tail(level)
    return var * deviation - mean, cvar * deviation - mean


def portfolio_deviation(weights: Vector, covariance: Matrix) -> float:
    """sqrt(w' S w); `weights` (n,), `covariance` (n, n) (Markowitz 1952)."""
    if covariance.shape != (weights.size, weights.size):
        raise InputError(f"covariance of shape {covariance.shape} does not fit {weights.size} weights")
    return math.sqrt(max(0.0, float(weights @ covariance @ weights)))


def volatility(returns: Vector, periods: int = TRADING_DAYS) -> float:
    """Annual standard deviation: sample deviation (n - 1) times sqrt(periods per year)."""
    return float(_checked(returns).std(ddof=1)) * math.sqrt(periods)


def ewma_weights(count: int, decay: float = EWMA_DECAY) -> Vector:
    """What each of `count` squared returns weighs, oldest first; together 1 (the oldest starts the recursion)."""
    if not 0 < decay < 1:
        raise InputError(f"decay {decay} is not between 0 and 1; RiskMetrics takes {EWMA_DECAY} for daily returns")
    weights = (1 - decay) * decay ** np.arange(count - 1, -1, -1, dtype=np.float64)
    weights[:1] = decay ** (count - 1)
    return weights


def ewma_variance(returns: Vector, decay: float = EWMA_DECAY) -> float:
    """Variance per period: v = decay v + (1 - decay) r^2 from v = r^2 of the first (RiskMetrics 1996, eq. 5.3)."""
    return float(ewma_weights(_checked(returns).size, decay) @ returns**2)


def ewma_update(variance: float, latest: float, decay: float = EWMA_DECAY) -> float:
    """The variance after one more return; equals `ewma_variance` over all returns to rounding."""
    return decay * variance + (1 - decay) * latest * latest


def ewma_covariance(returns: Matrix, decay: float = EWMA_DECAY) -> Matrix:
    """The same for n returns at a time: (T, n) to (n, n); w'S w is `ewma_variance` of the portfolio `returns @ w`."""
    covariance: Matrix = (returns.T * ewma_weights(returns.shape[0], decay)) @ returns
    return covariance


def ewma_volatility(returns: Vector, decay: float = EWMA_DECAY, periods: int = TRADING_DAYS) -> float:
    """Annual EWMA volatility."""
    return math.sqrt(ewma_variance(returns, decay) * periods)


def sharpe(returns: Vector, risk_free: float = 0.0, periods: int = TRADING_DAYS) -> float:
    """Annual Sharpe ratio (Sharpe 1994, eq. 3 to 6); `risk_free` per period. DataError without any variation."""
    excess = _checked(returns) - risk_free
    deviation = float(excess.std(ddof=1))
    if deviation <= 1e-15:
        raise DataError("the returns do not vary; a Sharpe ratio is not defined")
    return float(excess.mean()) / deviation * math.sqrt(periods)


def sortino(returns: Vector, target: float = 0.0, periods: int = TRADING_DAYS) -> float:
    """Annual Sortino ratio: downside deviation over all periods (Sortino and Price 1994). DataError without a loss."""
    excess = _checked(returns) - target
    downside = math.sqrt(float((np.minimum(excess, 0.0) ** 2).mean()))
    if downside <= 1e-15:
        raise DataError("no return is below the target; a Sortino ratio is not defined")
    return float(excess.mean()) / downside * math.sqrt(periods)


def max_drawdown(returns: Vector) -> float:
    """The largest fall from a peak of compounded wealth, as a share of the peak (Magdon-Ismail and Atiya 2004)."""
    wealth = np.concatenate(([1.0], np.cumprod(1.0 + _checked(returns))))
    peaks = np.maximum.accumulate(wealth)
    return float(((peaks - wealth) / peaks).max())


def _tail(returns: Vector, level: float) -> Vector:
    size = tail_size(_checked(returns).size, level)
    return np.partition(returns, size - 1)[:size]


def _checked(returns: Vector) -> Vector:
    if returns.ndim != 1 or returns.size < 2:
        raise DataError(f"a measure needs at least two returns in one row, not shape {returns.shape}")
    if not np.isfinite(returns).all():
        raise DataError("a return is not a finite number; mend the history first")
    return returns
