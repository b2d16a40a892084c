from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.errors import DataError, InputError
from desk.risk import measures
from desk.risk.scenarios import Loss, NumpyScenarios, build_kernel, native_kernel
from desk.risk.whatif import REBASE_FILLS, NormalBook, ScenarioBook, simulate

NAMES = [f"I{n}" for n in range(12)]
KERNELS = [False, True] if native_kernel() else [False]
units = st.floats(-1e6, 1e6).map(lambda u: round(u, 3))
trades = st.lists(st.tuples(st.sampled_from(range(12)), units), min_size=1, max_size=25)


def scenarios(seed: int, count: int) -> measures.Matrix:
    dice = np.random.default_rng(seed)
    return dice.standard_t(4, (count, 12)) * dice.uniform(0.1, 30, 12)


def close(found, full, scale: float):
    """1e-9 relative; what a hedge leaves of far larger parts is compared with those parts' rounding."""
    assert found == pytest.approx(full, rel=1e-9, abs=1e-12 * scale)


@pytest.mark.parametrize("native", KERNELS)
@given(st.integers(0, 99), trades, st.sampled_from([0.95, 0.99, 0.5, 0.999]), st.sampled_from([2, 9, 250, 1003]))
@settings(max_examples=60, deadline=None)
def test_a_historical_what_if_is_the_full_calculation(native, seed, traded, level, count):
    changes = scenarios(seed, count)
    book = ScenarioBook(NAMES, changes, level, build_kernel(changes, native))
    held = np.zeros(12)
    for column, quantity in traded:
        found = book.what_if(NAMES[column], quantity)
        book.fill(NAMES[column], quantity)
        held[column] += quantity
        pnl = changes @ held
        full = measures.historical_var(pnl, level), measures.historical_cvar(pnl, level)
        scale = float(np.abs(changes).max() * np.abs(held).sum() + np.abs(changes).max() * abs(quantity))
        close(found.after, full, scale)
        close(book.loss, full, scale)


