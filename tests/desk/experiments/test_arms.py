from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from desk.backtest.engine import find_lookahead
from desk.errors import DataError
from desk.experiments.arms import ARMS, BASELINE, Arm
from desk.experiments.baskets import basket, learned_basket
from desk.experiments.closes import Closes
from desk.experiments.forecasters import compare, run_arm, sees_ahead
from desk.forecast.features import Vector
from desk.forecast.registry import Registry
from desk.market.history import History

HISTORY = History()
APPLE = HISTORY.closes(["XNAS:AAPL"])
DAYS = [day.item() for day in APPLE.days[1500:4500]]
VALUES = APPLE.closes[1500:4500, 0]
WINDOW = 1200


def given(values: Vector = VALUES) -> Closes:
    told = np.random.default_rng(3)
    moods = np.where(told.random(values.size) < 0.3, told.uniform(-1, 1, values.size), np.nan)
    peers = HISTORY.closes(["XNAS:AAPL", "XNYS:KO", "XNYS:PG"]).closes[1500:4500][-WINDOW:]
    return Closes(HISTORY.instruments.get("XNAS:AAPL"), DAYS, values, WINDOW, moods, peers)


@pytest.mark.parametrize("name", ARMS)
def test_poisoned_futures_change_no_decision_of_the_past(name: str) -> None:
    closes, models = given(), Registry()
    days = [closes.first, closes.first + 1, closes.first + 251, closes.first + 252, 2500, 2998]
    assert (
        find_lookahead(lambda values: ARMS[name].decide(replace(closes, values=values), models), VALUES, days) is None
    )


def test_poisoned_moods_and_peers_change_nothing_before() -> None:
    closes, models, day = given(), Registry(), 2500
    assert closes.moods is not None
    assert closes.peers is not None
    moods, peers, row = closes.moods.copy(), closes.peers.copy(), day - closes.first
    moods[day + 1 :] = -1.0
    peers[row + 1 :] *= 3.0
    poisoned = replace(closes, moods=moods, peers=peers)
    decide = ARMS["sentiment"].decide
    assert np.array_equal(decide(poisoned, models)[: day + 1], decide(closes, models)[: day + 1])
    assert not np.array_equal(decide(poisoned, models), decide(closes, models))
    assert np.array_equal(basket(poisoned)[: row + 1], basket(closes)[: row + 1])
    assert np.array_equal(learned_basket(poisoned)[: row + 1], learned_basket(closes)[: row + 1])
    assert not np.array_equal(learned_basket(poisoned), learned_basket(closes))


def test_an_arm_that_raises_is_named_with_its_place_and_the_others_go_on() -> None:
    def breaks(closes: Closes, _: Registry) -> Vector:
        return np.full(closes.values.size, float(closes.values[closes.values.size]))

    def wild(closes: Closes, _: Registry) -> Vector:
        return np.full(closes.values.size, np.nan)

    arms = [ARMS[BASELINE], Arm("broken", "broken", breaks), Arm("wild", "wild", wild), ARMS["momentum"]]
    study = compare(given(), Registry(), arms)
    assert set(study.runs) == {BASELINE, "momentum"}
    broken, unfit = study.failures
    assert broken.where.startswith("deciding, in breaks (test_arms.py, line ")
    assert broken.why.startswith("IndexError: index 3000 is out of bounds")
    assert unfit.where.startswith("trading, in ")
    assert study.selection.trials == 3


def test_a_cheating_arm_is_caught() -> None:
    def cheat(closes: Closes, _: Registry) -> Vector:
        return np.append(np.diff(closes.values) > 0, False).astype(np.float64)

    assert sees_ahead(given(), Arm("cheat", "cheat", cheat), Registry())
    assert not sees_ahead(given(), ARMS["xgboost"], Registry())


def test_equal_weights_are_the_mean_of_their_parts_less_costs() -> None:
    days = [date(2020, 1, 1) + timedelta(n) for n in range(300)]
    steps = np.arange(300)
    up, down = (np.asarray(100 * gain**steps, dtype=np.float64) for gain in (1.001, 0.999))
    closes = Closes(HISTORY.instruments.get("XNAS:AAPL"), days, up, 300, peers=np.column_stack([up, down]))
    wealth = basket(closes)
    assert wealth[20] == pytest.approx(500 * 1.001**20 + 500 * 0.999**20)
    free = 500 * 1.001**21 + 500 * 0.999**21
    assert wealth[21] < free
    assert wealth[21] == pytest.approx(free, rel=1e-5)
    assert run_arm(closes, ARMS["equal_weight"], Registry()).returns[1:20] == pytest.approx(
        wealth[2:21] / wealth[1:20] - 1, abs=1e-6
    )


def test_the_learned_basket_is_even_for_a_year_and_then_weighs_by_itself() -> None:
    closes = replace(given(), days=[day + timedelta(days=5_000) for day in DAYS])
    assert closes.peers is not None
    even, learned = basket(closes), learned_basket(closes)
    assert learned[:253] == pytest.approx(even[:253], rel=0.01)
    gains, moves = closes.peers[1:] / closes.peers[:-1] - 1, learned[1:] / learned[:-1] - 1
    shares = np.linalg.lstsq(gains[-15:], moves[-15:])[0]
    assert shares.sum() == pytest.approx(1.0, abs=0.05)
    assert np.abs(shares - 1 / 3).max() > 0.02
    with pytest.raises(DataError, match="the learned policy needs at least two"):
        learned_basket(replace(closes, peers=closes.peers[:, :1]))
