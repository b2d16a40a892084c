"""`tenor bench run plan`: a retirement plan of 10,000 paths over 40 years of months, as the robo-advisor calls it.

`cpu_ms` is the median CPU time of the whole plan: both phases, fan chart, needed saving and affordable income.
Correct when the odds agree with the closed form within one point: a lump alone grows to a log-normal wealth at
retirement, so the share of paths below each quantile of that law must be the quantile's (`worst_points` is the largest
difference, in percentage points).
"""

from __future__ import annotations

import math
import time
from statistics import NormalDist

from bench.report import Report, median
from desk.portfolio.assumptions import COST, Mix
from desk.portfolio.plan import Goal, simulate

PATHS, ROUNDS = 10_000, 9
MIX = Mix(stocks=0.5, bonds=0.45, mean=0.035, deviation=0.11, doubt=0.02)
WHOLE = Goal(age=55, retire_at=65, wealth=250_000, saving=1_000, income=1_500)
LUMP = Goal(age=30, retire_at=70, wealth=100_000, saving=0, income=0)
LEVELS = {"p5": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}


def run() -> Report:
    """See the module."""
    simulate(WHOLE, MIX, MIX, paths=PATHS)
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time_ns()
        simulate(WHOLE, MIX, MIX, paths=PATHS)
        spent.append((time.process_time_ns() - began) / 1e6)
    worst = max(_differences())
    return Report("plan", worst <= 1.0, {"cpu_ms": round(median(spent), 1), "worst_points": round(worst, 3)})


def _differences() -> list[float]:
    """How many percentage points the paths' quantiles of wealth after 40 years are from the law's."""
    fan = simulate(LUMP, MIX, MIX, paths=PATHS).fan
    years = LUMP.retire_at - LUMP.age
    at = fan.ages.index(LUMP.retire_at)
    law = NormalDist(
        math.log(LUMP.wealth) + years * math.log1p(MIX.mean - COST),
        math.sqrt((years * MIX.doubt) ** 2 + years * MIX.deviation**2),
    )
    return [abs(law.cdf(math.log(fan.bands[name][at])) - level) * 100 for name, level in LEVELS.items()]
