"""Columns joined and grouped without a loop per row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from desk.fraud.graph import Ints

Floats = NDArray[np.float64]


def expand(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Index pairs (i, j) for every j in [low[i], high[i]); none where high is not above low."""
    counts = np.maximum(high - low, 0)
    left = np.repeat(np.arange(len(low)), counts)
    offset = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return left, np.repeat(low, counts) + offset


def group_median(groups: Ints, values: Floats, n: int) -> Floats:
    """The median of the values of each of `n` groups; 1 where a group is empty."""
    order = np.lexsort((values, groups))
    counts = np.bincount(groups, minlength=n)
    ends = np.cumsum(counts)
    begin, ordered = ends - counts, values[order]
    out = np.ones(n)
    some = counts > 0
    low, high = begin[some] + (counts[some] - 1) // 2, begin[some] + counts[some] // 2
    out[some] = (ordered[low] + ordered[high]) / 2
    return out
