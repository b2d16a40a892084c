from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from desk.backtest.balancing import (
    EPISODE,
    MONTH,
    OBSERVED,
    TRAITS,
    YEAR,
    Balancing,
    follow,
    look,
    observe,
    weigh,
)
from desk.backtest.learned import WEIGHTS, follow_policy, load_balancing
from desk.backtest.lookahead import POISONS, find_leak, poison_after
from desk.backtest.market import Market, filled, mend_market
from desk.backtest.portfolio import Seen, run_portfolio
from desk.backtest.venues import CostlyVenue
from desk.backtest.verdict import read_balanced
from desk.errors import DataError
from desk.forecast.registry import hash_arrays
from desk.forecast.rl.ppo import Learner, Settings, judge
from desk.forecast.rl.shelf import Shelf, load_shelf, pack, unpack
from evals.research.policies import CUTOFFS, LEARNED, RIVALS, SEEDS, code_hash, judge_window, read_market
from evals.research.tasks import BALANCING

DICE = np.random.default_rng(4)
STILL = np.array([[1.0, 0.0, 0.0, 0.0, 0.0]])
EVEN, CALM = np.zeros((1, 5)), np.array([[0.0, 0.0, 0.0, 1.0, 0.0]])


@pytest.fixture(scope="module")
def market() -> Market:
    return read_market()


@pytest.fixture(scope="module")
def closes(market: Market) -> np.ndarray:
    return filled(market.closes)[4000:5500]


def test_loadings_mean_what_they_say(closes) -> None:
    found = look(closes[: YEAR + 1])
    held = np.array([0.3, 0.2, *[0.5 / 18] * 18])[None]
    assert weigh(EVEN, found.traits[None], held)[0] == pytest.approx(np.full(20, 0.05))
    assert weigh(STILL, found.traits[None], held) == pytest.approx(held)
    sigma = np.diff(np.log(closes[: YEAR + 1]), axis=0)[-63:].std(axis=0)
    inverse = weigh(CALM, found.traits[None], held)[0]
    assert inverse * sigma == pytest.approx(np.full(20, float((inverse * sigma).mean())), rel=1e-9)
    winner = weigh(np.array([[0, 2.0, 0, 0, 0]]), found.traits[None], held)[0].argmax()
    assert winner == np.argmax(closes[YEAR - MONTH] / closes[0])
    assert weigh(100 * EVEN + 50, found.traits[None], held) == pytest.approx(weigh(EVEN + 2, found.traits[None], held))
    assert observe(found.state[None], held).shape == (1, len(OBSERVED))


def test_a_look_is_of_its_closes_alone_and_of_any_number_of_names(closes) -> None:
    found, scaled = look(closes[: YEAR + 1]), look(closes[: YEAR + 1] * DICE.uniform(0.1, 9, 20))
    assert scaled.traits == pytest.approx(found.traits)
    assert scaled.state == pytest.approx(found.state)
    order = DICE.permutation(20)
    assert look(closes[: YEAR + 1][:, order]).traits == pytest.approx(found.traits[order])
    assert look(closes[: YEAR + 1, :2]).traits.shape == (2, len(TRAITS) - 1)
    flat = look(np.full((YEAR + 1, 3), 7.0))
    assert np.isfinite(flat.traits).all()
    assert np.isfinite(flat.state).all()


def test_what_a_step_pays_is_what_the_backtest_says(market) -> None:
    """Inverse volatility each month over two years: the environment's growth is the backtest's within whole shares."""
    cut = market.cut(slice(4000, 4000 + YEAR + EPISODE * MONTH + 2))
    world = Balancing(filled(cut.closes), 1)
    seen = world.reset(np.random.default_rng(0))
    assert seen.shape == (1, len(OBSERVED))
    growth = []
    for _ in range(EPISODE):
        begun = world.wealth.copy()
        _, _, done = world.step(CALM)
        growth.append(world.wealth / begun if not done.any() else np.full(1, np.nan))
    row = YEAR

    def decide(seen: Seen):
        at = len(seen.days) - 1
        if at < row or (at - row) % MONTH:
            return None
        return weigh(CALM, look(seen.closes[at - YEAR :]).traits[None], np.full((1, 20), 0.05))[0]

    run = run_portfolio(replace(cut, closes=filled(cut.closes)), decide, CostlyVenue(cut), first=row + 1)
    wealth = np.concatenate(([run.opening], run.wealth))
    theirs = [wealth[n * MONTH + MONTH] / wealth[n * MONTH] for n in range(1, EPISODE - 1)]
    assert np.concatenate(growth)[1 : EPISODE - 1] == pytest.approx(theirs, rel=2e-3)
    costs = 1 - np.prod(np.concatenate(growth)[1 : EPISODE - 1]) / np.prod(theirs)
    assert abs(costs) < 5e-3


def test_equal_weights_pay_nothing_but_costs_and_trading_costs(closes) -> None:
    world = Balancing(closes, 64)
    world.reset(np.random.default_rng(1))
    _, paid, done = world.step(np.zeros((64, 5)))
    assert not done.any()
    assert -0.05 < paid.max() < 0.0
    world.reset(np.random.default_rng(1))
    _, other, _ = world.step(np.tile([0.0, 2.0, 0.0, 0.0, 0.0], (64, 1)))
    assert other.std() > 10 * paid.std()
    with pytest.raises(DataError, match="too few for an episode"):
        Balancing(closes[: YEAR + EPISODE * MONTH + 1], 1)


