"""An instrument's own volatility, known before each bar: exponentially weighted, never far below its longer mean."""

from __future__ import annotations

import numpy as np

from desk.fraud.abuse.limits import DAY
from desk.fraud.graph import Floats

SLOW = 0.995
CLIP = 5.0


def returns_of(close: Floats) -> Floats:
    """Logarithmic returns of shape (n,); the first is 0."""
    out: Floats = np.diff(np.log(close), prepend=np.log(close[:1]))
    return out


def volatility(returns: Floats, decay: float, calm: float, warm_up: int) -> Floats:
    """The standard deviation expected of each return from those before it (RiskMetrics 1996), shape (n,).

    At least `calm` times a slower mean: after a quiet spell an ordinary bar is no surprise. The first `warm_up`
    returns give the start; infinite there, so that nothing in them stands out. Zero returns throughout give infinity.
    """
    out: Floats = np.full(len(returns), np.inf)
    if len(returns) <= warm_up:
        return out
    square = returns * returns
    start = float(square[1:warm_up].mean())
    if start <= 0:
        start = float(square.mean())

    fast, slow = (_smooth(square[warm_up - 1 :], start, keep) for keep in (decay, SLOW))
    sigma = np.sqrt(np.maximum(fast, calm * calm * slow))[:-1]
    out[warm_up:] = np.where(sigma > 0, sigma, np.inf)
    return out


def day_volatility(returns: Floats, at: Floats, warm_up: int) -> Floats:
    """The standard deviation of a whole day as of each bar, from bars of about the day before; of one day's bars or
    longer, of one bar. Shape (n,); infinite in the warm-up. From absolute returns, each cut at five times the usual, so
    that an earlier pump does not hide the next.
    """
    out: Floats = np.full(len(returns), np.inf)
    if len(returns) <= warm_up:
        return out
    a_day = max(DAY / float(np.median(np.diff(at))), 1.0)
    size = np.abs(returns)
    start = float(size[1:warm_up].mean()) or float(size.mean())
    usual = _smooth(size[warm_up - 1 :], start, SLOW)[:-1]
    kept = np.append(size[warm_up - 1], np.minimum(size[warm_up:], CLIP * usual))
    sigma = _smooth(kept, start, 1 - 1 / max(a_day, 30.0))[:-1] * np.sqrt(a_day * np.pi / 2)
    out[warm_up:] = np.where(sigma > 0, sigma, np.inf)
    return out


def _smooth(square: Floats, start: float, keep: float) -> Floats:
    from scipy.signal import lfilter

    made, _ = lfilter([1 - keep], [1, -keep], square, zi=np.array([keep * start]))
    out: Floats = np.asarray(made)
    return out
