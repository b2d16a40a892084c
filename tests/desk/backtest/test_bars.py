"""The kernel and its twin against exact arithmetic, ties included; and what neither may take."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from desk.backtest.bars import MOST_TICKS, cross, native_bars
from desk.errors import InputError

if native_bars():
    from desk import _core


@pytest.fixture(params=["kernel", "twin"])
def native(request) -> bool:
    if request.param == "kernel" and not native_bars():
        pytest.skip("desk._core is absent")
    return bool(request.param == "kernel")


def exact(ticks, fast, slow, cash, fee):
    """Wealth at each close in fractions, and the trades."""
    fee, cash, units, wealth, trades, wanted = Fraction(fee), Fraction(cash), Fraction(0), [], 0, False
    prices = [Fraction(int(price)) for price in ticks]
    for t, price in enumerate(prices):
        if wanted != bool(units):
            trades += 1
            cash, units = (
                (Fraction(0), cash / (price * (1 + fee))) if wanted else (units * price * (1 - fee), Fraction(0))
            )
        wealth.append(cash + units * price)
        if t + 1 >= slow:
            wanted = sum(prices[t + 1 - fast : t + 1]) / fast > sum(prices[t + 1 - slow : t + 1]) / slow
    return wealth, trades


@pytest.mark.parametrize("seed", range(6))
def test_both_engines_are_exact_arithmetic_to_rounding(native, seed):
    dice = np.random.default_rng(seed)
    ticks = np.maximum(1, 50 + np.cumsum(dice.integers(-2, 3, (3, 260)), axis=1)).astype(np.int64)
    fast, slow = ((1, 2), (2, 5), (3, 7), (10, 30), (5, 64), (30, 200))[seed]
    found = cross(ticks, fast, slow, 1000.0, 0.0005, native=native)
    made = [exact(row, fast, slow, 1000, "0.0005") for row in ticks]
    assert found.trades == sum(trades for _, trades in made)
    assert found.wealth == pytest.approx(np.array([[float(w) for w in wealth] for wealth, _ in made]), rel=1e-12)


def test_a_tie_is_no_signal(native):
    flat = np.full((1, 100), 7, dtype=np.int64)
    assert cross(flat, 3, 9, native=native).trades == 0
    tied = np.array([[10, 10, 10, 10, 12, 8, 10, 10, 10, 10, 10, 10]] * 2, dtype=np.int64)
    wanted = exact(tied[0], 2, 4, 100, "0.0005")[1]
    assert cross(tied, 2, 4, native=native).trades == 2 * wanted > 0


def test_large_prices_do_not_drift(native):
    """A running sum in floating point would: a million huge and tiny ticks in turn end in an exact tie."""
    ticks = np.tile(np.array([MOST_TICKS - 1, 1], dtype=np.int64), 50_000)[None, :]
    assert cross(ticks, 2, 4, native=native).trades == 0


def test_short_histories_never_trade_and_one_instrument_never_touches_another(native):
    short = np.array([[5, 6, 7]], dtype=np.int64)
    assert cross(short, 2, 9, native=native).wealth.tolist() == [[100.0] * 3]
    dice = np.random.default_rng(9)
    two = dice.integers(80, 120, (2, 300)).astype(np.int64)
    both = cross(two, 4, 11, native=native)
    alone = [cross(two[n : n + 1], 4, 11, native=native) for n in (0, 1)]
    assert both.wealth == pytest.approx(np.concatenate([one.wealth for one in alone]))
    assert both.trades == sum(one.trades for one in alone)


def test_no_bar_needs_a_later_one(native):
    dice = np.random.default_rng(4)
    ticks = dice.integers(80, 120, (1, 120)).astype(np.int64)
    whole = cross(ticks, 3, 10, native=native).wealth
    for bar in range(1, 119, 7):
        poisoned = ticks.copy()
        poisoned[0, bar + 1 :] = dice.integers(1, 10**6, 119 - bar)
        assert cross(poisoned, 3, 10, native=native).wealth[0, : bar + 1].tobytes() == whole[0, : bar + 1].tobytes()


def test_nonsense_is_refused(native):
    good = np.full((1, 50), 5, dtype=np.int64)
    for fast, slow, cash, fee in ((0, 5, 1, 0), (5, 5, 1, 0), (1, 4000, 1, 0), (1, 5, 0, 0), (1, 5, 1, 1)):
        with pytest.raises(InputError, match="makes no sense"):
            cross(good, fast, slow, float(cash), float(fee), native=native)
    for bad in (good * 0, good * -1, good * MOST_TICKS, good[0], good[:, :0]):
        with pytest.raises(InputError, match=r"makes no sense|are not one row"):
            cross(bad, 2, 5, native=native)


@pytest.mark.skipif(not native_bars(), reason="desk._core is absent: build it with a C compiler")
def test_hostile_buffers_harm_nothing():
    ticks, wealth = np.full(60, 5, dtype=np.int64), np.empty(60)
    calls = [
        (ticks.data, wealth[:30].data, 1, 2, 5, 1.0, 0.0),
        (ticks.data, wealth.data, 7, 2, 5, 1.0, 0.0),
        (ticks.data, wealth.data, 0, 2, 5, 1.0, 0.0),
        (ticks.data, wealth.data, -1, 2, 5, 1.0, 0.0),
        (ticks.data, wealth.data, 1, 0, 5, 1.0, 0.0),
        (ticks.data, wealth.data, 1, 2, 2**40, 1.0, 0.0),
        (ticks.data, wealth.data, 1, -3, 5, 1.0, 0.0),
        (ticks.data, wealth.data, 1, 2, 5, float("nan"), 0.0),
        (ticks.data, wealth.data, 1, 2, 5, 1.0, float("nan")),
        (memoryview(bytearray(481))[1:], wealth.data, 1, 2, 5, 1.0, 0.0),
        (memoryview(ticks.tobytes())[:13], memoryview(bytearray(13)), 1, 2, 5, 1.0, 0.0),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="a cross takes"):
            _core.cross(*call)
    assert _core.cross(ticks.data, wealth.data, 60, 2, 5, 1.0, 0.0) == 0  # one bar each
