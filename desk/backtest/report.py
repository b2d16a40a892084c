"""What a portfolio's backtest came to: measures, by month and by year, and whether to believe it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple, Protocol

import numpy as np

from desk.backtest.portfolio import PortfolioRun
from desk.risk.measures import (
    Vector,
    historical_cvar,
    historical_var,
    max_drawdown,
    sharpe,
    sortino,
    volatility,
)

SUSPECT = 1.5
"""A yearly Sharpe ratio out of sample above this is an error until somebody explains it."""


class Curve(Protocol):
    """Wealth (T,) at the closes of `days`, begun at `opening`; `returns` (T,), the first against the opening."""

    @property
    def days(self) -> tuple[date, ...]:
        """The judged days."""
        ...

    @property
    def opening(self) -> float:
        """Wealth before the first of them."""
        ...

    @property
    def wealth(self) -> Vector:
        """(T,): at each close."""
        ...

    @property
    def returns(self) -> Vector:
        """(T,): simple returns."""
        ...


class Tale(NamedTuple):
    """Of daily returns; shares, not percent. Ratios are None where they are not defined.

    `exposure` is the mean gross weight, `net` the mean weight; `var` and `cvar` are the 99 % losses of a day;
    `worst` is the worst day, `skew` and `kurtosis` (3 for a normal) of daily returns; `turnover` traded value a year
    per mean wealth; `longest` the days from a peak to the next higher one.
    """

    total: float
    yearly: float
    volatility: float
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    drawdown: float
    longest: int
    var: float
    cvar: float
    worst: float
    skew: float
    kurtosis: float
    exposure: float
    net: float
    turnover: float
    trades: int
    costs: float
    borrowed: float
    suspect: bool


def tell(run: PortfolioRun, periods: int) -> Tale:
    """All measures of a run; a run whose wealth was lost is told by what is defined."""
    returns = np.maximum(run.returns[np.isfinite(run.returns)], -1.0)
    moved, fell = bool(returns.std() > 1e-15), bool(returns.min() < 0)
    total = float(run.wealth[-1]) / run.opening - 1.0
    yearly = max(1 + total, 0.0) ** (periods / returns.size) - 1
    drawdown = max_drawdown(returns)
    ratio = sharpe(returns, periods=periods) if moved else None
    scaled = (returns - returns.mean()) / returns.std() if moved else np.zeros_like(returns)
    mean_wealth = float(run.wealth.mean())
    return Tale(
        total=total,
        yearly=yearly,
        volatility=volatility(returns, periods),
        sharpe=ratio,
        sortino=sortino(returns, periods=periods) if moved and fell else None,
        calmar=yearly / drawdown if drawdown > 1e-12 else None,
        drawdown=drawdown,
        longest=_longest(run),
        var=historical_var(returns),
        cvar=historical_cvar(returns),
        worst=float(returns.min()),
        skew=float((scaled**3).mean()),
        kurtosis=float((scaled**4).mean()),
        exposure=float(np.abs(run.weights).sum(axis=1).mean()),
        net=float(run.weights.sum(axis=1).mean()),
        turnover=run.traded / mean_wealth / (returns.size / periods) if mean_wealth > 0 else 0.0,
        trades=run.trades,
        costs=run.costs,
        borrowed=run.borrowed,
        suspect=ratio is not None and ratio > SUSPECT,
    )


def drawdowns(run: Curve) -> Vector:
    """(T,): how far wealth stands below its peak so far, the opening included, as a share of the peak."""
    peaks = np.maximum(np.maximum.accumulate(run.wealth), run.opening)
    return 1.0 - run.wealth / peaks


def by_month(run: Curve) -> dict[tuple[int, int], float]:
    """The return of each calendar month, the first and last as far as they go."""
    before, found = run.opening, {}
    for month, wealth in _month_ends(run):
        found[month] = wealth / before - 1.0
        before = wealth
    return found


def by_year(run: Curve) -> dict[int, float]:
    """The return of each calendar year, the first and last as far as they go."""
    found: dict[int, float] = {}
    for (year, _), value in by_month(run).items():
        found[year] = (1 + found.get(year, 0.0)) * (1 + value) - 1
    return found


def _month_ends(run: Curve) -> Iterator[tuple[tuple[int, int], float]]:
    months = [(day.year, day.month) for day in run.days]
    for row, month in enumerate(months):
        if row + 1 == len(months) or months[row + 1] != month:
            yield month, float(run.wealth[row])


def _longest(run: Curve) -> int:
    """Days under water at a stretch, to the end when it never came back."""
    peak, since, most = run.opening, run.days[0], 0
    last: date = run.days[-1]
    for day, wealth in zip(run.days, run.wealth.tolist(), strict=True):
        if wealth >= peak:
            most, peak, since = max(most, (day - since).days), wealth, day
    return max(most, (last - since).days)
