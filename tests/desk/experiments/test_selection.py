from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desk.errors import DataError, InputError
from desk.experiments.arms import ARMS, BASELINE, find_arm
from desk.experiments.closes import read_closes
from desk.experiments.forecasters import compare, gate_venue, run_arm
from desk.experiments.selection import select
from desk.forecast.registry import Registry
from tests.desk.history_feed import history_feed

SOURCE = np.random.default_rng(11)
BASE = SOURCE.normal(0.0004, 0.01, 2500)


def test_a_clear_winner_wins_and_noise_does_not() -> None:
    better = BASE + 0.0015 + SOURCE.normal(0, 0.002, 2500)
    noise = SOURCE.normal(0.0004, 0.01, 2500)
    found = select("base", {"base": BASE, "better": better, "noise": noise})
    assert found.winner == "better"
    assert found.trials == 2
    by_arm = {difference.arm: difference for difference in found.differences}
    assert by_arm["better"].low > 0
    assert by_arm["noise"].low < 0 < by_arm["noise"].high


def test_none_wins_when_intervals_reach_zero() -> None:
    assert select("base", {"base": BASE, "noise": SOURCE.normal(0.0006, 0.01, 2500)}).winner is None
    assert select("base", {"base": BASE, "cash": np.zeros(2500)}).winner is None


def test_more_trials_widen_every_interval() -> None:
    arms = {"base": BASE, "other": SOURCE.normal(0.0005, 0.01, 2500)}
    one, many = (select("base", arms, trials=trials).differences[0] for trials in (1, 40))
    assert many.low < one.low < one.estimate < one.high < many.high


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    source, covered = np.random.default_rng(2), 0
    for n in range(60):
        pair = {"base": source.normal(0.0005, 0.01, 756), "arm": source.normal(0.0005, 0.01, 756)}
        difference = select("base", pair, seed=n).differences[0]
        covered += difference.low <= 0 <= difference.high
    assert covered >= 52


def test_windows_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="same days"):
        select("base", {"base": BASE, "short": BASE[:-1]})
    with pytest.raises(InputError, match="at least one other"):
        select("base", {"base": BASE})
    with pytest.raises(DataError, match="too few"):
        select("base", {"base": BASE[:100], "arm": BASE[:100]})


def test_the_study_on_apple_says_none(tmp_path: Path) -> None:
    study = compare(read_closes(history_feed(tmp_path), "XNAS:AAPL"), Registry())
    assert study.selection.winner is None
    assert {failure.arm for failure in study.failures} == {
        "sentiment",
        "equal_weight",
        "rl",
    }  # neither news nor peers given
    assert set(study.runs) == set(ARMS) - {"sentiment", "equal_weight", "rl"}
    assert study.selection.trials == len(ARMS) - 1
    assert len({run.wealth.size for run in study.runs.values()}) == 1
    assert study.runs[BASELINE].measures.sharpe == pytest.approx(0.87, abs=0.05)
    assert all(run.measures.sharpe is not None and run.measures.sharpe < 1.5 for run in study.runs.values())


def test_a_year_is_as_long_as_the_market_trades(tmp_path: Path) -> None:
    feed = history_feed(tmp_path)
    assert read_closes(feed, "XNAS:AAPL").periods == 252
    bitcoin = read_closes(feed, "CRYPTO:BTCUSD", 3)
    assert bitcoin.periods == 363  # twelve days are missing in the source
    assert 1075 <= bitcoin.window <= 1100
    yen = read_closes(feed, "FX:USDJPY", 5)
    crossover = find_arm("moving-average")
    venue = gate_venue(yen, crossover)
    assert venue is not None
    assert run_arm(yen, crossover, Registry(), venue).measures.trades > 3
    assert venue.refused == 0
    assert gate_venue(yen, find_arm("equal weight")) is None


def test_what_cannot_be_studied_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="ask for fewer years"):
        read_closes(history_feed(tmp_path), "CRYPTO:SOLUSD", 10)
    with pytest.raises(InputError, match="buy_and_hold, naive, moving_average"):
        find_arm("crystal ball")