@given(st.integers(0, 99), trades, st.sampled_from([0.95, 0.99]))
@settings(max_examples=60, deadline=None)
def test_a_parametric_what_if_is_the_full_calculation(seed, traded, level):
    history = scenarios(seed, 300)
    covariance, mean = np.cov(history.T), history.mean(axis=0)
    book, held = NormalBook(NAMES, covariance, mean), np.zeros(12)
    for column, quantity in traded:
        found = book.what_if(NAMES[column], quantity, level)
        book.fill(NAMES[column], quantity)
        held[column] += quantity
        deviation = measures.portfolio_deviation(held, covariance)
        full = (
            measures.parametric_var(float(mean @ held), deviation, level),
            measures.parametric_cvar(float(mean @ held), deviation, level),
        )
        scale = float(np.sqrt(np.diag(covariance)) @ np.abs(held)) + abs(quantity)
        close(found.after, full, scale)
        close(book.loss_at(level), full, scale)
        assert book.deviation == pytest.approx(deviation, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("native", KERNELS)
def test_a_monte_carlo_what_if_is_the_full_calculation_on_the_same_draws(native):
    history = scenarios(5, 400)
    draws = simulate(history.mean(axis=0), np.cov(history.T), 5_000, seed=11)
    assert np.array_equal(draws, simulate(history.mean(axis=0), np.cov(history.T), 5_000, seed=11))
    assert np.corrcoef(draws.T) == pytest.approx(np.corrcoef(history.T), abs=0.08)
    assert draws.std(axis=0) == pytest.approx(history.std(axis=0), rel=0.05)
    book = ScenarioBook(NAMES, draws, 0.99, build_kernel(draws, native))
    held = dict(zip(NAMES, np.linspace(-50, 80, 12), strict=True))
    book.hold(held)
    for name, quantity in [("I3", 40.0), ("I7", -90.5), ("I0", 0.0)]:
        after = book.what_if(name, quantity).after
        held[name] += quantity
        pnl = draws @ np.array(list(held.values()))
        close(after, (measures.historical_var(pnl), measures.historical_cvar(pnl)), 1)
        held[name] -= quantity


def test_normal_draws_give_the_parametric_loss():
    covariance = np.array([[4.0, 1.0], [1.0, 9.0]])
    draws = simulate(np.array([0.1, 0.2]), covariance, 200_000, seed=3)
    simulated, normal = ScenarioBook(["A", "B"], draws), NormalBook(["A", "B"], covariance, np.array([0.1, 0.2]))
    for book in (simulated, normal):
        book.hold({"A": 2.0, "B": -1.0})
    assert simulated.loss_at(0.99) == pytest.approx(normal.loss_at(0.99), rel=0.02)


@pytest.mark.parametrize("native", KERNELS)
def test_books_stay_exact_over_many_fills(native):
    changes, dice = scenarios(8, 500), np.random.default_rng(8)
    covariance = np.cov(changes.T)
    book = ScenarioBook(NAMES, changes, 0.95, build_kernel(changes, native))
    normal, held = NormalBook(NAMES, covariance), np.zeros(12)
    for _ in range(3 * REBASE_FILLS + 7):
        column, quantity = int(dice.integers(12)), float(dice.normal(0, 1_000))
        book.fill(NAMES[column], quantity)
        normal.fill(NAMES[column], quantity)
        held[column] += quantity
    pnl = changes @ held
    assert book.loss == pytest.approx(
        (measures.historical_var(pnl, 0.95), measures.historical_cvar(pnl, 0.95)), rel=1e-9
    )
    assert book.pnl == pytest.approx(pnl, rel=1e-9, abs=1e-6)
    assert normal.deviation == pytest.approx(measures.portfolio_deviation(held, covariance), rel=1e-9)


@pytest.mark.parametrize("native", KERNELS)
def test_what_a_giant_position_leaves_behind_is_not_its_rounding(native):
    changes = scenarios(9, 500)
    book, normal = ScenarioBook(NAMES, changes, 0.99, build_kernel(changes, native)), NormalBook(NAMES, np.eye(12))
    for kind in (book, normal):
        kind.fill("I1", 3.0)
        kind.fill("I0", 1e15)
        kind.fill("I0", -1e15)
    pnl = changes[:, 1] * 3.0
    assert book.loss == pytest.approx((measures.historical_var(pnl), measures.historical_cvar(pnl)), rel=1e-12)
    assert normal.deviation == pytest.approx(3.0, rel=1e-12)


@pytest.mark.skipif(not native_kernel(), reason="built without a C compiler: only the twin serves")
@given(st.integers(0, 30), trades, st.sampled_from([2, 8, 9, 63, 500]), st.data())
@settings(max_examples=80, deadline=None)
def test_the_kernel_and_its_twin_agree(seed, traded, count, data):
    changes = scenarios(seed, count)
    if seed % 3 == 0:
        changes = np.round(changes)  # many equal scenarios
    fast, twin = build_kernel(changes, True), NumpyScenarios(changes)
    scale = float(np.abs(changes).max()) * sum(abs(u) for _, u in traded) + 1
    for column, quantity in traded:
        tail = data.draw(st.integers(1, count))
        before = Loss(1.0, 2.0)
        ours, theirs = (kernel.what_if(column, quantity, tail, before) for kernel in (fast, twin))
        assert ours is not None
        assert theirs is not None
        assert ours.before is before
        assert ours.after.cvar >= ours.after.var - 1e-12 * scale
        assert ours.after == pytest.approx(theirs.after, rel=1e-12, abs=1e-15 * scale)
        for kernel in (fast, twin):
            kernel.fill(column, quantity)
        assert fast.loss(tail) == pytest.approx(twin.loss(tail), rel=1e-12, abs=1e-15 * scale)
    assert np.frombuffer(fast.pnl()) == pytest.approx(np.frombuffer(twin.pnl()), rel=1e-12, abs=1e-15 * scale)


@pytest.mark.parametrize("native", KERNELS)
def test_a_kernel_refuses_what_does_not_fit(native):
    kernel = build_kernel(np.ones((10, 3)), native)
    with pytest.raises(IndexError):
        kernel.what_if(3, 1.0, 1, Loss(0, 0))
    with pytest.raises(IndexError):
        kernel.fill(-1, 1.0)
    for tail in (0, 11):
        with pytest.raises(ValueError, match="tail"):
            kernel.loss(tail)
    with pytest.raises(ValueError, match="one per column"):
        kernel.hold(np.zeros(4).data)
    kernel.fill(0, math.nan)
    assert kernel.what_if(1, 1.0, 2, Loss(0, 0)) is None
    assert kernel.loss(2) is None


@pytest.mark.parametrize("native", KERNELS)
@pytest.mark.parametrize("quantity", [math.nan, math.inf, -math.inf, 1e308])
def test_a_quantity_without_a_finite_loss_is_refused(native, quantity):
    changes = scenarios(1, 50)
    book = ScenarioBook(NAMES, changes, 0.95, build_kernel(changes, native))
    with pytest.raises(InputError, match="units"):
        book.what_if("I0", quantity)
    assert book.loss == Loss(0.0, 0.0)
    if not math.isfinite(quantity):
        with pytest.raises(InputError):
            book.fill("I0", quantity)
        with pytest.raises(InputError):
            NormalBook(NAMES, np.eye(12)).what_if("I0", quantity)


def test_a_normal_book_takes_only_what_fits():
    with pytest.raises(DataError, match="does not fit"):
        NormalBook(["A"], np.eye(2))
    with pytest.raises(DataError, match="finite"):
        NormalBook(["A"], np.array([[np.inf]]))
    with pytest.raises(InputError, match="NONE"):
        NormalBook(["A"], np.eye(1)).what_if("NONE", 1)
    with pytest.raises(InputError, match="draws"):
        simulate(np.zeros(1), np.eye(1), 1, seed=1)


@given(st.lists(st.floats(-0.2, 0.2), min_size=2, max_size=200))
def test_ewma_step_by_step_is_the_whole_row(returns):
    row = np.array(returns)
    variance = returns[0] ** 2
    for latest in returns[1:]:
        variance = measures.ewma_update(variance, latest)
    assert variance == pytest.approx(measures.ewma_variance(row), rel=1e-9, abs=1e-300)
    assert measures.ewma_weights(row.size).sum() == pytest.approx(1.0)


def test_ewma_of_a_portfolio_is_the_quadratic_form():
    returns, held = scenarios(2, 300) / 100, np.linspace(-1, 1, 12)
    covariance = measures.ewma_covariance(returns)
    assert measures.portfolio_deviation(held, covariance) * math.sqrt(252) == pytest.approx(
        measures.ewma_volatility(returns @ held), rel=1e-9
    )
    with pytest.raises(InputError, match="decay"):
        measures.ewma_weights(5, 1.0)
