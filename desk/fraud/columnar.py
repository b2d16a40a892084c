"""Columns joined and grouped without a loop per row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from desk.fraud.graph import Floats, Ints


def expand(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Index pairs (i, j) for every j in [low[i], high[i]); none where high is not above low."""
    counts = np.maximum(high - low, 0)
    left = np.repeat(np.arange(len(low)), counts)
    offset = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return left, np.repeat(low, counts) + offset


def expand_in_blocks(low: Ints, high: Ints, most: int) -> Iterator[tuple[Ints, Ints]]:
    """`expand` in parts of about `most` pairs, so that memory stays bounded; a part holds one `i` at least."""
    if not len(low):
        return
    total = np.cumsum(np.maximum(high - low, 0))
    cuts = np.searchsorted(total, np.arange(most, int(total[-1]) + most, most)) + 1
    begin = 0
    for end in np.unique(np.minimum(cuts, len(low))).tolist():
        left, right = expand(low[begin:end], high[begin:end])
        yield left + begin, right
        begin = end


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
