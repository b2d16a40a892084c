"""`tenor backtest` of an arm that learns or reads more than closes: on one instrument, through a private gate."""

from __future__ import annotations

import asyncio

from api.commands.seat import Seat
from api.holder import Outcome
from desk.experiments.arms import ARMS, BASELINE, Arm
from desk.experiments.closes import Closes
from desk.experiments.forecasters import gate_venue, run_arm, sees_ahead
from desk.experiments.selection import select
from desk.forecast.registry import Registry
from tools.experiments import measures_body, open_models, read_surroundings


async def backtest_arm(seat: Seat, arm: Arm, instrument: str) -> Outcome:
    """The exit code is 1 when the strategy was caught looking ahead."""
    desk = seat.runtime.desk
    closes = read_surroundings(desk, instrument, seat.args.years)
    result = await asyncio.to_thread(_study, closes, arm, open_models(desk))
    return Outcome(1 if result["lookahead"] else 0, result, _text(result))


def _study(closes: Closes, arm: Arm, models: Registry) -> dict[str, object]:
    venue = gate_venue(closes, arm)
    run = run_arm(closes, arm, models, venue)
    held = ARMS[BASELINE]
    base = run_arm(closes, held, models, gate_venue(closes, held))
    versus = None
    if arm.name != BASELINE:
        pair = {BASELINE: base.returns, arm.name: run.returns}
        versus = select(BASELINE, pair, trials=len(ARMS) - 1, periods=closes.periods).differences[0]
    days = closes.days[-closes.window :]
    return {
        "strategy": arm.title,
        "instrument": closes.instrument.id,
        "start": days[0].isoformat(),
        "end": days[-1].isoformat(),
        "days": len(days),
        "currency": closes.instrument.currency,
        "opening_cash": round(closes.cash, 2),
        "final_wealth": round(float(run.wealth[-1]), 2),
        **measures_body(run.measures),
        "baseline": {"strategy": held.title, **measures_body(base.measures)},
        "sharpe_difference": None
        if versus is None
        else {"estimate": round(versus.estimate, 3), "low": round(versus.low, 3), "high": round(versus.high, 3)},
        "beats_baseline": bool(versus and versus.beats),
        "gate": None if venue is None else {"clamped": venue.clamped, "refused": venue.refused},
        "lookahead": sees_ahead(closes, arm, models),
        "label": closes.instrument.label,
    }


def _text(result: dict[str, object]) -> str:
    difference = result["sharpe_difference"]
    lines = [
        f"{result['strategy']} on {result['instrument']}, {result['start']} to {result['end']}, "
        "traded at the next close",
        f"  {result['opening_cash']:,} -> {result['final_wealth']:,} {result['currency']} "
        f"({result['yearly_pct']} % a year, Sharpe {result['sharpe']}, Sortino {result['sortino']})",
        f"  drawdown {result['drawdown_pct']} %, turnover {result['turnover']} a year, {result['trades']} trades, "
        f"costs {result['costs']:,}",
    ]
    if isinstance(difference, dict):
        verdict = "beats" if result["beats_baseline"] else "does not beat"
        lines.append(
            f"  {verdict} buy and hold: Sharpe difference {difference['estimate']} "
            f"({difference['low']} to {difference['high']})"
        )
    lines.append("  LOOKS AHEAD: do not trust it" if result["lookahead"] else "  no look-ahead found")
    return "\n".join([*lines, f"  prices: {result['label']}"])
