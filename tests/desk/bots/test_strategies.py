"""Strategies are pure and bounded; no parameter, price or mood takes them outside [-1, 1]."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.bots.bars import finished, gap
from desk.bots.sizing import size
from desk.bots.strategies import MOST_WEIGHT, STRATEGIES, Seen, Signal, get_strategy, read_parameters, weigh
from desk.errors import InputError, NotFound
from desk.instruments import AssetClass, Instrument
from desk.market.minutes import MinuteBar
from desk.orders import Side
from tests.desk.trading.fake_feed import START

UP, DOWN = list(range(1_000, 1_300)), list(range(1_300, 1_000, -1))


def wish(name: str, closes, memory=None, signals=(), **parameters):
    strategy = get_strategy(name)
    return strategy.wish(Seen(closes, signals), memory or {}, read_parameters(strategy, parameters))


@pytest.mark.parametrize("name", ["sma_cross", "momentum", "breakout"])
def test_followers_hold_what_rises_and_leave_what_falls(name) -> None:
    assert wish(name, UP).share == 1
    assert wish(name, DOWN).share == 0


def test_short_is_only_by_choice() -> None:
    assert wish("sma_cross", DOWN, short=True).share == -1
    assert wish("momentum", DOWN, short=True).share == -1


def test_reversion_buys_far_below_and_remembers_until_it_is_back() -> None:
    calm = [1_000, 1_002] * 20
    low = wish("mean_reversion", [*calm, 960])
    assert low.share == 1
    between = wish("mean_reversion", [*calm, 999], low.memory, exit=0)
    assert between.share == 1, "not back yet"
    assert wish("mean_reversion", [*calm, 1_001], low.memory).share == 0
    assert wish("mean_reversion", [*calm, 1_060]).share == 0
    assert wish("mean_reversion", [*calm, 1_060], short=True).share == -1
    assert wish("mean_reversion", [1_000] * 40).share == 0


@given(
    name=st.sampled_from(sorted(STRATEGIES)),
    closes=st.lists(st.integers(1, 10**9), min_size=210, max_size=240),
    scores=st.lists(st.tuples(st.sampled_from("abc"), st.floats(), st.floats()), max_size=9),
)
def test_every_wish_is_within_bounds_and_the_same_again(name, closes, scores) -> None:
    signals = [Signal(*score) for score in scores]
    first, second = (wish(name, closes, signals=signals) for _ in range(2))
    assert -1 <= first.share <= 1
    assert first == second


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(), st.floats()), max_size=30))
def test_no_source_moves_the_mood_by_more_than_its_cap(scores) -> None:
    influence = weigh([Signal(*score) for score in scores])
    assert all(abs(share) <= MOST_WEIGHT for share in influence.values())
    assert abs(sum(influence.values())) <= 1


def test_one_loud_source_stays_weak() -> None:
    loud = weigh([Signal("shouting", 1e9, 1e9)])
    assert loud == {"shouting": MOST_WEIGHT}
    assert weigh([]) == {}
    assert wish("sentiment_tilt", [1], signals=[Signal("a", 1, 1)], threshold=0.5).share == 0


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("sma_cross", {"fast": 20, "slow": 5}, "must be below slow"),
        ("sma_cross", {"fast": 0}, "fast"),
        ("momentum", {"lookback": "many"}, "lookback"),
        ("momentum", {"instrument": "XNAS:AAPL"}, "instrument"),
        ("sentiment_tilt", {"gain": float("nan")}, "gain"),
    ],
)
def test_wrong_parameters_are_named(name, parameters, said) -> None:
    with pytest.raises(InputError, match=said):
        read_parameters(get_strategy(name), parameters)


def test_an_unknown_strategy_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="momentum"):
        get_strategy("buy everything the tweet says")


SHARE = Instrument("X:A", "A", AssetClass.STOCK, "USD", Decimal("0.01"), lot=Decimal(10))


@given(
    share=st.floats(), most=st.integers(0, 10**12), unit=st.decimals(0, 10**7, places=4), held=st.integers(-500, 500)
)
def test_sizes_are_whole_lots_and_never_reach_beyond_the_most(share, most, unit, held) -> None:
    change = size(share, most, unit, Decimal(held * 10), SHARE)
    if change is None:
        return
    assert change.quantity > 0
    assert change.quantity % SHARE.lot == 0
    after = held * 10 + change.quantity * change.side.sign
    assert abs(after) * unit <= max(most, abs(held * 10) * unit)
    assert change.notional >= change.quantity * unit
    if change.reducing:
        assert abs(after) < abs(held * 10)


def test_a_flip_is_not_a_reduction() -> None:
    flip = size(-1.0, 1_000_00, Decimal(100), Decimal(500), SHARE)
    assert flip is not None
    assert (flip.side, flip.quantity, flip.reducing) == (Side.SELL, Decimal(1_500), False)
    smaller = size(0.0, 1_000_00, Decimal(100), Decimal(500), SHARE)
    assert smaller is not None
    assert (smaller.side, smaller.reducing) == (Side.SELL, True)


def bar(minute: int, close: int) -> MinuteBar:
    return MinuteBar(START.replace(minute=minute), close, close, close, close)


def test_only_finished_bars_count_and_minutes_are_grouped() -> None:
    bars = [bar(n, 100 + n) for n in range(8)]
    one, three = finished(bars, 1), finished(bars, 3)
    assert one is not None
    assert three is not None
    assert (one.closes[-1], one.newest.minute) == (106, 6)
    assert (three.closes, three.newest.minute) == ([102, 105], 3)
    assert finished(bars[:1], 1) is None
    assert finished([], 1) is None


def test_gaps_are_counted_within_a_session_only() -> None:
    at = START.replace(minute=0)
    assert gap(None, at, 1) == 0
    assert gap(at, at.replace(minute=1), 1) == 0
    assert gap(at, at.replace(minute=5), 1) == 4
    assert gap(at, at.replace(day=2), 1) == 0
    assert gap(at.replace(minute=9), at, 1) == 0, "the session began anew"
