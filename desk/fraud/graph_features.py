"""Accounts of a transaction graph as rows for `desk.fraud.boosting`: how they pay, and where they stand in it."""

from __future__ import annotations

import numpy as np

from desk.fraud.graph import DAY, Columns, Floats, Ints
from desk.fraud.measures import components, count_motifs, pagerank

NAMES = (
    *(f"{side}_{what}" for side in ("out", "in") for what in ("count", "others", "sum", "mean", "largest", "days")),
    "out_of_in",
    "both_others",
    "rank",
    "component",
    "forward",
    "rings",
    "mutual",
)
"""Columns of `graph_features`; sums and amounts as logarithms of minor units, days between first and last."""


def graph_features(columns: Columns) -> Floats:
    """The features (n, k) of every account, in the order of `columns.accounts` and `NAMES`; no account, no row.

    Ids have no part in them; amounts only through logarithms, so another unit shifts all alike.
    """
    n = len(columns.accounts)
    sides = [_side(columns, *ends, n) for ends in ((columns.source, columns.target), (columns.target, columns.source))]
    amounts = columns.minor.astype(np.float64)
    sums = [np.bincount(ends, amounts, n).astype(np.float64) for ends in (columns.source, columns.target)]
    groups, motifs = components(columns), count_motifs(columns)
    sizes = np.bincount(groups, minlength=1)[groups]
    shared = np.minimum(sides[0][1], sides[1][1])
    graph = [_share(sums[0], sums[1]), shared, pagerank(columns) * n, sizes, *motifs]
    return np.stack([*sides[0], *sides[1], *graph], axis=1).astype(np.float64)


def _side(columns: Columns, own: Ints, other: Ints, n: int) -> list[Floats]:
    """Payments of one direction: how many, with how many others, sum, mean, largest, days from first to last."""
    count = np.bincount(own, minlength=n).astype(np.float64)
    pairs = np.unique(own * n + other) // max(n, 1)
    total = np.bincount(own, columns.minor, n).astype(np.float64)
    largest, first, last = np.zeros(n), np.full(n, np.inf), np.zeros(n)
    np.maximum.at(largest, own, columns.minor)
    np.minimum.at(first, own, columns.at)
    np.maximum.at(last, own, columns.at)
    days = np.where(count > 0, (last - np.where(count > 0, first, 0)) / DAY, 0.0)
    others = np.bincount(pairs, minlength=n).astype(np.float64)
    return [count, others, np.log1p(total), np.log1p(_share(total, count)), np.log1p(largest), days]


def _share(above: Floats, below: Floats) -> Floats:
    """Above over below; 0 where there is nothing below."""
    found: Floats = np.where(below > 0, above / np.where(below > 0, below, 1.0), 0.0)
    return found
