"""Nothing that is registered sees ahead; what does is caught; where there is no edge nobody shows one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import replace

import numpy as np
import pytest

import desk.forecast
from desk.backtest.gate_market import GateMarketVenue
from desk.backtest.lookahead import POISONS, find_leak, poison_after, shuffle_world
from desk.backtest.market import Market, filled, mend_market, read_raw
from desk.backtest.portfolio import Seen, run_portfolio
from desk.backtest.report import tell
from desk.backtest.strategies import STRATEGIES, Strategy
from desk.backtest.venues import FreeVenue
from desk.experiments.arms import ARMS
from desk.experiments.portfolios import all_strategies, runner
from tests.desk.history_feed import history_feed
from tests.sizes import LONG

IDS = ["XNAS:AAPL", "XNYS:KO", "XNYS:XOM", "FX:GBPJPY"]
FIRST, ROWS = 620, 700
PICKED = [FIRST - 1, FIRST, FIRST + 1, 640, 661, 683, ROWS - 2]
OUTCOMES = {"build_targets"}
"""What looks ahead because it says what came: the answer a model is taught, never what it is shown."""


@pytest.fixture(scope="module")
def market(tmp_path_factory) -> Market:
    """Three stocks and a pair in yen, with holes, a jump, known volumes and what companies did."""
    raw = read_raw(history_feed(tmp_path_factory.mktemp("feed")), IDS)
    raw = raw.cut(slice(len(raw.days) - ROWS, None))
    closes, volumes = raw.closes.copy(), np.full_like(raw.closes, 1e6)
    closes[630, 0], closes[645, 1], volumes[650, 2] = np.nan, closes[645, 1] * 9, 0.0
    return replace(raw, closes=closes, volumes=volumes)


def leak_of(strategy: Strategy, market: Market, rows=PICKED, knobs=None):
    return find_leak(runner(strategy, strategy.usual if knobs is None else knobs, FIRST), market, rows)


@pytest.mark.parametrize("name", all_strategies())
def test_no_registered_strategy_sees_ahead(name, market):
    strategy = all_strategies()[name]
    assert leak_of(strategy, market, range(FIRST - 1, ROWS - 1) if LONG and name in STRATEGIES else PICKED) is None
    for knobs in strategy.sets()[:: max(1, len(strategy.sets()) // 3)]:
        assert leak_of(strategy, market, [650], knobs) is None


def measured():
    """Every public function of the forecasting room that makes one row a close."""
    for found in pkgutil.iter_modules(desk.forecast.__path__, "desk.forecast."):
        module = importlib.import_module(found.name)
        for name, made in inspect.getmembers(module, inspect.isfunction):
            given = list(inspect.signature(made).parameters.values())
            one = len(given) > 0 and given[0].name == "closes" and all(p.default is not p.empty for p in given[1:])
            if made.__module__ == found.name and one and not name.startswith("_") and name not in OUTCOMES:
                yield pytest.param(made, id=f"{found.name}.{name}")


@pytest.mark.parametrize(
    "measure", [*measured(), *(pytest.param(a.plain, id=a.name) for a in ARMS.values() if a.plain)]
)
def test_no_feature_indicator_or_forecaster_sees_ahead(measure, market):
    closes = np.ascontiguousarray(filled(market.closes)[:, 2])
    truth = parts_of(measure(closes))
    assert {len(part) for part in truth} == {closes.size}
    for row in (*range(120, ROWS - 1, 97), 504, 525, *PICKED):
        for poison in POISONS:
            other = filled(poison_after(replace(market, closes=closes[:, None].repeat(4, 1)), row, poison, 5).closes)
            again = parts_of(measure(np.ascontiguousarray(other[:, 2])))
            for one, same in zip(truth, again, strict=True):
                assert same[: row + 1].tobytes() == one[: row + 1].tobytes(), (row, poison)


def parts_of(found) -> list[np.ndarray]:
    """Every array that a measure gives, but what it says came later (`outcome`)."""
    if not isinstance(found, tuple):
        return [np.asarray(found)]
    names = getattr(found, "_fields", [""] * len(found))
    kept = [part for name, part in zip(names, found, strict=True) if name != "outcome"]
    return [array for part in kept for array in parts_of(part)]


def test_the_walk_finds_what_there_is():
    names = {param.id.rpartition(".")[2] for param in measured()}
    assert {"build_features", "buy_and_hold", "moving_average", "ridge_direction", "predict_returns"} <= names


def test_the_gate_does_not_see_ahead_either(market):
    strategy = STRATEGIES["equal_weight"]

    def run(other: Market, last: int | None):
        decide = strategy.build({"every": 5}, other)
        return run_portfolio(other, decide, GateMarketVenue(other), first=FIRST, last=last)

    assert find_leak(run, market, [640, 683]) is None


def oracle(_, market: Market):
    """Knows tomorrow."""
    table = filled(market.closes)

    def decide(seen: Seen):
        row = len(seen.days) - 1
        weights = np.zeros(table.shape[1])
        if row + 2 < len(table):
            weights[np.nanargmax(table[row + 2] / table[row + 1])] = 1.0
        return weights

    return decide


def once(_, market: Market):
    """Is honest on all days but one."""

    def decide(seen: Seen):
        row = len(seen.days) - 1
        return np.eye(4)[0] * float(row != 655 or filled(market.closes)[row + 1, 0] > filled(market.closes)[row, 0])

    return decide


def scaled(_, market: Market):
    """Measures against the mean of all prices, those to come too."""
    mean = np.nanmean(market.closes, axis=0)
    return lambda seen: (filled(seen.closes[-9:])[-1] > mean) / 4.0


def counted(_, market: Market):
    """Only knows how long history will be."""
    return lambda seen: np.full(4, 0.25 if len(seen.days) < len(market.days) - 20 else 0.0)


def exchanged(_, market: Market):
    """Knows tomorrow's rate."""
    return lambda seen: np.eye(4)[3] * float(market.rates[min(len(seen.days), len(market.days) - 1), 3] > 0.0065)


@pytest.mark.parametrize("cheat", [oracle, once, scaled, counted, exchanged])
def test_whoever_cheats_is_caught(cheat, market):
    found = leak_of(Strategy(cheat.__name__, "a cheat", {}, {}, cheat), market, range(FIRST - 1, ROWS - 1))
    assert found is not None


def test_what_the_oracle_earns_is_suspect(market):
    run = run_portfolio(mend_market(market), oracle({}, market), FreeVenue(), first=FIRST, fractional=True)
    assert tell(run, market.periods).suspect


WORLDS = 200 if LONG else 24


@pytest.mark.parametrize("name", STRATEGIES)
def test_no_strategy_has_an_edge_where_there_is_none(name, market):
    """The mean Sharpe ratio over shuffled worlds is zero within three of its errors; no cost hides an edge."""
    strategy, ratios = STRATEGIES[name], []
    for seed in range(WORLDS):
        run = runner(strategy, strategy.usual, 300, free=True)(shuffle_world(mend_market(market), seed), None)
        ratios.append(tell(run, market.periods).sharpe or 0.0)
    assert abs(np.mean(ratios)) < 3 * np.std(ratios, ddof=1) / np.sqrt(WORLDS)


def test_the_oracle_still_wins_in_shuffled_worlds(market):
    world = shuffle_world(mend_market(market), 1)
    run = run_portfolio(world, oracle({}, world), FreeVenue(), first=300, fractional=True)
    assert (tell(run, market.periods).sharpe or 0.0) > 5
