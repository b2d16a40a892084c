from __future__ import annotations

import numpy as np
import pytest

from desk.backtest.executing import (
    CLASSICAL,
    OBSERVED,
    SLICES,
    SPREAD,
    Executing,
    draw_days,
    plan_classical,
    price_slices,
)
from desk.backtest.verdict import read_executed
from desk.backtest.worked import WEIGHTS, load_executing, work_orders
from desk.forecast.rl.ppo import Learner, Moments, Policy
from desk.forecast.rl.shelf import Shelf, pack, unpack
from desk.trading.impact import market_impact
from evals.research.executions import COUNT, JUDGING, LEARNED, ORDERS, SEEDS, SETTINGS, code_hash

DAYS = draw_days(np.random.default_rng(6), 300)
CALM = DAYS._replace(moves=np.zeros_like(DAYS.moves), volume=DAYS.curve)
IDLE = Shelf(("idle",), ((Policy((8, 1), np.zeros(9), Moments(np.zeros(8), np.ones(8), np.ones(1))),),), {})


def test_the_volume_weighted_schedule_costs_what_the_published_model_says() -> None:
    costs = price_slices(CALM, plan_classical(CALM, "vwap")).sum(axis=1)
    for row in range(0, 300, 17):
        parts = market_impact(DAYS.sigma[row], DAYS.share[row], DAYS.curve[row].sum())
        assert costs[row] == pytest.approx(sum(parts) + SPREAD / 2, rel=1e-4)


def test_days_are_the_seeds_and_prints_are_near_the_curve() -> None:
    again = draw_days(np.random.default_rng(6), 300)
    assert all(one.tobytes() == other.tobytes() for one, other in zip(again, DAYS, strict=True))
    ratio = DAYS.volume / DAYS.curve
    assert ratio.mean() == pytest.approx(1.0, abs=0.01)
    assert 0.01 < ratio.std() < 0.1
    assert (DAYS.begin + DAYS.span <= 1.0).all()
    whole = draw_days(np.random.default_rng(1), 2_000)
    scaled = whole.moves.sum(axis=1) / whole.sigma / np.sqrt(whole.span * (SLICES - 0.5) / SLICES)
    assert scaled.std() == pytest.approx(1.0, abs=0.06)


def test_classical_schedules_are_whole_and_urgency_is_early_and_dear() -> None:
    parts = {name: plan_classical(CALM, name) for name in CLASSICAL}
    for each in parts.values():
        assert each.shape == (300, SLICES)
        assert each.sum(axis=1) == pytest.approx(np.ones(300))
        assert each.min() >= 0
    assert parts["twap"] == pytest.approx(np.full((300, SLICES), 1 / SLICES), abs=2e-6)
    first = [parts[f"shortfall_{urgency}"][:, 0].mean() for urgency in ("low", "medium", "high")]
    costs = [price_slices(CALM, parts[f"shortfall_{u}"]).sum(axis=1).mean() for u in ("low", "medium", "high")]
    assert first == sorted(first)
    assert costs == sorted(costs)


def test_a_pace_of_nothing_is_the_volume_weighted_schedule_and_pays_nothing() -> None:
    assert work_orders(IDLE, DAYS) == pytest.approx(DAYS.curve / DAYS.curve.sum(axis=1, keepdims=True))
    world = Executing(16)
    seen = world.reset(np.random.default_rng(2))
    assert seen.shape == (16, len(OBSERVED))
    for step in range(2 * SLICES):
        _, paid, done = world.step(np.zeros((16, 1)))
        assert paid == pytest.approx(np.zeros(16), abs=1e-9)
        assert done.all() == ((step + 1) % SLICES == 0)


def test_what_steps_pay_is_the_cost_saved() -> None:
    world, dice = Executing(300), np.random.default_rng(3)
    world.begin(DAYS)
    paid, paces = np.zeros(300), dice.normal(size=(SLICES, 300, 1))
    for at in range(SLICES - 1):
        paid += world.step(paces[at])[1]
    parts = world.parts.copy()
    parts[:, -1] = np.maximum(0.0, 1 - parts.sum(axis=1))
    paid += world.step(paces[-1])[1]
    flat = DAYS._replace(moves=np.zeros_like(DAYS.moves))
    usual, ours = (
        price_slices(flat, each).sum(axis=1) for each in (DAYS.curve / DAYS.curve.sum(1, keepdims=True), parts)
    )
    assert paid == pytest.approx((usual - ours) / usual)
    assert (paid < 0).all()


def test_the_policy_does_not_know_what_will_print_or_move() -> None:
    shelf, known = load_executing(), work_orders(load_executing(), DAYS)
    for at in (0, 1, 7, SLICES - 1):
        moves, volume = DAYS.moves.copy(), DAYS.volume.copy()
        moves[:, at:], volume[:, at:] = 0.3, volume[:, at:] * 0.3
        other = work_orders(shelf, DAYS._replace(moves=moves, volume=volume))
        assert other[:, : at + 1].tobytes() == known[:, : at + 1].tobytes()
    assert known.sum(axis=1) == pytest.approx(np.ones(300))


def test_the_shipped_policies_are_those_of_their_record_and_code() -> None:
    shelf = load_executing()
    assert shelf.about["code"] == code_hash()
    assert [len(group) for group in shelf.groups] == [len(SEEDS)]
    assert pack(unpack(pack(shelf), {})) == WEIGHTS.read_bytes()
    short = SETTINGS._replace(rounds=1, updates=2)
    told = [Learner(Executing(COUNT), short, 1).learn().theta.tobytes() for _ in range(2)]
    assert told[0] == told[1]


def test_the_record_tells_what_unseen_orders_cost() -> None:
    """Learned and volume-weighted on the record's own days again, and the rule by which it is used."""
    told, days = read_executed(), draw_days(np.random.default_rng(JUDGING), ORDERS)
    ours = price_slices(days, work_orders(load_executing(), days)).sum(axis=1)
    assert told.mean_bps[LEARNED] == pytest.approx(ours.mean(), abs=1e-3)
    theirs = price_slices(days, plan_classical(days, "vwap")).sum(axis=1)
    assert told.against["vwap"].estimate == pytest.approx((ours - theirs).mean(), abs=1e-3)
    assert set(told.against) == set(CLASSICAL)
    assert told.used == (told.against[told.best].high <= 0)
