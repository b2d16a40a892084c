"""Moving averages that cross, over many instruments at once: the kernel in C and its readable twin.

For searches that need many runs in little time. Each instrument has cash of its own, holds a part of a unit where it
must, and pays a fee as a share of the value; a signal of one close trades at the next. Sums are of whole ticks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.errors import InputError
from desk.risk.measures import Matrix

try:
    from desk import _core
except ImportError:
    _NATIVE = False
else:
    _NATIVE = True

Ticks = NDArray[np.int64]
MOST_SLOW = 2048
MOST_TICKS = 2**40


class Crossed(NamedTuple):
    """`wealth` (n, T) at each close, and how often anything was traded."""

    wealth: Matrix
    trades: int


def cross(
    ticks: Ticks,
    fast: int,
    slow: int,
    cash: float = 100.0,
    fee: float = 0.0005,
    native: bool = _NATIVE,
    out: Matrix | None = None,
) -> Crossed:
    """All in while the mean of the last `fast` closes is above that of the last `slow`, from the first slow window on.

    `ticks` (n, T) are whole and positive. `native` False asks for the twin; both agree to 1e-12 of wealth.
    `out` (n, T), float64 and contiguous, is filled and returned by the kernel instead of a new array.
    InputError for windows, cash, a fee or ticks that make no sense.
    """
    if ticks.ndim != 2 or not ticks.size:
        raise InputError(f"ticks of shape {ticks.shape} are not one row of closes an instrument")
    if not native:
        return cross_twin(ticks, fast, slow, cash, fee)
    whole = np.ascontiguousarray(ticks, dtype=np.int64)
    wealth = np.empty(whole.shape) if out is None else out
    try:
        return Crossed(wealth, _core.cross(whole.data, wealth.data, len(whole), fast, slow, cash, fee))
    except ValueError:
        raise _nonsense(ticks, fast, slow, cash, fee) from None


def cross_twin(ticks: Ticks, fast: int, slow: int, cash: float, fee: float) -> Crossed:
    """The twin of the kernel: signals by exact running sums, wealth by products of what each bar did to it."""
    sound = 1 <= fast < slow <= MOST_SLOW and cash > 0 and 0 <= fee < 1
    if not sound or ticks.min() <= 0 or ticks.max() >= MOST_TICKS:
        raise _nonsense(ticks, fast, slow, cash, fee)
    signal = np.zeros(ticks.shape, dtype=bool)
    if ticks.shape[1] >= slow:
        sums = np.concatenate((np.zeros((len(ticks), 1), dtype=np.int64), np.cumsum(ticks, axis=1)), axis=1)
        quick, long = (sums[:, w:] - sums[:, :-w] for w in (fast, slow))
        signal[:, slow - 1 :] = quick[:, slow - fast :] * slow > long * fast
    held = np.concatenate((np.zeros((len(ticks), 1), dtype=bool), signal[:, :-1]), axis=1)
    before = np.concatenate((np.zeros((len(ticks), 1), dtype=bool), held[:, :-1]), axis=1)
    steps = np.ones(ticks.shape)
    steps[:, 1:] = np.where(before[:, 1:], ticks[:, 1:] / ticks[:, :-1], 1.0)
    steps *= np.where(held & ~before, 1.0 / (1.0 + fee), 1.0) * np.where(before & ~held, 1.0 - fee, 1.0)
    wealth = np.asarray(cash * np.cumprod(steps, axis=1), dtype=np.float64)
    return Crossed(wealth, int((held != before).sum()))


def _nonsense(ticks: Ticks, fast: int, slow: int, cash: float, fee: float) -> InputError:
    return InputError(
        f"a cross of {fast} and {slow} closes with cash {cash:g} and a fee of {fee:g} over ticks of shape "
        f"{ticks.shape} makes no sense; windows are 1 <= fast < slow <= {MOST_SLOW}, ticks from 1 to 2**40"
    )


def native_bars() -> bool:
    """Whether the C kernel is there."""
    return _NATIVE
