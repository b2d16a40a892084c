"""Working a large order as a task to learn, and the classical schedules on the same days.

The market is the published model by which schedules are previewed (`desk/trading/impact.py`), slice by slice: temporary
impact by the volume that prints in a slice, permanent impact on what follows, and a price that wanders. The simulated
venue renews its book at every look, so it has no impact to learn from. Volume is the house's model: the curve of a
stock's day, and prints of ten seconds with its noise. Costs are basis points of the value at arrival.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.forecast.rl.actions import Gaussian
from desk.instruments import AssetClass
from desk.market.hours import HOURS
from desk.market.volume import BIN_S, TURNOVER, curve_of
from desk.risk.measures import Matrix, Vector
from desk.trading.impact import BPS, Liquidity, linear_impact, market_impact
from desk.trading.slicing import Plan, Urgency, plan_shortfall, plan_twap, plan_vwap

SLICES = 20
OBSERVED = ("left", "time_left", "curve", "printed", "drift", "participation", "sigma", "span")
ACTIONS = ("pace",)
MOST_PACE = 2.0
SIGMAS, SHARES, SPANS = (0.008, 0.04), (0.005, 0.2), (0.1, 1.0)
"""From and to, spread evenly in logarithms: a day's volatility, the order as a share of a day's volume; and of the
day's session that it may take, spread evenly."""
SPREAD, PRICE = 3.0, 100.0
"""Basis points between bid and ask, and USD a share: figures of a large stock."""
SESSION_S = (HOURS[AssetClass.STOCK][1] - HOURS[AssetClass.STOCK][0]) * 60
NOISE = (0.25, 1.75)
"""What a ten-second print is of what the curve expects (`desk/market/volume.py`)."""
LOTS = 1_000_000
"""Classical plans are cut to whole lots; so many make that rounding nothing."""
CLASSICAL = ("twap", "vwap", *(f"shortfall_{urgency}" for urgency in Urgency))


class Days(NamedTuple):
    """Conditions of `m` orders: (m,) the first four, then (m, SLICES).

    `begin` and `span` are shares of the session; `curve` the shares of a day's volume that are expected in the slices,
    `volume` what is printed; `moves` are those of the mid before each slice's middle, as shares of the price.
    """

    sigma: Vector
    share: Vector
    begin: Vector
    span: Vector
    curve: Matrix
    volume: Matrix
    moves: Matrix


def draw_days(rng: np.random.Generator, count: int) -> Days:
    """Orders drawn from the ranges above; the same generator gives the same days to every schedule."""
    sigma, share = (np.exp(rng.uniform(np.log(low), np.log(high), count)) for low, high in (SIGMAS, SHARES))
    span = rng.uniform(*SPANS, count)
    begin = rng.uniform(0, 1, count) * (1 - span)
    model = curve_of(AssetClass.STOCK)
    edges = begin[:, None] + span[:, None] * np.linspace(0, 1, SLICES + 1)
    by = np.vectorize(lambda at: model.by(model.opens + at * SESSION_S))(edges)
    curve: Matrix = np.diff(by, axis=1)
    prints = np.maximum(1.0, span * SESSION_S / SLICES / BIN_S)
    wide = (NOISE[1] - NOISE[0]) / np.sqrt(12 * prints)
    noise = np.clip(1 + wide[:, None] * rng.normal(size=curve.shape), *NOISE)
    steps = np.full(SLICES, 1.0 / SLICES)
    steps[0] /= 2  # from arrival to the first slice's middle
    moves = sigma[:, None] * np.sqrt(span[:, None] * steps) * rng.normal(size=curve.shape)
    return Days(sigma, share, begin, span, curve, curve * noise, moves)


def price_slices(days: Days, parts: Matrix) -> Matrix:
    """(m, SLICES): what each slice of a buy adds to the cost, for shares of the order (m, SLICES) that sum to one."""
    traded = days.share[:, None] * parts
    lasting, passing = market_impact(1.0, 1.0, 1.0)
    sigma = days.sigma[:, None]
    before = np.cumsum(traded, axis=1) - traded / 2
    # `lasting` is the half that one trade pays on average; the price itself moves by twice that
    mid = BPS * np.cumsum(days.moves, axis=1) + 2 * lasting * sigma * before
    temporary = passing * sigma * (traded / days.volume) ** 0.6
    cost: Matrix = parts * (mid + temporary + SPREAD / 2)
    return cost


