from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from desk.errors import InputError
from desk.portfolio.assumptions import COST, MIXES, Mix, read_outlook
from desk.portfolio.plan import LAST_AGE, Goal, simulate
from tests.desk.history_feed import history_feed

GOAL = Goal(41, 60, 300_000, 1_000, 2_000)
MIX, LATER = Mix(0.5, 0.45, 0.039, 0.098, 0.018), Mix(0.2, 0.6, 0.029, 0.061, 0.011)
CERTAIN = Mix(0, 0, COST, 0.0, 0.0)


def test_without_return_or_risk_the_plan_is_plain_arithmetic() -> None:
    plan = simulate(GOAL, CERTAIN, CERTAIN)
    saved, spent = 19 * 12, (LAST_AGE - 60) * 12
    there = 300_000 + 1_000 * saved
    assert plan.middle == pytest.approx(there)
    assert plan.worst == pytest.approx(there)
    assert plan.affordable_income == pytest.approx(there / spent)
    assert plan.needed_saving == pytest.approx((2_000 * spent - 300_000) / saved)
    assert plan.chance == 0.0
    assert plan.worst_until == 60 + int(there / 2_000) // 12


def test_the_needed_saving_gives_the_wanted_chance() -> None:
    short = simulate(replace(GOAL, saving=0.0), MIX, LATER)
    assert short.chance < 0.8
    enough = simulate(replace(GOAL, saving=short.needed_saving), MIX, LATER)
    assert enough.chance == pytest.approx(0.8, abs=0.002)
    assert simulate(replace(GOAL, income=enough.affordable_income), MIX, LATER).chance < enough.chance + 0.2


def test_the_paths_agree_with_the_closed_form_and_never_cross() -> None:
    plan = simulate(GOAL, MIX, LATER)
    assert simulate(GOAL, MIX, LATER) == plan
    at = plan.fan.ages.index(60)
    assert plan.fan.bands["p50"][at] == pytest.approx(plan.middle, rel=1e-3)
    assert plan.fan.bands["p5"][at] == pytest.approx(plan.worst, rel=1e-3)
    levels = np.array([plan.fan.bands[name] for name in ("p5", "p25", "p50", "p75", "p95")])
    assert (np.diff(levels, axis=0) >= 0).all()
    assert plan.fan.ages[0] == 41
    assert plan.fan.ages[-1] == LAST_AGE
    assert plan.worst < plan.middle
    assert plan.cost > 0


def test_more_saving_later_retirement_and_less_income_each_help() -> None:
    chance = simulate(GOAL, MIX, LATER).chance
    for better in (replace(GOAL, saving=2_000), replace(GOAL, retire_at=65), replace(GOAL, income=1_500)):
        assert simulate(better, MIX, LATER).chance > chance


@pytest.mark.parametrize(
    "wrong", [{"age": 12}, {"retire_at": 40}, {"retire_at": 99}, {"saving": -1.0}, {"income": float("nan")}]
)
def test_a_goal_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        simulate(replace(GOAL, **wrong), MIX, LATER)  # type: ignore[arg-type]


def test_the_assumptions_are_sober_and_rise_with_the_band(tmp_path: Path) -> None:
    mixes = [read_outlook(history_feed(tmp_path)).mix(band) for band in sorted(MIXES)]
    assert [mix.mean for mix in mixes] == sorted(mix.mean for mix in mixes)
    assert [mix.deviation for mix in mixes] == sorted(mix.deviation for mix in mixes)
    assert 0.03 < mixes[2].mean < 0.05
    assert 0.14 < mixes[4].deviation < 0.2
