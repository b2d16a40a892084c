"""The made-up path of a price through one real day: from the previous close to the close.

A Brownian bridge on log prices (Glasserman 2003, §3.1), seeded by instrument and day, so that
every process draws the same path. Where the day's range is known the path stays inside it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

POINTS = 23_401
"""Points of a path: one a second of a stock session, both ends included."""

_INTRADAY_SHARE = 0.7
"""Share of the daily volatility that the bridge itself swings."""


@dataclass(frozen=True)
class PathDay:
    """What is known of the day: closes (float), recent closes for the volatility, the range if any."""

    instrument: str
    day: date
    previous: float
    close: float
    recent: NDArray[np.float64]
    low: float | None = None
    high: float | None = None


def draw_path(day: PathDay, tick: float) -> NDArray[np.int64]:
    """Prices in whole ticks, shape (POINTS,); the first is the previous close, the last the close."""
    import numpy as np

    digest = hashlib.sha256(f"{day.instrument} {day.day.isoformat()}".encode()).digest()
    random = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "big")))
    returns = np.diff(np.log(day.recent))
    volatility = float(returns.std()) if len(returns) > 1 else 0.01
    steps = random.standard_normal(POINTS - 1) * (volatility * _INTRADAY_SHARE / np.sqrt(POINTS - 1))
    walk = np.concatenate(([0.0], steps.cumsum()))
    line = np.linspace(0.0, 1.0, POINTS)
    path = np.log(day.previous) + walk + line * (np.log(day.close / day.previous) - walk[-1])
    prices = np.exp(path)
    if day.low is not None and day.high is not None:
        prices = np.clip(prices, min(day.low, day.close), max(day.high, day.close))
    ticks: NDArray[np.int64] = np.maximum(np.rint(prices / tick), 1).astype(np.int64)
    return ticks
