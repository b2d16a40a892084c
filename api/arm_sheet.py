"""A study of one arm that learns or reads more than closes: on one instrument, through a private gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from api.backtest_sheet import sharpe_row
from desk.backtest.charts import drawdown_chart, rolling_chart, wealth_chart
from desk.backtest.deflated import Deflated, deflate
from desk.backtest.engine import Run
from desk.backtest.report import SUSPECT, by_month, by_year
from desk.backtest.tearsheet import Figure, Row, Sheet
from desk.experiments.arms import ARMS, BASELINE, Arm
from desk.experiments.closes import Closes
from desk.experiments.forecasters import gate_venue, run_arm, sees_ahead
from desk.experiments.selection import LEAST_DAYS, Difference, select
from desk.forecast.registry import Registry
from desk.risk.measures import Vector
from tools.experiments import measures_body

_SHARES = ("total", "yearly", "volatility", "drawdown")
_RATIOS = ("sortino", "turnover")


class WealthCurve(NamedTuple):
    """Wealth at the close of each day; see `desk.backtest.report.Curve`."""

    days: tuple[date, ...]
    opening: float
    wealth: Vector

    @property
    def returns(self) -> Vector:
        """The first is nothing: no decision trades before the second close."""
        before = np.concatenate(([self.opening], self.wealth[:-1]))
        return self.wealth / before - 1.0


@dataclass(frozen=True)
class ArmStudy:
    """One arm and the baseline over the same days. `gate`: how many orders it clamped and refused, None without one."""

    closes: Closes
    arm: Arm
    run: Run
    base: Run
    difference: Difference | None
    deflated: Deflated | None
    gate: tuple[int, int] | None
    lookahead: bool

    def curves(self) -> tuple[WealthCurve, WealthCurve]:
        """The arm's and the baseline's."""
        days = tuple(self.closes.days[-self.closes.window :])
        return WealthCurve(days, self.closes.cash, self.run.wealth), WealthCurve(
            days, self.closes.cash, self.base.wealth
        )


def study_arm(closes: Closes, arm: Arm, models: Registry, progress: Callable[[str], None] = lambda _: None) -> ArmStudy:
    """Runs the arm through the gate, beside the baseline, and looks whether it sees ahead."""
    progress("backtest")
    venue = gate_venue(closes, arm)
    run = run_arm(closes, arm, models, venue)
    progress("baseline")
    held = ARMS[BASELINE]
    base = run_arm(closes, held, models, gate_venue(closes, held))
    progress("proof")
    ahead = sees_ahead(closes, arm, models)
    progress("intervals")
    versus = None
    if arm.name != BASELINE and run.returns.size >= LEAST_DAYS:
        pair = {BASELINE: base.returns, arm.name: run.returns}
        versus = select(BASELINE, pair, trials=len(ARMS) - 1, periods=closes.periods).differences[0]
    moved = run.returns.size >= 30 and bool(run.returns.std() > 1e-15)
    deflated = deflate(run.returns, [0.0], closes.periods) if moved else None
    gate = None if venue is None else (venue.clamped, venue.refused)
    return ArmStudy(closes, arm, run, base, versus, deflated, gate, ahead)


def arm_body(study: ArmStudy) -> dict[str, object]:
    """The object of `tenor backtest --json`."""
    closes, versus, judged = study.closes, study.difference, study.deflated
    days = closes.days[-closes.window :]
    return {
        "strategy": study.arm.title,
        "instrument": closes.instrument.id,
        "start": days[0].isoformat(),
        "end": days[-1].isoformat(),
        "days": len(days),
        "currency": closes.instrument.currency,
        "opening_cash": round(closes.cash, 2),
        "final_wealth": round(float(study.run.wealth[-1]), 2),
        **measures_body(study.run.measures),
        "baseline": {"strategy": ARMS[BASELINE].title, **measures_body(study.base.measures)},
        "sharpe_difference": None
        if versus is None
        else {"estimate": round(versus.estimate, 3), "low": round(versus.low, 3), "high": round(versus.high, 3)},
        "beats_baseline": bool(versus and versus.beats),
        "sharpe_judged": None
        if judged is None
        else {name: round(value, 4) for name, value in judged._asdict().items()},
        "gate": None if study.gate is None else {"clamped": study.gate[0], "refused": study.gate[1]},
        "lookahead": study.lookahead,
        "label": closes.instrument.label,
    }


def arm_warnings(study: ArmStudy) -> list[str]:
    """What a reader must know before any figure."""
    ratio, found = study.run.measures.sharpe, list[str]()
    if study.lookahead:
        found.append("looks ahead: what comes later changes what was decided before; do not trust it")
    if ratio is not None and ratio > SUSPECT:
        found.append(f"a Sharpe ratio of {ratio:.2f} is above {SUSPECT}: treat as a bug until explained")
    if study.gate and study.gate[1]:
        found.append(f"the gate refused {study.gate[1]} of the orders; the run went on without them")
    return found


def arm_text(study: ArmStudy) -> str:
    """A few lines for a person."""
    closes, measures, versus, judged = study.closes, study.run.measures, study.difference, study.deflated
    days = closes.days[-closes.window :]
    lines = [
        f"{study.arm.title} on {closes.instrument.id}, {days[0]} to {days[-1]}, traded at the next close",
        f"  {closes.cash:,.2f} -> {float(study.run.wealth[-1]):,.2f} {closes.instrument.currency} "
        f"({measures.yearly:.2%} a year)",
        f"  drawdown {measures.drawdown:.2%}, turnover {measures.turnover:.2f} a year, {measures.trades:,} trades, "
        f"costs {measures.costs:,.2f}",
    ]
    if judged is not None:
        lines.append(f"  Sharpe {judged.sharpe:.2f} ({judged.low:.2f} to {judged.high:.2f})")
    if versus is not None:
        verdict = "beats" if versus.beats else "does not beat"
        lines.append(
            f"  {verdict} buy and hold: Sharpe difference {versus.estimate:.2f} ({versus.low:.2f} to {versus.high:.2f})"
        )
    lines += [f"  WARNING: {line}" for line in arm_warnings(study)]
    lines += [] if study.lookahead else ["  no look-ahead found"]
    return "\n".join([*lines, f"  prices: {closes.instrument.label}"])


def arm_sheet(study: ArmStudy) -> Sheet:
    """The tear sheet."""
    (run, base), closes = study.curves(), study.closes
    start, end = run.days[0].isoformat(), run.days[-1].isoformat()
    charts = [
        ("Wealth, logarithmic", ("strategy", "buy and hold"), wealth_chart(run, base)),
        ("Fall from the peak", ("strategy",), drawdown_chart(run)),
    ]
    rolling = rolling_chart(run, closes.periods)
    if rolling:
        charts.append(("Sharpe ratio of the last 252 days", ("strategy", "zero"), rolling))
    return Sheet(
        title=f"{study.arm.title} on {closes.instrument.id}, {start} to {end}",
        about=tuple(line.strip() for line in arm_text(study).split("\n") if "WARNING" not in line),
        warnings=tuple(arm_warnings(study)),
        rows=tuple(_rows(study)),
        figures=tuple(Figure(title, names, chart, start, end) for title, names, chart in charts),
        months=by_month(run),
        years=by_year(run),
        notes=(
            "Decided after one close, traded at the next, in whole lots.",
            f"Commission {closes.costs.commission_bps:g} bp; half spread and slippage "
            f"{closes.costs.half_spread_bps:g} bp.",
            "Cash earns nothing; taxes are left out.",
            "Companies are today's survivors: compare only with others on the same names.",
        ),
    )


def _rows(study: ArmStudy) -> list[Row]:
    mine, other = study.run.measures, study.base.measures
    rows = [Row(name, f"{getattr(mine, name):.2%}", f"{getattr(other, name):.2%}") for name in _SHARES]
    rows.append(sharpe_row(study.run.returns, study.base.returns, study.closes.periods))
    rows += [Row(name, _shown(getattr(mine, name)), _shown(getattr(other, name))) for name in _RATIOS]
    rows.append(Row("trades", f"{mine.trades:,}", f"{other.trades:,}"))
    rows.append(Row("costs", f"{mine.costs:,.2f}", f"{other.costs:,.2f}"))
    return rows


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
