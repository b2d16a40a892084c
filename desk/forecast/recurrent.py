"""A recurrent network (LSTM) that says the mean and deviation of the next tradable return: inference.

One layer (Hochreiter and Schmidhuber 1997; forget gate by Gers, Schmidhuber and Cummins 2000), two outputs at the last
step, a mean and a logarithm of a deviation, both in units of the quarter's deviation:

    i, f, o = squash(W x + U h + b), g = tanh(W x + U h + b);  c = f c + i g;  h = o tanh(c)

There are weights of several cut-off days, each learned from closes up to its day only (`evals.research.recurrent`); a
day is forecast by the newest ones that were cut off before it. `lstm.json` is their training record.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.errors import DataError
from desk.forecast.features import Matrix, Vector, check_closes
from desk.forecast.registry import read_model
from desk.forecast.sequences import FIRST, NAMES, STEPS, build_rows, build_windows

WEIGHTS = Path(__file__).with_name("lstm.npz")
BATCH = 512
"""Rows at a time; a part of fewer is filled up, so that a row's result does not hang on how many come after it."""


class Cell(NamedTuple):
    """Weights learned up to a day: (4h, k), (4h, h), (4h,) in the order i, f, g, o, and the head (2, h), (2,)."""

    seen: Matrix
    held: Matrix
    bias: Vector
    head: Matrix
    shift: Vector


class Network(NamedTuple):
    """One cell for each cut-off day, oldest first; `about` is the training record's own words."""

    days: tuple[date, ...]
    cells: tuple[Cell, ...]
    about: dict[str, object]


class Said(NamedTuple):
    """Mean and deviation of the log return (T,); zero before the start."""

    mean: Vector
    deviation: Vector


def predict_recurrent(closes: Vector, days: Sequence[date], start: int, network: Network) -> Said:
    """Forecasts of rows from `start` on.

    DataError when a row is not later than the first cut-off day, or has too few closes before it.
    """
    rows, scale = build_rows(check_closes(closes))
    if start < FIRST:
        raise DataError(f"{start} closes before the first forecast are too few for windows; {FIRST} are needed")
    if days[start] <= network.days[0]:
        raise DataError(
            f"the network's oldest weights were learned up to {network.days[0]}, and {days[start]} is to be forecast; "
            "ask for fewer years"
        )
    windows, mean, deviation = build_windows(rows, start), np.zeros(closes.size), np.zeros(closes.size)
    newest = np.searchsorted([day.toordinal() for day in network.days], [d.toordinal() for d in days[start:]]) - 1
    for place in np.unique(newest).tolist():
        which = np.flatnonzero(newest == place)
        said = _forward(network.cells[place], windows[which])
        mean[start + which], deviation[start + which] = said[:, 0], np.exp(said[:, 1])
    return Said(mean * scale, deviation * scale)


def load_network(path: Path = WEIGHTS) -> Network:
    """The shipped weights; DataError when missing, damaged, not those of their record, or of other features."""
    content, about = read_model(path)
    if about.get("features") != list(NAMES) or about.get("steps") != STEPS:
        raise DataError(f"{path.name} was learned from other features than sequences.py has now; run make train-lstm")
    return unpack(content, about)


def pack(network: Network) -> bytes:
    """The weights as an `.npz`."""
    parts = {"days": np.array([day.toordinal() for day in network.days])}
    for name in Cell._fields:
        parts[name] = np.stack([getattr(cell, name) for cell in network.cells]).astype(np.float32)
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **parts)
    return content.getvalue()


def unpack(content: bytes, about: dict[str, object]) -> Network:
    """The network in the bytes that `pack` made."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        parts = {name: file[name] for name in file.files}
    days = tuple(date.fromordinal(day) for day in parts["days"].tolist())
    stacks = [parts[name].astype(np.float64) for name in Cell._fields]
    return Network(days, tuple(Cell(*each) for each in zip(*stacks, strict=True)), about)


def _forward(cell: Cell, windows: NDArray[np.float64]) -> Matrix:
    """(n, 2) of windows (n, STEPS, k), `BATCH` rows at a time."""
    said = np.empty((len(windows), 2))
    for low in range(0, len(windows), BATCH):
        part = windows[low : low + BATCH]
        full = np.concatenate((part, np.zeros((BATCH - len(part), *part.shape[1:]))))
        said[low : low + BATCH] = _steps(cell, full)[: len(part)]
    return said


def _steps(cell: Cell, windows: NDArray[np.float64]) -> Matrix:
    size = cell.held.shape[1]
    h, c = np.zeros((len(windows), size)), np.zeros((len(windows), size))
    for step in range(windows.shape[1]):
        gates = windows[:, step] @ cell.seen.T + h @ cell.held.T + cell.bias
        i, f, o = (_squash(gates[:, n * size : (n + 1) * size]) for n in (0, 1, 3))
        c = f * c + i * np.tanh(gates[:, 2 * size : 3 * size])
        h = o * np.tanh(c)
    said: Matrix = h @ cell.head.T + cell.shift
    return said


def _squash(values: Matrix) -> Matrix:
    found: Matrix = 1 / (1 + np.exp(-values))
    return found
