"""`tenor risk backtest`: whether one-day value at risk was right, by every method."""

from __future__ import annotations

import asyncio

import numpy as np

from api.commands.seat import Seat
from api.commands.weighing import named_instruments
from api.holder import Outcome
from desk.errors import InputError
from desk.factory import Desk
from desk.identity.roles import Action, check_may
from desk.risk.var_backtest import PASSES, VarBacktest, backtest_var
from desk.risk.var_forecasts import METHODS


async def judge_var(seat: Seat) -> Outcome:
    """Every method on every instrument; the method that passes most often is named the best."""
    check_may(seat.person(), Action.READ_MARKET)
    result = await asyncio.to_thread(
        _judge_all, seat.runtime.desk, seat.args.instruments, seat.args.days, seat.args.level / 100
    )
    return Outcome(0, result, _text(result))


def _judge_all(desk: Desk, names: str, days: int, level: float) -> dict[str, object]:
    if not 0.9 <= level < 1:
        raise InputError(f"a level of {level:.1%} is not between 90 % and 100 %; give --level 99")
    ids = [
        (desk.feed.instruments.find(name) or desk.feed.instruments.get(name)).id
        for name in named_instruments(desk, names)
    ]
    if not ids:
        raise InputError("no instrument was named; give --instruments stocks or ids separated by commas")
    rows: list[dict[str, object]] = []
    passed = dict.fromkeys(METHODS, 0)
    for id in ids:
        closes = np.array([float(bar.close) for bar in desk.feed.bars(id)])
        for method in METHODS:
            found = backtest_var(method, closes[1:] / closes[:-1] - 1, days, level)
            passed[method] += found.passes
            rows.append(_row(id, found))
    return {
        "level_pct": round(level * 100, 3),
        "days": days,
        "rejected_below": PASSES,
        "instruments": len(ids),
        "passed": passed,
        "best": max(passed, key=lambda method: passed[method]),
        "rows": rows,
    }


def _row(id: str, found: VarBacktest) -> dict[str, object]:
    return {
        "instrument": id,
        "method": found.method,
        "breaches": found.breaches,
        "expected": round(found.expected, 1),
        "kupiec_p": round(found.kupiec, 4),
        "independence_p": None if found.independence is None else round(found.independence, 4),
        "conditional_p": None if found.both is None else round(found.both, 4),
        "mean_var_pct": round(found.mean_var * 100, 3),
        "worst_beyond_pct": round(found.worst * 100, 3),
        "passes": found.passes,
    }


def _text(result: dict[str, object]) -> str:
    passed = result["passed"]
    assert isinstance(passed, dict)
    lines = [f"value at risk {result['level_pct']} %, {result['days']} days, {result['instruments']} instruments:"]
    lines += [f"  {METHODS[name][0]:34} passes Kupiec for {count}" for name, count in passed.items()]
    return "\n".join(lines)