def plan_classical(days: Days, name: str) -> Matrix:
    """Shares (m, SLICES) of a schedule of `CLASSICAL`, as the desk's own planner cuts it."""
    return np.stack([_plan(days, row, name) for row in range(days.sigma.size)])


def _plan(days: Days, row: int, name: str) -> Vector:
    opens = datetime(2022, 6, 1, tzinfo=UTC) + timedelta(minutes=HOURS[AssetClass.STOCK][0])
    start = opens + timedelta(seconds=float(days.begin[row]) * SESSION_S)
    end = start + timedelta(seconds=float(days.span[row]) * SESSION_S)
    if name == "twap":
        return _shares(plan_twap(LOTS, start, end, SLICES), start, end)
    if name == "vwap":
        return _shares(plan_vwap(LOTS, start, end, SLICES, curve_of(AssetClass.STOCK)), start, end)
    volume = TURNOVER[AssetClass.STOCK] / PRICE
    lot = float(days.share[row]) * volume / LOTS
    market = Liquidity(float(days.sigma[row]), SPREAD / BPS, round(volume / lot), SESSION_S)
    impact = linear_impact(PRICE, market, lot, float(days.span[row]))
    urgency = Urgency(name.removeprefix("shortfall_"))
    return _shares(plan_shortfall(LOTS, start, end, SLICES, urgency, impact), start, end)


def _shares(plan: Plan, start: datetime, end: datetime) -> Vector:
    """A slice that was left out for want of lots is a share of nothing."""
    found = np.zeros(SLICES)
    for each in plan:
        found[int((each.at - start) / (end - start) * SLICES)] += each.lots / LOTS
    return found


class Executing:
    """See `Environment`: an order in `SLICES`; the action is a pace, the logarithm of how many times the volume
    curve's share of what is left is traded now. Zero is the volume-weighted schedule, anew after each slice.

    A step pays what the slice saves in impact against that schedule on the same day, in parts of all that it pays. The
    price's wandering, which no schedule foresees and which costs nothing on average, is left out here and counted in
    judging.
    """

    observed, head = len(OBSERVED), Gaussian(len(ACTIONS))

    def __init__(self, count: int) -> None:
        self.count = count
        self._rng = np.random.default_rng(0)
        self.begin(draw_days(self._rng, count))

    def begin(self, days: Days) -> Matrix:
        """Begins all orders on days that are given, one each; observations (count, observed)."""
        self._days, self._slice, self._calm = days, 0, days._replace(moves=np.zeros_like(days.moves))
        self._even = days.curve / days.curve.sum(axis=1, keepdims=True)
        self._usual = price_slices(self._calm, self._even)
        self._scale = self._usual.sum(axis=1)
        self.parts = np.zeros((self.count, SLICES))
        return self._seen()

    def reset(self, rng: np.random.Generator) -> Matrix:
        """See `Environment`."""
        self._rng = rng
        return self.begin(draw_days(rng, self.count))

    def step(self, actions: Matrix) -> tuple[Matrix, Vector, NDArray[np.bool_]]:
        """See `Environment`. After the last slice `parts` (count, SLICES) are those of new orders."""
        at = self._slice
        left = np.maximum(0.0, 1.0 - self.parts.sum(axis=1))
        self.parts[:, at] = left if at == SLICES - 1 else left * self._due(actions[:, 0])
        paid = (self._usual[:, at] - price_slices(self._calm, self.parts)[:, at]) / self._scale
        self._slice += 1
        over = self._slice == SLICES
        seen = self.begin(draw_days(self._rng, self.count)) if over else self._seen()
        return seen, paid, np.full(self.count, over)

    def _due(self, pace: Vector) -> Vector:
        curve = self._days.curve
        usual = curve[:, self._slice] / curve[:, self._slice :].sum(axis=1)
        due: Vector = np.minimum(1.0, usual * np.exp(np.clip(pace, -MOST_PACE, MOST_PACE)))
        return due

    def _seen(self) -> Matrix:
        days, at = self._days, self._slice
        past = slice(max(0, at - 3), at)
        printed = days.volume[:, past].sum(axis=1) / days.curve[:, past].sum(axis=1) - 1 if at else np.zeros(self.count)
        drift = days.moves[:, :at].sum(axis=1) / (days.sigma * np.sqrt(days.span))
        columns = (
            1.0 - self.parts.sum(axis=1),
            np.full(self.count, 1.0 - at / SLICES),
            np.log(self._even[:, at] * SLICES),
            printed,
            drift,
            np.log(days.share / days.curve.sum(axis=1)),
            np.log(days.sigma),
            days.span,
        )
        return np.stack(columns, axis=1)
