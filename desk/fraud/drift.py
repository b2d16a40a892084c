"""Whether what is scored still looks like what was learned from: the population stability index of each feature.

PSI = sum over bins of (now - then) ln(now / then), with shares of the rows in the training rows' deciles; below .1 is
read as stable, above .25 as shifted (Siddiqi 2006). A value that many rows share is one bin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from desk.errors import InputError
from desk.fraud.graph import Floats

BINS, SHIFTED, FLOOR, HAIR = 10, 0.25, 1e-4, 0.01
LEAST = 200
"""Rows below which nothing is said: chance alone moves the index by about (BINS - 1) / rows, .05 here."""


class Comparison(NamedTuple):
    """How many rows were compared, the index (`psi`) by feature, those that shifted (the most first).

    Without `enough` rows nothing is compared: both are empty, which says neither that it drifted nor that it did not.
    """

    rows: int
    enough: bool
    psi: dict[str, float]
    shifted: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """The training rows: by feature the upper edges of its bins but for the last, and the shares of rows in them."""

    names: tuple[str, ...]
    edges: tuple[Floats, ...]
    shares: tuple[Floats, ...]


def record(names: tuple[str, ...], features: Floats) -> Record:
    """What has to be kept of the (n, k) rows that were learned from. InputError for none, or other names."""
    if not len(features) or features.shape[1] != len(names):
        raise InputError(f"features of shape {features.shape} are no rows of {len(names)} features")
    edges = tuple(_edges(column) for column in features.T)
    shares = tuple(_shares(column, cuts) for column, cuts in zip(features.T, edges, strict=True))
    return Record(names, edges, shares)


def stability(then: Record, features: Floats) -> dict[str, float]:
    """PSI of every feature of (n, k) rows now. InputError for none, or another number of features."""
    if not len(features) or features.shape[1] != len(then.names):
        raise InputError(f"features of shape {features.shape} are no rows of {len(then.names)} features")
    found = {}
    for name, edges, before, column in zip(then.names, then.edges, then.shares, features.T, strict=True):
        now = np.maximum(_shares(column, edges), FLOOR)
        past = np.maximum(before, FLOOR)
        found[name] = float(((now - past) * np.log(now / past)).sum())
    return found


def compare(then: Record, features: Floats) -> Comparison:
    """What is scored now (n, k) against what was learned from. InputError for another number of features."""
    if len(features) < LEAST:
        return Comparison(len(features), False, {}, ())
    index = stability(then, features)
    shifted = sorted((name for name, value in index.items() if value > SHIFTED), key=lambda name: -index[name])
    return Comparison(len(features), True, index, tuple(shifted))


def _edges(column: Floats) -> Floats:
    """The deciles, each a little higher: a value that many rows share stays on one side when it moves by a hair."""
    deciles = np.quantile(column, np.arange(1, BINS) / BINS)
    found: Floats = np.unique(deciles + HAIR * column.std())
    return found


def _shares(column: Floats, edges: Floats) -> Floats:
    """Shares of the rows up to each edge, and above the last."""
    counts = np.bincount(np.searchsorted(edges, column), minlength=len(edges) + 1)
    shares: Floats = counts / len(column)
    return shares
