"""A run's curves as points in a unit square, thinned to what a screen or a page can show."""

from __future__ import annotations

import math

import numpy as np

from desk.backtest.portfolio import PortfolioRun
from desk.backtest.report import Curve, drawdowns
from desk.paper import Chart
from desk.risk.measures import Vector

POINTS = 600
ROLLING = 252


def wealth_chart(run: Curve, baseline: Curve) -> Chart:
    """Wealth of the run and, behind it, of the baseline, on a logarithmic axis, both from their opening cash."""
    curves = [np.concatenate(([1.0], one.wealth / one.opening)) for one in (run, baseline)]
    logs = [np.log(np.maximum(curve, 1e-6)) for curve in curves]
    low, high = min(float(c.min()) for c in logs), max(float(c.max()) for c in logs)
    return _chart(logs, low, high, f"x{math.exp(low):.2f}", f"x{math.exp(high):.2f}")


def drawdown_chart(run: Curve) -> Chart:
    """How far below its peak wealth stands, 0 at the top; of each stretch of days the deepest."""
    under = -drawdowns(run)
    low = min(float(under.min()), -0.01)
    return _chart([under], low, 0.0, f"{low:.0%}", "0%", deepest=True)


def rolling_chart(run: Curve, periods: int) -> Chart | None:
    """The Sharpe ratio of the last ROLLING returns, with a line at zero; None for a run that is not longer."""
    returns = run.returns
    if returns.size <= ROLLING:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(returns, ROLLING)
    ratios = windows.mean(axis=1) / np.maximum(windows.std(axis=1, ddof=1), 1e-12) * math.sqrt(periods)
    ratios = np.clip(ratios, -10, 10)
    low, high = min(float(ratios.min()), 0.0), max(float(ratios.max()), 0.1)
    return _chart([ratios, np.zeros(2)], low, high, f"{low:.1f}", f"{high:.1f}")


def exposure_chart(run: PortfolioRun) -> Chart:
    """Gross weight and, behind it, net weight."""
    gross, net = np.abs(run.weights).sum(axis=1), run.weights.sum(axis=1)
    low, high = min(float(net.min()), 0.0), max(float(gross.max()), 0.01)
    return _chart([gross, net], low, high, f"{low:.0%}", f"{high:.0%}")


def _chart(
    curves: list[Vector], low: float, high: float, low_name: str, high_name: str, deepest: bool = False
) -> Chart:
    span = max(high - low, 1e-12)
    lines = []
    for curve in curves:
        thin = _thinned(curve, deepest)
        xs = np.linspace(0.0, 1.0, thin.size)
        ys = (thin - low) / span
        lines.append(tuple((round(float(x), 4), round(float(y), 4)) for x, y in zip(xs, ys, strict=True)))
    return Chart(tuple(lines), low_name, high_name)


def _thinned(curve: Vector, deepest: bool) -> Vector:
    """At most POINTS values: of each stretch the least, or its last; the very last one always."""
    if curve.size <= POINTS:
        return curve
    parts = np.array_split(curve, POINTS)
    thin = np.array([part.min() if deepest else part[-1] for part in parts])
    thin[-1] = curve[-1]
    return thin