def test_wealth_follows_shares_left_alone() -> None:
    path = np.array([[[10.0, 5.0], [20.0, 5.0], [20.0, 2.5]]])
    wealth, ends = follow(path, np.array([[0.5, 0.5]]))
    assert wealth == pytest.approx(np.array([[1.0, 1.5, 1.25]]))
    assert ends == pytest.approx(np.array([[0.8, 0.2]]))


def test_a_planted_edge_is_learned_and_its_cost_is_paid() -> None:
    """What fell last month rises in the next: the policy leans on `reversal` and earns, on days it has not seen."""
    dice, blocks = np.random.default_rng(3), 110
    drift = dice.choice([-0.004, 0.004], (blocks, 6))
    drift[1::2] = -drift[::2]
    steps = dice.normal(0, 0.004, (blocks * MONTH, 6)) + np.repeat(drift, MONTH, axis=0)
    made = 50 * np.exp(np.cumsum(steps, axis=0))
    settings = Settings(rounds=6, updates=8, horizon=24, rate=3e-3, discount=0.9, hidden=(16,))
    learner = Learner(Balancing(made[: 80 * MONTH], 32), settings, 1)
    learner.learn()
    assert judge(learner.policy(), Balancing(made[48 * MONTH :], 32), 2, 2).mean() > 20.0
    assert judge(Learner(Balancing(made, 32), settings, 2).policy(), Balancing(made, 32), 2, 2).mean() < 1.0


def test_the_shipped_policies_are_those_of_their_record_of_this_code_and_data(market, tmp_path) -> None:
    shelf = load_balancing()
    assert [date.fromisoformat(name) for name in shelf.names] == list(CUTOFFS)
    assert [len(group) for group in shelf.groups] == [len(SEEDS)] * 3
    assert shelf.about["code"] == code_hash()
    assert shelf.about["data"] == hash_arrays([market.closes])
    assert pack(shelf) == pack(unpack(pack(shelf), {})) == WEIGHTS.read_bytes()
    for name in ("balancing.npz", "balancing.json"):
        shutil.copy(WEIGHTS.with_name(name), tmp_path / name)
    (tmp_path / "balancing.npz").write_bytes(WEIGHTS.read_bytes()[:-1] + b"x")
    with pytest.raises(DataError, match=r"balancing\.npz has the hash"):
        load_shelf(tmp_path / "balancing.npz", [*OBSERVED, *TRAITS])
    with pytest.raises(DataError, match="other observations"):
        load_shelf(WEIGHTS, ["something"])


def test_one_of_them_is_learned_again_bit_for_bit(market) -> None:
    """A thirtieth of a training: the first round of the first seed, from closes up to its day alone."""
    known = market.cut(slice(0, sum(day <= CUTOFFS[0] for day in market.days)))
    short = BALANCING._replace(rounds=1)
    told = [Learner(Balancing(filled(known.closes), 64), short, 1) for _ in range(2)]
    assert told[0].learn().theta.tobytes() == told[1].learn().theta.tobytes()
    whole = filled(market.closes).copy()
    whole[len(known.days) :] *= 3.0
    poisoned = Balancing(whole[: len(known.days)], 64)
    assert Learner(poisoned, short, 1).learn().theta.tobytes() == told[0].theta[: told[0].actor.size].tobytes()


def test_the_record_tells_what_the_windows_give(market) -> None:
    """The last window is gone through again with the shipped weights, through the backtest, to the figures shown."""
    verdict, shelf = read_balanced(), load_balancing()
    runs = judge_window(market, shelf, CUTOFFS[-1], market.days[-1])
    told = verdict.windows[-1]
    assert (told.first, told.last) == (runs[LEARNED].days[0], runs[LEARNED].days[-1])
    for name in (LEARNED, *RIVALS):
        ratio = runs[name].returns.mean() / runs[name].returns.std(ddof=1) * np.sqrt(market.periods)
        assert told.sharpe[name] == pytest.approx(ratio, abs=2e-3)
    assert all(window.first > cutoff for window, cutoff in zip(verdict.windows, CUTOFFS, strict=True))
    assert all(one.last < other.first for one, other in pairwise(verdict.windows))
    lows = [lead.low for lead in verdict.together.values()]
    leads = [lead.estimate for window in verdict.windows for lead in window.against.values()]
    assert verdict.used == (min(lows) > 0 and min(leads) > 0)


def test_the_policy_does_not_see_ahead(market) -> None:
    raw, shelf, first = market.cut(slice(7200, 7700)), load_balancing(), 300

    def run(other: Market, last: int | None):
        return run_portfolio(other, follow_policy(shelf, 5), CostlyVenue(other), first=first, last=last)

    assert find_leak(run, raw, [first, 330, 404, 405, 498]) is None
    for poison in POISONS:
        other = mend_market(poison_after(raw, 404, poison, 3))
        assert run(other, 404).decided.tobytes() == run(mend_market(raw), 404).decided.tobytes()


def test_before_the_first_cutoff_and_without_a_year_it_is_even(market) -> None:
    decide = follow_policy(Shelf(load_balancing().names, load_balancing().groups, {}), 1)
    early = decide(Seen(market.days[:3000], market.closes[:3000]))
    young = decide(Seen(market.days[6000:6200], market.closes[6000:6200]))
    assert early == pytest.approx(np.full(20, 0.05))
    assert young == pytest.approx(np.full(20, 0.05))
    holed = market.closes[6000:6300].copy()
    holed[:, 3] = np.nan
    late = decide(Seen(market.days[6000:6300], holed))
    assert late is not None
    assert late[3] == 0.0
    assert late.sum() == pytest.approx(1.0)
    assert late.std() > 0.001
