"""`tenor risk stress | factors | liquidity | backtest`: an account's scenarios, and value at risk judged."""

from __future__ import annotations

import asyncio

from api.commands.seat import Seat
from api.commands.var_judging import judge_var
from api.holder import Outcome
from api.stress_views import FactorsView, LiquidityView, StressView, factors_view, liquidity_view, stress_view
from desk.identity.roles import Action, check_may


async def risk(seat: Seat) -> Outcome:
    """One of the four."""
    args, runtime, person = seat.args, seat.runtime, seat.person()
    if args.verb == "backtest":
        return await judge_var(seat)
    check_may(person, Action.READ_ACCOUNT)
    if args.verb == "stress":
        stressed = await asyncio.to_thread(stress_view, runtime, person, args.account, args.shock)
        return Outcome(0, stressed.model_dump(), _stress_text(stressed))
    if args.verb == "factors":
        moved = await asyncio.to_thread(factors_view, runtime, person, args.account)
        return Outcome(0, moved.model_dump(), _factors_text(moved))
    sold = await asyncio.to_thread(liquidity_view, runtime, person, args.account)
    return Outcome(0, sold.model_dump(), _liquidity_text(sold))


def _stress_text(found: StressView) -> str:
    lines = [f"{found.account}, worth {found.equity:,.2f} {found.currency}: profit or loss in each scenario"]
    for row in found.scenarios:
        share = "" if row.pct is None else f" ({row.pct:+.1f} %)"
        missing = f"; says nothing of {', '.join(row.left_out)}" if row.left_out else ""
        lines.append(f"  {row.pnl:>16,.2f}{share}  {row.name}, {row.kind}, {row.about}{missing}")
    return "\n".join([*lines, *([f"no hypothetical scenarios: {found.lacking}"] if found.lacking else [])])


def _factors_text(found: FactorsView) -> str:
    lines = [f"{found.account}: {found.currency} for a rise of one per cent; {found.explained_pct:.0f} % explained"]
    lines += [
        f"  {row.factor:8} {row.per_percent:>14,.2f}  ± {row.error:,.2f}  ({row.instrument})" for row in found.factors
    ]
    return "\n".join([*lines, *([f"over {found.window}"] if found.window else [])])


def _liquidity_text(found: LiquidityView) -> str:
    lines = [
        f"{found.account}: {found.within_day_pct:.1f} % can be sold within a day at {found.participation_pct:.0f} % of "
        f"turnover, all in {found.days:.2f} days for {found.cost:,.2f} {found.currency}; {found.label}"
    ]
    lines += [
        f"  {row.instrument:16} {row.value:>16,.2f}  {row.days:8.4f} days  {row.cost:>12,.2f}" for row in found.rows
    ]
    return "\n".join(lines)
