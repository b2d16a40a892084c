"""Abnormal price moves: a return far beyond the instrument's own volatility, with no event known.

The volatility of a bar is that of the bars before it; a gap in time (a night, a weekend, a halt) widens it by the
square root of its length, up to four times. Where at least five instruments have the bar, the move that the median of
them made, in standard deviations, is taken off when it is large: a crash of the market is no one's abuse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from desk.fraud.abuse.limits import DAY, STANDARD, Limits
from desk.fraud.abuse.records import Bars, Evidence, MarketAlert, build_alert
from desk.fraud.abuse.volatility import day_volatility, returns_of, volatility
from desk.fraud.graph import Floats

Known = Mapping[str, Collection[int]]
"""By instrument the days (since 1970) with results, dividends, splits or other news."""


def find_moves(series: Sequence[Bars], known: Known | None = None, limits: Limits = STANDARD) -> list[MarketAlert]:
    """One alert a bar that no known event explains; an event explains its own day and the next."""
    scores = [surprises(bars, limits) for bars in series]
    common = _common(series, scores, limits)
    found = []
    for bars, own in zip(series, scores, strict=True):
        shared = np.array([common.get(at, 0.0) for at in bars.at.tolist()])
        left = own - shared
        returns = returns_of(bars.close)
        large = np.abs(returns) >= limits.move_days * day_volatility(returns, bars.at, limits.warm_up)
        days = (known or {}).get(bars.instrument, ())
        for row in np.flatnonzero(large & (np.abs(left) >= limits.move_z)).tolist():
            day = int(bars.at[row] // DAY)
            if day in days or day - 1 in days:
                continue
            rules = ("against_own_volatility", *(("against_the_market",) if shared[row] else ()))
            found.append(_alert(bars, row, float(left[row]), rules, limits))
    return found


def surprises(bars: Bars, limits: Limits = STANDARD) -> Floats:
    """Each bar's return in standard deviations expected of it, shape (n,); 0 in the warm-up."""
    returns = returns_of(bars.close)
    sigma = volatility(returns, limits.decay, limits.calm, limits.warm_up)
    steps = np.diff(bars.at, prepend=bars.at[:1])
    usual = float(np.median(steps[1:])) if len(steps) > 1 else 1.0
    stretch = np.clip(steps / max(usual, 1e-9), 1.0, limits.gap_most**2)
    out: Floats = returns / (sigma * np.sqrt(stretch))
    return out


def _common(series: Sequence[Bars], scores: Sequence[Floats], limits: Limits) -> dict[float, float]:
    if len(series) < limits.market_least:
        return {}
    at_once: dict[float, list[float]] = defaultdict(list)
    for bars, own in zip(series, scores, strict=True):
        for at, score in zip(bars.at.tolist(), own.tolist(), strict=True):
            at_once[at].append(score)
    medians = {at: float(np.median(each)) for at, each in at_once.items() if len(each) >= limits.market_least}
    return {at: middle for at, middle in medians.items() if abs(middle) >= limits.market_z}


def _alert(bars: Bars, row: int, z: float, rules: Sequence[str], limits: Limits) -> MarketAlert:
    volume = float(bars.volume[row])
    shown = None if np.isnan(volume) else volume
    lines = [
        Evidence("before", str(row - 1), "", float(bars.at[row - 1]), float(bars.close[row - 1]), None),
        Evidence("after", str(row), "", float(bars.at[row]), float(bars.close[row]), shown),
    ]
    moved = float(bars.close[row] / bars.close[row - 1] - 1)
    figures = {"z": round(z, 1), "return": round(moved, 4)}
    amount, known = abs(moved) * float(bars.close[row - 1]), float(bars.at[row])
    strength = abs(z) / limits.move_z
    return build_alert("abnormal_move", bars.instrument, lines, rules, strength, amount, known, figures)
