"""Pumps planted into real bars: a rise, a dump, volume, messages and accounts, and news that only looks like it.

Sizes follow what was seen, not what a rule asks: over days 30 to 200 % for a share that moves 2.5 % a day (campaigns
in small shares), scaled with the instrument's own volatility; over minutes 2 to 10 usual days of movement (La Morgia
et al. 2020 for pumps told in channels). The twin is news: the same rise with volume and messages, which stays.
Bundled days print no volume: there it is drawn, lognormal, larger on days that move (Karpoff 1987). Messages come in
clumps and follow moves too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np

from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.pump import Around
from desk.fraud.abuse.records import Bars, OrderEvent, Post, Side
from desk.fraud.graph import Floats

Known = Literal["all", "volume", "price"]
"""What is known beside prices: volume, messages and accounts; volume; nothing."""
FIRST, APART = 150, 60
"""Bars before the first plant, and between any two."""
POOL = 300
"""Accounts of ordinary trading."""


@dataclass(frozen=True)
class Planted:
    """Rows of the base, the peak and the end of one pump."""

    base: int
    peak: int
    end: int


@dataclass(frozen=True)
class PumpWorld:
    """What a rule is given, and the truth. `years` is the time that the bars span."""

    bars: Bars
    around: Around
    pumps: tuple[Planted, ...]
    twins: tuple[Planted, ...]

    @property
    def years(self) -> float:
        """Years from the first bar to the last."""
        return float(self.bars.at[-1] - self.bars.at[0]) / (365.25 * DAY)


@dataclass
class _Draft:
    """A world while it is drawn: the path is added to the logarithms of prices, `busy` multiplies volume."""

    bars: Bars
    dice: np.random.Generator
    path: Floats
    busy: Floats
    posts: list[Post]
    fills: list[OrderEvent]


def plant_pumps(bars: Bars, seed: int, count: int, known: Known, hours: Sequence[tuple[int, int]] = ()) -> PumpWorld:
    """A world of `count` pumps and as many twins where they fit. `hours`: hour and minute at which pumps may begin."""
    dice = np.random.default_rng(seed)
    n = len(bars)
    draft = _Draft(bars, dice, np.zeros(n), np.ones(n), [], [])
    step = float(np.median(np.diff(bars.at)))
    moves = np.abs(np.diff(np.log(bars.close), prepend=np.log(bars.close[:1])))
    restless = moves / max(float(np.median(moves[moves > 0])), 1e-12)
    _live(draft, restless, step)
    spots = _spots(bars, dice, 2 * count, hours if step < DAY / 2 else ())
    longest = 9 if step >= DAY / 2 else 16
    made = [_plant(draft, base, int(dice.integers(1, longest)), step, n % 2 == 0) for n, base in enumerate(spots)]
    path = np.exp(draft.path)
    volume = bars.volume
    if not np.isfinite(volume).any():
        volume = dice.lognormal(13, 0.4, n) * (1 + 0.5 * np.minimum(restless, 10))
    volume = volume * draft.busy if known != "price" else np.full(n, np.nan)
    moved = Bars(bars.instrument, bars.at, bars.high * path, bars.low * path, bars.close * path, volume)
    around = Around(sorted(draft.posts, key=lambda p: p.at), sorted(draft.fills, key=lambda f: f.at))
    pumps, twins = tuple(made[::2]), tuple(made[1::2])
    return PumpWorld(moved, around if known == "all" else Around(), pumps, twins)


def _spots(bars: Bars, dice: np.random.Generator, count: int, hours: Sequence[tuple[int, int]]) -> list[int]:
    """Rows apart from each other; at given hours where there are any."""
    rows = np.arange(FIRST, len(bars) - APART)
    if hours:
        wanted = set(hours)
        moments = (datetime.fromtimestamp(at, UTC) for at in bars.at[rows].tolist())
        rows = rows[[(moment.hour, moment.minute) in wanted for moment in moments]]
    spots: list[int] = []
    for row in dice.permutation(rows).tolist():
        if len(spots) < count and all(abs(row - other) >= APART for other in spots):
            spots.append(row)
    return spots


def _plant(draft: _Draft, base: int, rise: int, step: float, pumped: bool) -> Planted:
    """Writes one pump, or its twin that stays."""
    dice, bars = draft.dice, draft.bars
    peak = base + rise
    fall = int(dice.integers(1, rise + 3))
    end = peak + fall
    moves = np.diff(np.log(bars.close[max(0, base - 1_440) : base + 1]))
    usual = float(np.sqrt((moves**2).mean()))
    if step >= DAY / 2:
        top = float(np.log1p(dice.uniform(0.3, 2.0))) * usual / 0.025
    else:
        top = float(dice.uniform(2.0, 10.0)) * usual * np.sqrt(DAY / step)
    draft.path[base + 1 : peak + 1] += top * np.append(np.sort(dice.beta(2, 2, rise - 1)), 1.0)
    left = top * float(dice.uniform(-0.1, 0.4)) if pumped else top * float(dice.uniform(0.85, 1.1))
    way = np.linspace(0, 1, fall + 1)[1:] ** 0.7
    draft.path[peak + 1 : end + 1] += top + (left - top) * way
    draft.path[end + 1 :] += left
    draft.busy[base + 1 : end + 1] *= dice.uniform(3, 15) * dice.lognormal(0, 0.3, end - base)
    start, top_at = float(bars.at[base]), float(bars.at[peak])
    told = dice.uniform(start, top_at, int(dice.integers(30, 300)))
    draft.posts += [Post(bars.instrument, float(at)) for at in told]
    _crowd(draft, base, peak, end, pumped)
    return Planted(base, peak, end)


def _crowd(draft: _Draft, base: int, peak: int, end: int, pumped: bool) -> None:
    """Followers who buy into the rise and keep it, and those who made it, who do not."""
    at, dice = draft.bars.at, draft.dice
    start, top, last = (float(at[row]) for row in (base, peak, end))
    for n in range(int(dice.integers(5, 20))):
        _fill(draft, f"f{base}-{n}", "buy", float(dice.uniform(start, last)), float(dice.lognormal(0, 0.7)))
    for n in range(int(dice.integers(4, 12)) if pumped else 0):
        units = float(dice.lognormal(1.5, 0.4))
        _fill(draft, f"p{base}-{n}", "buy", float(dice.uniform(start, start + 0.8 * (top - start))), units)
        _fill(draft, f"p{base}-{n}", "sell", float(dice.uniform(top, top + 0.6 * (last - top))), units)


def _live(draft: _Draft, restless: Floats, step: float) -> None:
    """What is said and traded anyway: clumps of messages, more when the price moves; accounts of a pool."""
    dice, bars = draft.dice, draft.bars
    rate = 2.0 * min(step / DAY * 30, 1.0)
    counts = dice.poisson(rate * dice.gamma(1.5, 1 / 1.5, len(bars)) * (1 + 0.5 * np.minimum(restless, 20)))
    for row in np.flatnonzero(counts).tolist():
        at = bars.at[row] - step * dice.random(int(counts[row]))
        draft.posts += [Post(bars.instrument, float(each)) for each in at]
    for row in np.flatnonzero(dice.random(len(bars)) < 0.5).tolist():
        side: Side = "buy" if dice.random() < 0.5 else "sell"
        _fill(draft, f"c{dice.integers(POOL)}", side, float(bars.at[row]), float(dice.lognormal(0, 0.7)))


def _fill(draft: _Draft, account: str, side: Side, at: float, units: float) -> None:
    number = f"{account}-{len(draft.fills)}"
    draft.fills.append(OrderEvent(number, account, draft.bars.instrument, side, "fill", at, units))
